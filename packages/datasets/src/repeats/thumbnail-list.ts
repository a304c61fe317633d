import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { SIDE } from "./thumbnail.ts";

/** Thumbnails by number. */
export interface Thumbnails {
  readonly length: number;
  /** One of them; the next call but one may overwrite it. */
  at(index: number): Uint8Array;
}

/** Thumbnails that others are appended to. */
export interface ThumbnailList extends Thumbnails {
  append(thumb: Uint8Array): void;
  /** Removes the file. */
  close(): void;
}

const BYTES = SIDE * SIDE;
/** So many are held in memory, 64 MiB of them. */
const HELD = 65_536;
/** What goes to the file goes there in pieces of so many. */
const PIECE = 64;

/**
 * A list whose memory does not grow beyond a size, however long it gets.
 *
 * @param file where thumbnails go that are more than `held`; made when it is needed
 */
export function createThumbnailList(file: string, { held = HELD } = {}): ThumbnailList {
  const first: Uint8Array[] = [];
  const piece = Buffer.alloc(PIECE * BYTES);
  const read = [Buffer.alloc(BYTES), Buffer.alloc(BYTES)] as const;
  let turn: 0 | 1 = 0;
  let others = 0;
  let descriptor: number | undefined;
  return {
    get length() {
      return first.length + others;
    },
    append(thumb) {
      if (first.length < held) {
        first.push(thumb);
        return;
      }
      piece.set(thumb, (others % PIECE) * BYTES);
      others += 1;
      if (others % PIECE > 0) return;
      descriptor ??= openSync(file, "w+");
      writeAll(descriptor, piece, (others - PIECE) * BYTES);
    },
    at(index) {
      if (index < held) return first[index]!;
      const place = index - held;
      const unwritten = others - (others % PIECE);
      if (place >= unwritten)
        return piece.subarray((place - unwritten) * BYTES, (place - unwritten + 1) * BYTES);
      turn = turn === 0 ? 1 : 0;
      readSync(descriptor!, read[turn], 0, BYTES, place * BYTES);
      return read[turn];
    },
    close() {
      if (descriptor === undefined) return;
      closeSync(descriptor);
      rmSync(file);
      descriptor = undefined;
    },
  };
}

function writeAll(descriptor: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}
