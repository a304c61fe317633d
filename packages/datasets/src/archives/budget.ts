import { unsafeArchive } from "./archive-error.ts";
import { RATIO_APPLIES_FROM, type SourceLimits } from "./limits.ts";

/** Keeps count of what one source has given so far, and stops at its limits. */
export class Budget {
  readonly file: string;
  readonly limits: SourceLimits;
  #entries = 0;
  #bytes = 0;

  constructor(file: string, limits: SourceLimits) {
    this.file = file;
    this.limits = limits;
  }

  /** Counts one more file, of a declared size where there is one. */
  admit(entry: string, size: number | undefined): void {
    this.count();
    if (size !== undefined) this.#checkEntry(entry, size);
  }

  /** Counts one more entry: of folders alone, too, an archive can hold no end. */
  count(): void {
    this.#entries++;
    if (this.#entries > this.limits.entries) {
      throw unsafeArchive(this.file, undefined, `more than ${this.limits.entries} entries`);
    }
  }

  /** Passes the content of one entry on, counting it. */
  async *entry(entry: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      this.#checkEntry(entry, bytes);
      this.#spend(entry, chunk.length);
      yield chunk;
    }
  }

  /**
   * Passes unpacked content on, counting it; `packed` tells the packed bytes read so far.
   * It is one entry's where `entry` is given, else a whole archive's.
   */
  async *unpacked(
    chunks: AsyncIterable<Buffer>,
    packed: () => number,
    entry: string | undefined,
  ): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (entry !== undefined) this.#checkEntry(entry, bytes);
      this.#spend(entry, chunk.length);
      this.checkRatio(entry, bytes, packed());
      yield chunk;
    }
  }

  checkRatio(entry: string | undefined, unpacked: number, packed: number): void {
    if (unpacked <= RATIO_APPLIES_FROM || unpacked <= packed * this.limits.ratio) return;
    throw unsafeArchive(
      this.file,
      entry,
      `content that unpacks to more than ${this.limits.ratio} times its packed size`,
    );
  }

  #spend(entry: string | undefined, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.limits.totalBytes) {
      throw unsafeArchive(this.file, entry, `more than ${this.limits.totalBytes} bytes in all`);
    }
  }

  #checkEntry(entry: string, bytes: number): void {
    if (bytes <= this.limits.entryBytes) return;
    throw unsafeArchive(this.file, entry, `a file of more than ${this.limits.entryBytes} bytes`);
  }
}
