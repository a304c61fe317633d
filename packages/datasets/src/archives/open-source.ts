import { basename } from "node:path";
import { Budget } from "./budget.ts";
import { fileEntry, folderEntries } from "./folder.ts";
import { gzipEntries } from "./gzip.ts";
import { DEFAULT_LIMITS, type SourceLimits } from "./limits.ts";
import type { SourceEntry } from "./source-entry.ts";
import { sourceKind } from "./source-kind.ts";
import { tarEntries } from "./tar.ts";
import { zipEntries } from "./zip.ts";

/**
 * The files in a folder, a .zip, a .tar, a .tar.gz or a .gz, or one plain file, told by content.
 * A folder comes sorted, an archive in its own order; nothing is written to disk.
 * A missing, damaged, hostile or oversized source is a FerBenchError naming the file and the entry.
 */
export async function* openSource(
  path: string,
  limits: Partial<SourceLimits> = {},
): AsyncGenerator<SourceEntry, void, undefined> {
  const budget = new Budget(path, { ...DEFAULT_LIMITS, ...limits });
  switch (await sourceKind(path)) {
    case "folder":
      yield* folderEntries(budget);
      break;
    case "zip":
      yield* zipEntries(budget);
      break;
    case "tar":
      yield* tarEntries(budget, false);
      break;
    case "tar.gz":
      yield* tarEntries(budget, true);
      break;
    case "gz":
      yield* gzipEntries(budget);
      break;
    case "file":
      yield await fileEntry(budget, path, basename(path));
  }
}
