import { findSimilarity, type Similarity } from "../align/similarity.ts";
import { PATCH_SIDE } from "./face-patch.ts";

/**
 * What a face looks like about each of its points, so that light and skin count little: for a grid of cells, how
 * strongly the levels rise in each direction, smoothed, and brought to one length (after E. Tola, V. Lepetit and P. Fua,
 * "DAISY", PAMI 32(5), 2010, and D. Lowe's SIFT, IJCV 60(2), 2004). The face is brought upright and to one size first.
 */

/** Side of the upright frame in pixels. */
export const FRAME = 64;
const DIRECTIONS = 8;
/** Cells along each side of a grid, and the distance of their centres. */
const GRID = 4;
const CELL = 6;
/** Added to the squared length: what is fainter than a few levels stays faint. */
const FAINT = 20;
/** No one cell may say more than this; the value is SIFT's. */
const MOST = 0.25;

export const DESCRIPTOR_LENGTH = GRID * GRID * DIRECTIONS;

const AREA = FRAME * FRAME;
const DIRECTION_X = Float64Array.from({ length: DIRECTIONS }, (_, k) =>
  Math.cos((2 * Math.PI * k) / DIRECTIONS),
);
const DIRECTION_Y = Float64Array.from({ length: DIRECTIONS }, (_, k) =>
  Math.sin((2 * Math.PI * k) / DIRECTIONS),
);

export interface Described {
  /** Points x DESCRIPTOR_LENGTH, and a last 1. */
  readonly features: Float32Array;
  /** From the upright frame to the patch. */
  readonly toPatch: Similarity;
}

/** Describes a patch (`cutFacePatch`) about the points of `shape`, which lie at `upright` in the upright frame. */
export function describePoints(
  levels: Float32Array,
  shape: ArrayLike<number>,
  upright: ArrayLike<number>,
): Described {
  const toPatch = findSimilarity(upright, shape);
  const rises = directionalRises(uprightLevels(levels, toPatch));
  const points = shape.length / 2;
  const features = new Float32Array(points * DESCRIPTOR_LENGTH + 1);
  const { a, b, c, d } = toPatch;
  const square = a * a + b * b;
  for (let point = 0; point < points; point++) {
    const [dx, dy] = [shape[2 * point]! - c, shape[2 * point + 1]! - d];
    const own = features.subarray(point * DESCRIPTOR_LENGTH, (point + 1) * DESCRIPTOR_LENGTH);
    describePoint(rises, (a * dx + b * dy) / square, (a * dy - b * dx) / square, own);
  }
  features[features.length - 1] = 1;
  return { features, toPatch };
}

function uprightLevels(levels: Float32Array, { a, b, c, d }: Similarity): Float32Array {
  const upright = new Float32Array(AREA);
  for (let y = 0; y < FRAME; y++) {
    for (let x = 0; x < FRAME; x++) {
      const u = clamp(a * x - b * y + c, PATCH_SIDE - 1.001);
      const v = clamp(b * x + a * y + d, PATCH_SIDE - 1.001);
      upright[y * FRAME + x] = bilinear(levels, PATCH_SIDE, 0, u, v);
    }
  }
  return upright;
}

/** DIRECTIONS planes: how much the levels rise in each direction, 0 where they fall, smoothed over a cell. */
function directionalRises(levels: Float32Array): Float32Array {
  const rises = new Float32Array(DIRECTIONS * AREA);
  for (let y = 1; y < FRAME - 1; y++) {
    for (let x = 1; x < FRAME - 1; x++) {
      const at = y * FRAME + x;
      const along = levels[at + 1]! - levels[at - 1]!;
      const down = levels[at + FRAME]! - levels[at - FRAME]!;
      for (let k = 0; k < DIRECTIONS; k++) {
        const rise = along * DIRECTION_X[k]! + down * DIRECTION_Y[k]!;
        if (rise > 0) rises[k * AREA + at] = rise;
      }
    }
  }
  const spare = new Float32Array(AREA);
  for (let k = 0; k < DIRECTIONS; k++) {
    const plane = rises.subarray(k * AREA, (k + 1) * AREA);
    // Two means in a row weigh like a tent.
    for (let pass = 0; pass < 2; pass++) {
      slidingMeans(plane, spare, 1, FRAME);
      slidingMeans(spare, plane, FRAME, 1);
    }
  }
  return rises;
}

/** Means of CELL + 1 neighbours along lines of pixels `step` apart, which begin `stride` apart; 0 beyond the ends. */
function slidingMeans(from: Float32Array, to: Float32Array, step: number, stride: number): void {
  const reach = CELL / 2;
  for (let line = 0; line < FRAME; line++) {
    const start = line * stride;
    let sum = 0;
    for (let i = 0; i < reach; i++) sum += from[start + i * step]!;
    for (let i = 0; i < FRAME; i++) {
      if (i + reach < FRAME) sum += from[start + (i + reach) * step]!;
      if (i > reach) sum -= from[start + (i - reach - 1) * step]!;
      to[start + i * step] = sum / (CELL + 1);
    }
  }
}

function describePoint(rises: Float32Array, x: number, y: number, into: Float32Array): void {
  let at = 0;
  for (let j = 0; j < GRID; j++) {
    const row = clamp(y + (j - (GRID - 1) / 2) * CELL, FRAME - 1.001);
    for (let i = 0; i < GRID; i++) {
      const column = clamp(x + (i - (GRID - 1) / 2) * CELL, FRAME - 1.001);
      for (let k = 0; k < DIRECTIONS; k++) into[at++] = bilinear(rises, FRAME, k * AREA, column, row);
    }
  }
  scaleToUnit(into, FAINT);
  for (let k = 0; k < into.length; k++) into[k] = Math.min(MOST, into[k]!);
  scaleToUnit(into, 1e-4);
}

function scaleToUnit(values: Float32Array, added: number): void {
  let squares = added;
  for (const value of values) squares += value * value;
  const scale = 1 / Math.sqrt(squares);
  for (let k = 0; k < values.length; k++) values[k]! *= scale;
}

/** Between four pixels of a square plane that begins at `offset`; both coordinates within it. */
function bilinear(plane: Float32Array, side: number, offset: number, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [tx, ty] = [x - column, y - row];
  const at = offset + row * side + column;
  const upper = (1 - tx) * plane[at]! + tx * plane[at + 1]!;
  const lower = (1 - tx) * plane[at + side]! + tx * plane[at + side + 1]!;
  return (1 - ty) * upper + ty * lower;
}

function clamp(value: number, most: number): number {
  return value < 0 ? 0 : value > most ? most : value;
}
