import { closeSync, openSync, readSync } from "node:fs";
import type { PixelImage } from "@fer-bench/datasets";

const HEADER_BYTES = 20;

/**
 * A picture with numbers, as picture_stream.h reads it: five int32 (width, height, channels, count of numbers, 0), the
 * numbers as float32, the pixels; little endian.
 */
export function encodeRecord(
  { width, height, channels, data }: PixelImage,
  numbers: readonly number[] = [],
): Uint8Array {
  const header = Int32Array.of(width, height, channels, numbers.length, 0);
  return Buffer.concat([bytesOf(header), bytesOf(Float32Array.from(numbers)), data]);
}

/** The pictures of a file of such records. */
export function* readRecords(file: string): Generator<{ image: PixelImage; numbers: Float32Array }> {
  const handle = openSync(file, "r");
  try {
    const header = new Int32Array(HEADER_BYTES / 4);
    while (readSync(handle, bytesOf(header)) === HEADER_BYTES) {
      const [width, height, channels, count] = header as unknown as [number, number, 1 | 3, number];
      const numbers = new Float32Array(count);
      const data = new Uint8Array(width * height * channels);
      for (const part of [bytesOf(numbers), data]) {
        if (part.length > 0 && readSync(handle, part) !== part.length) throw new Error(`${file} is cut off`);
      }
      yield { image: { width, height, channels, data }, numbers };
    }
  } finally {
    closeSync(handle);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
