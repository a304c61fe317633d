import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { unsafeArchive } from "./archive-error.ts";
import type { Budget } from "./budget.ts";
import { safeEntryName } from "./entry-name.ts";
import { type SourceEntry, sourceEntry } from "./source-entry.ts";

/** The files below a folder, each folder's names in order of their code units; a link is refused. */
export async function* folderEntries(budget: Budget, below = ""): AsyncGenerator<SourceEntry> {
  const found = await readdir(join(budget.file, below), { withFileTypes: true });
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const item of found) {
    const path = below === "" ? item.name : `${below}/${item.name}`;
    if (item.isDirectory()) {
      budget.count();
      yield* folderEntries(budget, path);
    } else if (item.isFile()) yield await fileEntry(budget, join(budget.file, path), path);
    else
      throw unsafeArchive(budget.file, path, item.isSymbolicLink() ? "a link" : "what is not a plain file");
  }
}

/** One plain file. */
export async function fileEntry(budget: Budget, path: string, name: string): Promise<SourceEntry> {
  const entry = safeEntryName(name, budget.file);
  const { size } = await stat(path);
  budget.admit(entry, size);
  return sourceEntry(entry, size, () => budget.entry(entry, createReadStream(path)));
}
