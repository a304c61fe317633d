import type { FeatureRows } from "./feature-rows.ts";

/** Rows in order, in blocks of up to `size`: [count, width] each, overwritten by the next block. */
export async function* featureBlocks(
  rows: FeatureRows,
  size: number,
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  const buffer = new Float32Array(Math.min(size, rows.count) * rows.width);
  for (let start = 0; start < rows.count; start += size) {
    const count = Math.min(size, rows.count - start);
    const positions = Int32Array.from({ length: count }, (_, i) => start + i);
    await rows.gather(positions, buffer);
    yield buffer.subarray(0, count * rows.width);
  }
}
