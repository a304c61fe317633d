import { createRandom } from "@fer-bench/artifacts";

/** Side of the noise tile; a power of two, so that wrapping is a mask. */
const SIDE = 256;

/** White noise in [0, 1), the same in every run. */
const white = (() => {
  const random = createRandom("noise tile");
  return Float32Array.from({ length: SIDE * SIDE }, () => random.next());
})();

/** Smooth periodic value noise in [0, 1): lattice of unit cells, cubic blend between them. */
export function noise(x: number, y: number): number {
  const xi = Math.floor(x);
  const yi = Math.floor(y);
  const u = x - xi;
  const v = y - yi;
  const su = u * u * (3 - 2 * u);
  const sv = v * v * (3 - 2 * v);
  const x0 = xi & (SIDE - 1);
  const x1 = (xi + 1) & (SIDE - 1);
  const row0 = (yi & (SIDE - 1)) * SIDE;
  const row1 = ((yi + 1) & (SIDE - 1)) * SIDE;
  const top = white[row0 + x0]! + (white[row0 + x1]! - white[row0 + x0]!) * su;
  const bottom = white[row1 + x0]! + (white[row1 + x1]! - white[row1 + x0]!) * su;
  return top + (bottom - top) * sv;
}

/** Two octaves of `noise`, about zero: roughly -0.5 to 0.5. */
export function fractalNoise(x: number, y: number): number {
  return 0.65 * noise(x, y) + 0.35 * noise(x * 2.17 + 37.3, y * 2.17 + 11.9) - 0.5;
}
