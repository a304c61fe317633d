/** The detector's search in plain loops, written from dlib's headers: what the kernels are compared with. */
import type { PixelImage } from "@fer-bench/datasets";
import { columnPlan } from "./column-plan.ts";
import type { FaceFilters } from "./face-filters.ts";
import { enlargedSize, pyramidLevels, type Size } from "./pyramid.ts";
import type { Answer, Search } from "./search.ts";
import { CELL_SIZE, CELLS_BEFORE, cellsOf, FILTER_SIDE } from "./window.ts";

export const PLANES = 31;

/** Features of a level's inner cells: planes x rows x columns. */
export interface FeaturePlanes {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export function plainSearch(filters: FaceFilters): Search {
  return (image, { upsamplings, firstLevel, threshold }) => {
    let level = image;
    for (let i = 0; i < upsamplings; i++) level = plainResize(level, enlargedSize(level));
    return pyramidLevels(level, filters.smallestLevel).flatMap((size, i) => {
      if (i > 0) level = plainResize(level, size);
      if (i < firstLevel) return [];
      return answersOf(plainFeatures(level), filters, threshold, i);
    });
  };
}

/** dlib's bilinear resize_image: grey is rounded in single precision, colour and the last columns are cut off. */
export function plainResize(image: PixelImage, to: Size): PixelImage {
  const { width, height, channels, data } = image;
  const out = new Uint8Array(to.width * to.height * channels);
  const plan = columnPlan(width, to.width);
  const step = (height - 1) / Math.max(to.height - 1, 1);
  let y = -step;
  for (let row = 0; row < to.height; row++) {
    y += step;
    const top = Math.floor(y);
    const bottom = Math.min(top + 1, height - 1);
    for (let i = 0; i < to.width * channels; i++) {
      const column = Math.floor(i / channels);
      const left = plan.left[column]! * channels + (i % channels);
      const right = plan.right[column]! * channels + (i % channels);
      const [above, below] = [top * width * channels, bottom * width * channels];
      const interpolate = column < plan.grouped ? single : channels === 1 ? mixed : double;
      const value = interpolate(
        data[above + left]!,
        data[above + right]!,
        data[below + left]!,
        data[below + right]!,
        plan.share[column]!,
        y - top,
      );
      out[row * to.width * channels + i] = value + (channels === 1 && column < plan.grouped ? 0.5 : 0);
    }
  }
  return { width: to.width, height: to.height, channels, data: out };
}

const { fround } = Math;
type Interpolation = (a: number, b: number, c: number, d: number, across: number, down: number) => number;

const single: Interpolation = (a, b, c, d, across, down) => {
  const [toTop, toBottom, toLeft] = [fround(1 - down), fround(down), fround(1 - across)];
  let value = fround(fround(toTop * toLeft) * a);
  value = fround(value + fround(fround(toTop * across) * b));
  value = fround(value + fround(fround(toBottom * toLeft) * c));
  return fround(value + fround(fround(toBottom * across) * d));
};

const mixed: Interpolation = (a, b, c, d, across, down) => {
  const right = fround(across);
  const left = fround(1 - right);
  const above = fround(fround(left * a) + fround(right * b));
  const below = fround(fround(left * c) + fround(right * d));
  return fround((1 - down) * above + down * below);
};

const double: Interpolation = (a, b, c, d, across, down) => {
  return (1 - down) * ((1 - across) * a + across * b) + down * ((1 - across) * c + across * d);
};

/** Directions as dlib has them: every 20 degrees, to four places. */
const DIRECTIONS = [
  [1.0, 0.0],
  [0.9397, 0.342],
  [0.766, 0.6428],
  [0.5, 0.866],
  [0.1736, 0.9848],
  [-0.1736, 0.9848],
  [-0.5, 0.866],
  [-0.766, 0.6428],
  [-0.9397, 0.342],
].map(([x, y]) => [fround(x!), fround(y!)] as const);

/** The one of 18 directions that a gradient is nearest to; the first of equals. */
export function plainOrientation(across: number, down: number): number {
  let best = 0;
  let nearest = 0;
  for (let direction = 0; direction < 9; direction++) {
    const [x, y] = DIRECTIONS[direction]!;
    const dot = fround(fround(across * x) + fround(down * y));
    if (Math.abs(dot) <= best) continue;
    best = Math.abs(dot);
    nearest = dot > 0 ? direction : direction + 9;
  }
  return nearest;
}

export function plainFeatures({ width, height, channels, data }: PixelImage): FeaturePlanes {
  const [wide, high] = [cellsOf(width), cellsOf(height)];
  if (wide < 3 || high < 3) return { rows: 0, columns: 0, data: new Float32Array() };
  const histogram = new Float32Array((high + 2) * (wide + 2) * 18);
  const [right, bottom] = [Math.min(wide * CELL_SIZE, width) - 1, Math.min(high * CELL_SIZE, height) - 1];
  // dlib takes eight columns at a time, and of equally strong channels the last; in the columns left over, the first.
  const firstAlone = 1 + 8 * Math.floor((right - 1) / 8);
  for (let y = 1; y < bottom; y++) {
    for (let x = 1; x < right; x++) {
      let across = 0;
      let down = 0;
      let squared = -1;
      for (let channel = 0; channel < channels; channel++) {
        const at = (y * width + x) * channels + channel;
        const dx = data[at + channels]! - data[at - channels]!;
        const dy = data[at + width * channels]! - data[at - width * channels]!;
        const length = dx * dx + dy * dy;
        if (length < squared || (length === squared && x >= firstAlone)) continue;
        across = dx;
        down = dy;
        squared = length;
      }
      share(histogram, wide + 2, x, y, plainOrientation(across, down), Math.sqrt(squared));
    }
  }
  return normalised(histogram, wide, high);
}

/** Bilinear: the four cells around the pixel. The histogram has a border of one cell. */
function share(
  histogram: Float32Array,
  stride: number,
  x: number,
  y: number,
  bin: number,
  length: number,
): void {
  const [column, row] = [(x + 0.5) / CELL_SIZE + 0.5, (y + 0.5) / CELL_SIZE + 0.5];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [toRight, toBottom] = [column - left, row - top];
  const cell = (r: number, c: number): number => (r * stride + c) * 18 + bin;
  histogram[cell(top, left)]! += (1 - toBottom) * (1 - toRight) * length;
  histogram[cell(top, left + 1)]! += (1 - toBottom) * toRight * length;
  histogram[cell(top + 1, left)]! += toBottom * (1 - toRight) * length;
  histogram[cell(top + 1, left + 1)]! += toBottom * toRight * length;
}

function normalised(histogram: Float32Array, wide: number, high: number): FeaturePlanes {
  const [rows, columns] = [high - 2, wide - 2];
  const data = new Float32Array(PLANES * rows * columns);
  const start = (row: number, column: number): number => ((row + 1) * (wide + 2) + column + 1) * 18;
  const energies = new Float32Array(wide * high);
  for (let i = 0; i < energies.length; i++) {
    const bins = start(Math.floor(i / wide), i % wide);
    for (let bin = bins; bin < bins + 9; bin++) energies[i]! += (histogram[bin]! + histogram[bin + 9]!) ** 2;
  }
  /** Of four cells, the upper left one given. */
  const limitOf = (row: number, column: number): number => {
    const i = row * wide + column;
    const sum = energies[i]! + energies[i + 1]! + energies[i + wide]! + energies[i + wide + 1]!;
    return 0.2 * Math.sqrt(sum + 0.0001);
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const bins = start(row + 1, column + 1);
      const out = row * columns + column;
      for (let square = 0; square < 4; square++) {
        const limit = limitOf(square % 2 === 0 ? row + 1 : row, square < 2 ? column + 1 : column);
        let texture = 0;
        for (let bin = 0; bin < 18; bin++) {
          const clipped = (Math.min(histogram[bins + bin]!, limit) * 0.1) / limit;
          data[bin * rows * columns + out]! += clipped;
          texture += clipped;
        }
        for (let bin = 0; bin < 9; bin++) {
          const sum = histogram[bins + bin]! + histogram[bins + bin + 9]!;
          data[(18 + bin) * rows * columns + out]! += (Math.min(sum, limit) * 0.1) / limit;
        }
        data[(27 + square) * rows * columns + out] = 2 * 0.2357 * texture;
      }
    }
  }
  return { rows, columns, data };
}

function answersOf(
  { rows, columns, data }: FeaturePlanes,
  { filters }: FaceFilters,
  threshold: number,
  level: number,
): Answer[] {
  const answers: Answer[] = [];
  for (const [filter, { weights, threshold: own }] of filters.entries()) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = answerAt(row - CELLS_BEFORE, column - CELLS_BEFORE, weights);
        if (value >= own + threshold) answers.push({ filter, level, row, column, value });
      }
    }
  }
  return answers;

  /** Cells outside of the level are zero. */
  function answerAt(top: number, left: number, weights: Float32Array): number {
    let sum = 0;
    for (let plane = 0; plane < PLANES; plane++) {
      for (let y = Math.max(0, -top); y < Math.min(FILTER_SIDE, rows - top); y++) {
        const from = (plane * rows + top + y) * columns + left;
        const weight = (plane * FILTER_SIDE + y) * FILTER_SIDE;
        for (let x = Math.max(0, -left); x < Math.min(FILTER_SIDE, columns - left); x++) {
          sum += data[from + x]! * weights[weight + x]!;
        }
      }
    }
    return sum;
  }
}
