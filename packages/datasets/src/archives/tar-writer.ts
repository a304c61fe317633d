import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { pack } from "tar-stream";

/** Writes a .tar whose bytes depend on names and contents alone. */
export interface TarWriter {
  add(name: string, content: Buffer): Promise<void>;
  close(): Promise<void>;
  /** Gives up after an error: closes the file, which is not a whole archive then. */
  abort(): void;
}

export function createTarWriter(path: string): TarWriter {
  const archive = pack();
  const file = createWriteStream(path);
  const written = finished(file);
  written.catch(() => {}); // it is reported by add and close
  // Where the file fails, the archive and its entries do, too, and say so to nobody.
  archive.on("error", () => {});
  archive.pipe(file);
  return {
    async add(name, content) {
      if (file.errored) throw file.errored;
      archive
        .entry({ name, mode: 0o644, mtime: new Date(0), size: content.length }, content)
        .on("error", () => {});
      if (file.writableNeedDrain) await Promise.race([once(file, "drain"), written]);
    },
    async close() {
      archive.finalize();
      await written;
    },
    abort() {
      archive.destroy();
      file.destroy();
    },
  };
}
