import { SIDE } from "./thumbnail.ts";

/** How much two thumbnails are one picture. */
export interface Likeness {
  /** Correlation of their fine detail where they match best, at most 1. */
  readonly similarity: number;
  /** Where the second one lies on the first then, in pixels of the thumbnail. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/**
 * From here on two pictures count as one. Found by looking at FER-2013's: each of 20 pairs between 0.6 and 0.65 was one
 * photograph (recropped, recompressed, marked or lightened anew); of 20 between 0.55 and 0.6, and between 0.5 and 0.55,
 * about four were two. Mirrored ones are two photographs nearly always below 0.6, and were one in all seven pairs from
 * there to 0.65.
 */
export const SAME_PICTURE = 0.6;

/** How far a picture may have been moved, in pixels of the thumbnail: a tenth of its side. */
const MOST_SHIFT = 3;

/** Correlation of the levels themselves below which the detail is not looked at. */
const LEAST_CORRELATION = 0.75;

/** What is compared of a picture. */
export interface Compared {
  readonly thumb: Uint8Array;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Tells the likeness of two pictures, the second mirrored where asked; undefined where their levels already differ too
 * much. Faces are alike in their coarse light and shade, whoever's they are; it is fine detail that tells photographs
 * apart. The first picture's detail is kept for the next call, which is mostly of the same one.
 */
export function createLikeness(): (a: Compared, b: Compared, mirrored: boolean) => Likeness | undefined {
  let kept: { of: Compared; detail: Float32Array } | undefined;
  return (a, b, mirrored) => {
    if (correlationOfLevels(a, b, mirrored) < LEAST_CORRELATION) return undefined;
    if (kept?.of !== a) kept = { of: a, detail: detailOf(a.thumb) };
    return bestMatch(kept.detail, b, mirrored);
  };
}

function bestMatch(detail: Float32Array, b: Compared, mirrored: boolean): Likeness {
  const other = mirrored ? mirrorImage(detailOf(b.thumb)) : detailOf(b.thumb);
  let best = { mean: Number.NEGATIVE_INFINITY, shiftX: 0, shiftY: 0 };
  for (let shiftY = -MOST_SHIFT; shiftY <= MOST_SHIFT; shiftY++) {
    for (let shiftX = -MOST_SHIFT; shiftX <= MOST_SHIFT; shiftX++) {
      const mean = meanProduct(detail, other, shiftX, shiftY);
      if (mean > best.mean) best = { mean, shiftX, shiftY };
    }
  }
  const { shiftX, shiftY } = best;
  return { similarity: correlationAt(detail, other, shiftX, shiftY), shiftX, shiftY };
}

function correlationOfLevels(a: Compared, b: Compared, mirrored: boolean): number {
  let sum = 0;
  for (let row = 0; row < SIDE; row++) {
    const start = row * SIDE;
    if (mirrored) {
      const end = start + SIDE - 1;
      for (let i = 0; i < SIDE; i++) sum += a.thumb[start + i]! * b.thumb[end - i]!;
    } else {
      for (let i = start; i < start + SIDE; i++) sum += a.thumb[i]! * b.thumb[i]!;
    }
  }
  const covariance = sum / (SIDE * SIDE) - a.mean * b.mean;
  return covariance / Math.max(a.deviation * b.deviation, 1e-6);
}

/** Mean product of two details where they overlap, the second one moved. */
function meanProduct(a: Float32Array, b: Float32Array, shiftX: number, shiftY: number): number {
  let sum = 0;
  for (let y = Math.max(0, shiftY); y < SIDE + Math.min(0, shiftY); y++) {
    const rowA = y * SIDE;
    const rowB = (y - shiftY) * SIDE - shiftX;
    for (let x = Math.max(0, shiftX); x < SIDE + Math.min(0, shiftX); x++) sum += a[rowA + x]! * b[rowB + x]!;
  }
  return sum / ((SIDE - Math.abs(shiftX)) * (SIDE - Math.abs(shiftY)));
}

/** Correlation of two details where they overlap, the second one moved; about zero they lie as they are. */
function correlationAt(a: Float32Array, b: Float32Array, shiftX: number, shiftY: number): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let y = Math.max(0, shiftY); y < SIDE + Math.min(0, shiftY); y++) {
    const rowA = y * SIDE;
    const rowB = (y - shiftY) * SIDE - shiftX;
    for (let x = Math.max(0, shiftX); x < SIDE + Math.min(0, shiftX); x++) {
      const valueA = a[rowA + x]!;
      const valueB = b[rowB + x]!;
      ab += valueA * valueB;
      aa += valueA * valueA;
      bb += valueB * valueB;
    }
  }
  return ab / Math.sqrt(Math.max(aa * bb, 1e-12));
}

/** Detail is cut off at so many times its mean strength: a frame or a line of writing must not outweigh the picture. */
const CUT = 3;

/** The thumbnail less its smoothed self (twice [1 2 1] / 4 in each direction, edges repeated), cut off at both ends. */
function detailOf(thumb: Uint8Array): Float32Array {
  let smooth = new Float32Array(thumb);
  for (let pass = 0; pass < 2; pass++) smooth = smoothed(smoothed(smooth, 1, SIDE), SIDE, 1);
  let strength = 0;
  for (let i = 0; i < smooth.length; i++) {
    smooth[i] = thumb[i]! - smooth[i]!;
    strength += Math.abs(smooth[i]!) / smooth.length;
  }
  const most = CUT * strength;
  for (let i = 0; i < smooth.length; i++) smooth[i] = Math.max(-most, Math.min(most, smooth[i]!));
  return smooth;
}

function smoothed(values: Float32Array, step: number, across: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let line = 0; line < SIDE; line++) {
    for (let i = 0; i < SIDE; i++) {
      const at = line * across + i * step;
      const before = i === 0 ? at : at - step;
      const after = i === SIDE - 1 ? at : at + step;
      out[at] = (values[before]! + 2 * values[at]! + values[after]!) / 4;
    }
  }
  return out;
}

function mirrorImage(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = values[i - 2 * (i % SIDE) + SIDE - 1]!;
  return out;
}
