import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { corruptArchive, unsafeArchive } from "./archive-error.ts";
import type { Budget } from "./budget.ts";
import { safeEntryName } from "./entry-name.ts";
import { type SourceEntry, sourceEntry } from "./source-entry.ts";

/** The files of a .zip in the order of its directory. Links and encrypted entries are refused; checksums are checked. */
export async function* zipEntries(budget: Budget): AsyncGenerator<SourceEntry> {
  const zip = await openZip(budget);
  let current: string | undefined;
  let promised = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      current = entry.fileName;
      if (current.endsWith("/")) {
        budget.count();
        continue;
      }
      // Entries may share their packed bytes, so that each by itself looks harmless.
      promised += entry.uncompressedSize;
      budget.checkRatio(current, promised, zip.fileSize);
      yield zipEntry(budget, zip, entry);
    }
  } catch (cause) {
    throw zipError(budget, current, cause);
  } finally {
    zip.close();
  }
}

function openZip(budget: Budget): Promise<ZipFile> {
  return openPromise(budget.file, { lazyEntries: true, autoClose: false }).catch((cause) => {
    throw corruptArchive(budget.file, undefined, cause);
  });
}

function zipEntry(budget: Budget, zip: ZipFile, entry: Entry): SourceEntry {
  const name = safeEntryName(entry.fileName, budget.file);
  if (isLink(entry)) throw unsafeArchive(budget.file, name, "a link");
  if (entry.isEncrypted()) throw unsafeArchive(budget.file, name, "an encrypted entry");
  budget.admit(name, entry.uncompressedSize);
  budget.checkRatio(name, entry.uncompressedSize, entry.compressedSize);
  return sourceEntry(name, entry.uncompressedSize, () => entryChunks(budget, zip, entry, name));
}

/** The Unix file type, in the upper half of the external attributes where the archive comes from Unix. */
function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}

async function* entryChunks(
  budget: Budget,
  zip: ZipFile,
  entry: Entry,
  name: string,
): AsyncGenerator<Buffer> {
  let stream: Readable | undefined;
  let sum = 0;
  try {
    stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of budget.entry(name, stream)) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (cause) {
    throw zipError(budget, name, cause);
  } finally {
    stream?.destroy();
  }
  if (sum !== entry.crc32) throw corruptArchive(budget.file, name, new Error("its CRC-32 does not match"));
}

/** yauzl itself refuses names that leave the folder; that is not damage. */
function zipError(budget: Budget, entry: string | undefined, cause: unknown) {
  const why = cause instanceof Error ? cause.message : "";
  const name = /^(?:absolute path|invalid relative path|invalid characters in fileName): (.*)$/s.exec(
    why,
  )?.[1];
  if (name !== undefined) return unsafeArchive(budget.file, name, "a path that leaves its folder");
  return corruptArchive(budget.file, entry, cause);
}
