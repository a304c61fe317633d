import { PIXELS, SIDE } from "./facts.ts";

const FREQUENCIES = 8;

/**
 * cos(pi (2x + 1) u / 96) for u = 1..8, scaled to whole numbers: every sum below is exact in doubles
 * (at most 2304 * 4096^2 * 48^2 < 2^53), so that the hash is the same on every machine.
 */
const BASIS = Array.from({ length: FREQUENCIES }, (_, u) =>
  Int32Array.from({ length: SIDE }, (_, x) =>
    Math.round(4096 * Math.cos((Math.PI * (2 * x + 1) * (u + 1)) / (2 * SIDE))),
  ),
);

const ranks = new Int32Array(PIXELS);
const columns = new Float64Array(FREQUENCIES * SIDE);
const coefficients = new Float64Array(FREQUENCIES * FREQUENCIES);

/**
 * 64 bits of a 48x48 grey face: which of the DCT-II's coefficients 1..8 x 1..8 exceed their median (as in pHash),
 * of the pixels' ranks instead of their values. A change of grey values that keeps their order, as histogram
 * equalisation, gamma and contrast do, changes next to nothing. Writes two 32-bit halves into out[at], out[at + 1].
 */
export function perceptualHash(face: Uint8Array, out: Uint32Array, at: number): void {
  rankPixels(face);
  for (let u = 0; u < FREQUENCIES; u++) {
    const basis = BASIS[u]!;
    for (let y = 0; y < SIDE; y++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += basis[x]! * ranks[y * SIDE + x]!;
      columns[u * SIDE + y] = sum;
    }
  }
  for (let u = 0; u < FREQUENCIES; u++) {
    for (let v = 0; v < FREQUENCIES; v++) {
      const basis = BASIS[v]!;
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += basis[y]! * columns[u * SIDE + y]!;
      coefficients[u * FREQUENCIES + v] = sum;
    }
  }
  const sorted = Float64Array.from(coefficients).sort();
  const median = (sorted[31]! + sorted[32]!) / 2;
  for (let half = 0; half < 2; half++) {
    let bits = 0;
    for (let i = 0; i < 32; i++) if (coefficients[32 * half + i]! > median) bits |= 1 << i;
    out[at + half] = bits;
  }
}

/** Twice the mean rank of each pixel's value, less the mean over all pixels; equal values share a rank. */
function rankPixels(face: Uint8Array): void {
  const counts = new Int32Array(256);
  for (let i = 0; i < PIXELS; i++) counts[face[i]!]!++;
  let below = 0;
  const rankOf = new Int32Array(256);
  for (let value = 0; value < 256; value++) {
    rankOf[value] = 2 * below + counts[value]! - PIXELS;
    below += counts[value]!;
  }
  for (let i = 0; i < PIXELS; i++) ranks[i] = rankOf[face[i]!]!;
}

/** Bits that differ between two 32-bit words. */
export function differingBits(a: number, b: number): number {
  let x = a ^ b;
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
