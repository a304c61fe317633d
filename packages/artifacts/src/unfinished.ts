import { rmSync } from "node:fs";

const folders = new Set<string>();

/** Remembers what is being written, until `settled`. */
export function unfinished(path: string): void {
  folders.add(path);
}

/** It is whole, or removed. */
export function settled(path: string): void {
  folders.delete(path);
}

/** Removes all that this process has begun and not finished, for one that has to end at once. */
export function removeUnfinished(): void {
  for (const path of folders) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  folders.clear();
}
