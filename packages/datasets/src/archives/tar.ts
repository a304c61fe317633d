import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { corruptArchive, unsafeArchive } from "./archive-error.ts";
import type { Budget } from "./budget.ts";
import { safeEntryName } from "./entry-name.ts";
import { unpackedChunks } from "./gzip.ts";
import { type SourceEntry, sourceEntry } from "./source-entry.ts";

const BLOCK = 512;

/** The files of a .tar, or of a .tar.gz, in its order. Links and devices are refused. */
export async function* tarEntries(budget: Budget, packed: boolean): AsyncGenerator<SourceEntry> {
  const end = new EndOfArchive();
  const bytes = packed ? unpackedChunks(budget) : createReadStream(budget.file);
  const input = Readable.from(end.watch(bytes), { objectMode: false });
  const unpacking = extract();
  input.on("error", (cause) => unpacking.destroy(cause));
  input.pipe(unpacking);
  let current: string | undefined;
  try {
    for await (const entry of unpacking) {
      const { header } = entry;
      current = header.name;
      if (header.type === "directory") budget.count();
      else yield tarEntry(budget, entry as AsyncIterable<Buffer>, header, packed);
      entry.resume();
    }
    if (!end.reached) throw new Error("the two zero blocks that end a tar are missing");
  } catch (cause) {
    throw corruptArchive(budget.file, current, cause);
  } finally {
    input.destroy();
    unpacking.destroy();
  }
}

function tarEntry(
  budget: Budget,
  content: AsyncIterable<Buffer>,
  header: Header,
  packed: boolean,
): SourceEntry {
  const name = safeEntryName(header.name, budget.file);
  if (header.type === "symlink" || header.type === "link") throw unsafeArchive(budget.file, name, "a link");
  if (header.type !== "file" && header.type !== "contiguous-file") {
    throw unsafeArchive(budget.file, name, `an entry of type ${header.type}`);
  }
  budget.admit(name, header.size);
  return sourceEntry(name, header.size, () => entryChunks(budget, name, content, packed));
}

async function* entryChunks(
  budget: Budget,
  name: string,
  content: AsyncIterable<Buffer>,
  packed: boolean,
): AsyncGenerator<Buffer> {
  try {
    yield* packed ? content : budget.entry(name, content); // what was unpacked is counted already
  } catch (cause) {
    throw corruptArchive(budget.file, name, cause);
  }
}

/** Remembers whether the last block that went by was zero, as the end of a tar is (POSIX.1 pax). */
class EndOfArchive {
  #zeros = 0;

  get reached(): boolean {
    return this.#zeros >= 2 * BLOCK;
  }

  async *watch(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      let at = chunk.length;
      const stop = Math.max(0, chunk.length - 2 * BLOCK);
      while (at > stop && chunk[at - 1] === 0) at--;
      const trailing = chunk.length - at;
      this.#zeros = trailing === chunk.length ? this.#zeros + trailing : trailing;
      yield chunk;
    }
  }
}
