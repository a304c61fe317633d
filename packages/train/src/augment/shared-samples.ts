import type { Faces } from "../faces.ts";

/** Chips read from disk at a time. */
const BLOCK = 1024;

/**
 * Some chips of an array in memory that threads share, [rows.length, size, size, channels], in the order of `rows`. All
 * of FER-2013's training pictures take 66 MB.
 * @param rows places in the array
 */
export async function shareFaces(
  faces: Faces,
  rows: Int32Array,
  size: number,
  channels: 1 | 3,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const length = size * size * channels;
  const shared = new Uint8Array(new SharedArrayBuffer(rows.length * length));
  const places = Array.from(rows, (row, place) => ({ row, place })).sort((a, b) => a.row - b.row);
  for (let from = 0; from < places.length; ) {
    const start = places[from]!.row;
    const block = await faces.read(start, Math.min(BLOCK, faces.count - start), channels);
    for (; from < places.length && places[from]!.row < start + BLOCK; from++) {
      const { row, place } = places[from]!;
      shared.set(block.subarray((row - start) * length, (row - start + 1) * length), place * length);
    }
  }
  return shared;
}

/** Labels as distributions, one-hot [labels.length, classes], in memory that threads share. */
export function shareLabels(labels: Int32Array, classes: number): Float32Array<SharedArrayBuffer> {
  const targets = new Float32Array(new SharedArrayBuffer(4 * labels.length * classes));
  labels.forEach((label, i) => {
    targets[i * classes + label] = 1;
  });
  return targets;
}
