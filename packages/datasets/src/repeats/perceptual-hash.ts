import { contrastOf, SIDE } from "./thumbnail.ts";

/*
 * A hash of 64 bits that is nearly the same for nearly the same pictures: each bit says whether one of the lowest
 * frequencies of the discrete cosine transform is stronger than in half of the set's pictures. (The usual hash compares
 * with the picture's own median; among pictures that are all faces, most of its bits say "a face".)
 *
 * 32 bits are of frequencies that are even in x, 32 of odd ones. A picture's mirror image has the same even
 * coefficients, and the odd ones negated; these are compared with zero, so its hash is the same but for inverted odd
 * bits, and one comparison finds both.
 */

const BITS = 32;
/** Frequencies are taken from the lowest ones up, of this many in each direction. */
const LIMIT = 12;

const frequencies = Array.from({ length: LIMIT * LIMIT }, (_, i) => ({
  y: Math.floor(i / LIMIT),
  x: i % LIMIT,
}))
  .slice(1)
  .sort((a, b) => a.y + a.x - (b.y + b.x) || a.y - b.y);

/** The even ones first. */
const CHOSEN = [0, 1].flatMap((parity) => frequencies.filter(({ x }) => x % 2 === parity).slice(0, BITS));

/** Side of what is transformed: the thumbnail at half its size, which has these frequencies, too. */
const HALF = SIDE / 2;

/** cos(pi (2 i + 1) k / 2n) at [k * HALF + i]: the type-II transform. */
const COSINES = Float32Array.from({ length: LIMIT * HALF }, (_, at) => {
  const k = Math.floor(at / HALF);
  return Math.cos((Math.PI * (2 * (at % HALF) + 1) * k) / (2 * HALF));
});

/** The coefficients that the bits are of, 32 even ones and 32 odd ones, for the picture at mean 0 and deviation 1. */
export function coefficients(thumb: Uint8Array): Float32Array {
  const { mean, deviation } = contrastOf(thumb);
  const small = new Float32Array(HALF * HALF);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) small[(y >> 1) * HALF + (x >> 1)]! += thumb[y * SIDE + x]! / 4;
  }
  const ofRows = new Float32Array(LIMIT * HALF);
  for (let x = 0; x < LIMIT; x++) {
    for (let row = 0; row < HALF; row++) {
      let sum = 0;
      for (let i = 0; i < HALF; i++) sum += (small[row * HALF + i]! - mean) * COSINES[x * HALF + i]!;
      ofRows[x * HALF + row] = sum;
    }
  }
  const scale = 1 / Math.max(deviation, 1e-3);
  const out = new Float32Array(CHOSEN.length);
  for (let k = 0; k < CHOSEN.length; k++) {
    const { y, x } = CHOSEN[k]!;
    let sum = 0;
    for (let row = 0; row < HALF; row++) sum += ofRows[x * HALF + row]! * COSINES[y * HALF + row]!;
    out[k] = sum * scale;
  }
  return out;
}

/** So many pictures tell what is usual in a set. */
const USUAL = 65_536;

/** Hashes by picture, the 32 even bits and the 32 odd bits apart. */
export interface Hashes {
  readonly even: Int32Array;
  readonly odd: Int32Array;
}

/** The hashes of pictures, given the coefficients of each. What is usual is that of the first `USUAL`, or of all. */
export function hashesOf(count: number, coefficientsOf: (index: number) => Float32Array): Hashes {
  const usual = Array.from({ length: Math.min(count, USUAL) }, (_, i) => coefficientsOf(i));
  const thresholds = Float32Array.from({ length: BITS }, (_, bit) =>
    median(Float32Array.from(usual, (of) => of[bit]!)),
  );
  const even = new Int32Array(count);
  const odd = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const of = usual[i] ?? coefficientsOf(i);
    for (let bit = 0; bit < BITS; bit++) {
      if (of[bit]! > thresholds[bit]!) even[i]! |= 1 << bit;
      if (of[BITS + bit]! > 0) odd[i]! |= 1 << bit;
    }
  }
  return { even, odd };
}

function median(values: Float32Array): number {
  return values.sort()[values.length >> 1] ?? 0;
}

/** Bits that are set. */
export function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Calls `found` with every pair a < b whose hashes differ in at most `radius` bits, as they are or one mirrored. */
export function pairsWithin(
  { even, odd }: Hashes,
  radius: number,
  found: (a: number, b: number, mirrored: boolean) => void,
  onRow: (row: number) => void = () => {},
): void {
  for (let a = 0; a < even.length; a++) {
    const evenA = even[a]!;
    const oddA = odd[a]!;
    for (let b = a + 1; b < even.length; b++) {
      const same = countBits(evenA ^ even[b]!);
      if (same > radius) continue;
      const differing = countBits(oddA ^ odd[b]!);
      if (same + differing <= radius) found(a, b, false);
      if (same + BITS - differing <= radius) found(a, b, true);
    }
    onRow(a);
  }
}
