import { createRandom, shuffle } from "@fer-bench/artifacts";
import { PIXELS, SIDE } from "./facts.ts";
import { differingBits, perceptualHash } from "./perceptual-hash.ts";

/** Random projections kept of each face. */
export const PROJECTIONS = 8;
/** Units of `mean`, `deviation` (grey levels) and `detail` in the columns. */
export const LEVEL = 1 / 256;
export const DETAIL = 1 / 32;

/** What is kept of N faces of 48x48 grey pixels: enough to know them again, not to see them. */
export interface Fingerprints {
  /** [N, 2]: the first 8 bytes of pixelSha256, as two words. */
  readonly checksum: Uint32Array;
  /** [N, 2]: perceptualHash. */
  readonly hash: Uint32Array;
  /** [N, PROJECTIONS]: sums of the pixels under fixed balanced random signs. */
  readonly projection: Int16Array;
  /** [N]: mean, in units of LEVEL. */
  readonly mean: Uint16Array;
  /** [N]: standard deviation, in units of LEVEL. */
  readonly deviation: Uint16Array;
  /** [N]: root mean square of the Laplacian (4-neighbour), in units of DETAIL. */
  readonly detail: Uint16Array;
}

export function emptyFingerprints(count: number): Fingerprints {
  return {
    checksum: new Uint32Array(2 * count),
    hash: new Uint32Array(2 * count),
    projection: new Int16Array(PROJECTIONS * count),
    mean: new Uint16Array(count),
    deviation: new Uint16Array(count),
    detail: new Uint16Array(count),
  };
}

/** The fingerprints of faces order[0], order[1] ... */
export function permuted(prints: Fingerprints, order: readonly number[]): Fingerprints {
  const result = emptyFingerprints(order.length);
  for (const [to, from] of order.entries()) {
    for (const name of Object.keys(result) as (keyof Fingerprints)[]) {
      const width = result[name].length / order.length;
      result[name].set(prints[name].subarray(from * width, (from + 1) * width), to * width);
    }
  }
  return result;
}

/** PROJECTIONS x 2304 signs, half of each row's plus: what they sum to has nothing of the mean in it. */
const SIGNS = projectionSigns();

function projectionSigns(): Int8Array {
  const signs = new Int8Array(PROJECTIONS * PIXELS);
  const random = createRandom("fer2013-fingerprint-projections");
  for (let k = 0; k < PROJECTIONS; k++) {
    const row = signs.subarray(k * PIXELS, (k + 1) * PIXELS);
    row.fill(-1).fill(1, 0, PIXELS / 2);
    shuffle(row, random);
  }
  return signs;
}

/** Enters a face's fingerprint at `index`; `sha256` is its pixelSha256 in hexadecimal. */
export function enterFingerprint(into: Fingerprints, index: number, face: Uint8Array, sha256: string): void {
  enterChecksum(into, index, sha256);
  perceptualHash(face, into.hash, 2 * index);
  enterProjections(into, index, face);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < PIXELS; i++) {
    sum += face[i]!;
    squares += face[i]! ** 2;
  }
  const mean = sum / PIXELS;
  into.mean[index] = Math.round(mean / LEVEL);
  into.deviation[index] = Math.round(Math.sqrt(Math.max(0, squares / PIXELS - mean * mean)) / LEVEL);
  into.detail[index] = Math.round(laplacian(face) / DETAIL);
}

export function enterChecksum(into: Fingerprints, index: number, sha256: string): void {
  into.checksum[2 * index] = Number.parseInt(sha256.slice(0, 8), 16);
  into.checksum[2 * index + 1] = Number.parseInt(sha256.slice(8, 16), 16);
}

function enterProjections(into: Fingerprints, index: number, face: Uint8Array): void {
  for (let k = 0; k < PROJECTIONS; k++) {
    let sum = 0;
    for (let i = 0, at = k * PIXELS; i < PIXELS; i++) sum += SIGNS[at + i]! * face[i]!;
    into.projection[PROJECTIONS * index + k] = Math.max(-32768, Math.min(32767, sum));
  }
}

/** Root mean square of 4 f(x, y) - f(x +- 1, y) - f(x, y +- 1) over the inner pixels: the finest detail. */
function laplacian(face: Uint8Array): number {
  let squares = 0;
  for (let y = 1; y < SIDE - 1; y++) {
    for (let x = 1; x < SIDE - 1; x++) {
      const i = y * SIDE + x;
      const value = 4 * face[i]! - face[i - 1]! - face[i + 1]! - face[i - SIDE]! - face[i + SIDE]!;
      squares += value * value;
    }
  }
  return Math.sqrt(squares) / (SIDE - 2);
}

/** Bits of the perceptual hash that differ, 0..64. */
export function hashDistance(a: Fingerprints, i: number, b: Fingerprints, j: number): number {
  return (
    differingBits(a.hash[2 * i]!, b.hash[2 * j]!) + differingBits(a.hash[2 * i + 1]!, b.hash[2 * j + 1]!)
  );
}

/**
 * Estimated mean squared difference of two faces' pixels, in squared grey levels: the means' difference squared,
 * plus the projections' part. For balanced random signs s over n pixels, E (s.d)^2 = n/(n-1) sum (d - mean d)^2
 * exactly; of one pair, 8 projections leave a standard error of half the estimate (a quarter of its root). Over many
 * pairs it averages out where differences are as various as JPEG's (README: within 1%); the signs being the same
 * for all, smooth differences, as between two persons, stay off by some 20%. It is 0 for equal faces.
 */
export function squaredDistance(a: Fingerprints, i: number, b: Fingerprints, j: number): number {
  let squares = 0;
  for (let k = 0; k < PROJECTIONS; k++) {
    const difference = a.projection[PROJECTIONS * i + k]! - b.projection[PROJECTIONS * j + k]!;
    squares += difference * difference;
  }
  const mean = (a.mean[i]! - b.mean[j]!) * LEVEL;
  return mean * mean + ((squares / PROJECTIONS) * (PIXELS - 1)) / (PIXELS * PIXELS);
}
