import { Readable } from "node:stream";

/** One file of a source. Read it before asking for the next: a tar passes by only once. */
export interface SourceEntry {
  /** Path inside the source, with `/` between its parts; a plain file's own name. */
  readonly name: string;
  /** Unpacked bytes, where the source says so. */
  readonly size: number | undefined;
  /** The content as a stream; a damaged archive is a FerBenchError on the stream. */
  open(): Promise<Readable>;
  /** The whole content; for small files. */
  bytes(): Promise<Buffer>;
}

/** An entry over a function that yields its content's chunks. */
export function sourceEntry(
  name: string,
  size: number | undefined,
  chunks: () => AsyncIterable<Buffer>,
): SourceEntry {
  return {
    name,
    size,
    open: async () => Readable.from(chunks(), { objectMode: false }),
    async bytes() {
      const parts: Buffer[] = [];
      for await (const chunk of chunks()) parts.push(chunk);
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
  };
}
