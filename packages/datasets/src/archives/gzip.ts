import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createGunzip } from "node:zlib";
import { corruptArchive } from "./archive-error.ts";
import type { Budget } from "./budget.ts";
import { type SourceEntry, sourceEntry } from "./source-entry.ts";

/** The one file in a .gz, named as the archive is without its ending. */
export async function* gzipEntries(budget: Budget): AsyncGenerator<SourceEntry> {
  const name = basename(budget.file).replace(/\.gz$/i, "");
  budget.admit(name, undefined);
  yield sourceEntry(name, undefined, () => unpackedChunks(budget, name));
}

/** The unpacked content of a gzip file: one entry's where `entry` is given, else an archive's. */
export async function* unpackedChunks(budget: Budget, entry?: string): AsyncGenerator<Buffer> {
  const input = createReadStream(budget.file, { highWaterMark: 256 * 1024 });
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  input.on("error", (cause) => gunzip.destroy(cause));
  input.pipe(gunzip);
  try {
    yield* budget.unpacked(gunzip, () => gunzip.bytesWritten, entry);
  } catch (cause) {
    throw corruptArchive(budget.file, entry, cause);
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}
