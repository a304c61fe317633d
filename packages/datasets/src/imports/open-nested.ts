import { stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { openSource } from "../archives/open-source.ts";
import { type SourceEntry, sourceEntry } from "../archives/source-entry.ts";

const ARCHIVE = /\.(?:zip|tar|tgz|tar\.gz)$/i;

/**
 * As `openSource`, but the archives that lie in a folder are opened too, as if they had been unpacked where they lie:
 * the way in which several data sets are handed out. What file managers leave behind is passed over.
 */
export async function* openNested(source: string): AsyncGenerator<SourceEntry, void, undefined> {
  const isFolder = (await stat(source).catch(() => undefined))?.isDirectory() === true;
  for await (const entry of openSource(source)) {
    if (isLitter(entry.name)) continue;
    if (!isFolder || !ARCHIVE.test(entry.name)) {
      yield entry;
      continue;
    }
    for await (const inner of openSource(join(source, entry.name))) {
      if (isLitter(inner.name)) continue;
      const name = posix.join(posix.dirname(entry.name), inner.name);
      yield sourceEntry(name, inner.size, async function* () {
        yield* (await inner.open()) as AsyncIterable<Buffer>;
      });
    }
  }
}

/** What file managers leave behind. */
export function isLitter(name: string): boolean {
  return name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
}
