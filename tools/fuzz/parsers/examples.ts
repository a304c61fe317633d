import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export function repositoryFile(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

export function jsonExample(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value, undefined, 2));
}

/** The files that `write` names once it has written them into a folder. */
export async function fromFolder(
  write: (folder: string) => Promise<readonly string[]>,
): Promise<readonly Uint8Array[]> {
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-fuzz-examples-"));
  try {
    const names = await write(folder);
    return await Promise.all(names.map((name) => readFile(join(folder, name))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads all that an asynchronous iterable gives; gives how much that was. */
export async function drain(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}
