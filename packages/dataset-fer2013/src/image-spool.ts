import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** Keeps the encoded images of a source in one temporary file, for reading in another order. */
export class ImageSpool {
  readonly #path: string;
  readonly #ends: number[] = [0];
  readonly #output;
  readonly #written;
  #input: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#output = createWriteStream(path, { highWaterMark: 2 ** 20 });
    this.#written = finished(this.#output);
    this.#written.catch(() => {}); // it is thrown by append and endWriting
  }

  /** Images appended so far are 0, 1, 2 ... */
  async append(image: Buffer): Promise<void> {
    this.#ends.push(this.#ends.at(-1)! + image.length);
    if (this.#output.errored) throw this.#output.errored;
    if (this.#output.write(image)) return;
    await Promise.race([once(this.#output, "drain"), this.#written]);
  }

  async endWriting(): Promise<void> {
    this.#output.end();
    await this.#written;
    this.#input = await open(this.#path);
  }

  /** Image `index`, once writing has ended. */
  async read(index: number): Promise<Buffer> {
    const start = this.#ends[index]!;
    const bytes = Buffer.alloc(this.#ends[index + 1]! - start);
    await this.#input!.read(bytes, 0, bytes.length, start);
    return bytes;
  }

  async close(): Promise<void> {
    this.#output.destroy();
    await this.#input?.close();
  }
}
