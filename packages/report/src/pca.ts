import { createRandom, normal } from "@fer-bench/artifacts";
import { symmetricEigen } from "./eigen.ts";
import type { Matrix } from "./matrix.ts";

export interface PrincipalComponents {
  /** The rows' coordinates along the components, [rows, components]. */
  scores: Matrix<Float64Array>;
  /** Share of the total variance that each component explains, [components]. */
  explained: Float64Array;
}

/** Extra columns of the sketch, and passes over the data that sharpen it: scikit-learn's choices. */
const OVERSAMPLING = 10;
const POWER_ITERATIONS = 7;

/**
 * Principal component analysis of the centred (not scaled) rows, by the randomised range finder with power
 * iterations of Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 53 (2011),
 * algorithms 4.4 and 5.1. Exact where the data has fewer than `components` + 10 rows or columns.
 * A component's sign is such that its largest score in size is positive.
 *
 * @param components how many to keep; capped at the rank that rows and columns allow
 * @param seed of the random sketch
 */
export function principalComponents(matrix: Matrix, components: number, seed: number): PrincipalComponents {
  const x = centred(matrix);
  const width = Math.min(components + OVERSAMPLING, x.rows, x.columns);
  const random = createRandom("pca", seed);
  const sketch = Float64Array.from({ length: x.columns * width }, () => normal(random));
  let basis = orthonormalised(times(x, sketch, width), x.rows, width);
  for (let pass = 0; pass < POWER_ITERATIONS; pass++) {
    const rowSpace = orthonormalised(transposedTimes(x, basis, width), x.columns, width);
    basis = orthonormalised(times(x, rowSpace, width), x.rows, width);
  }
  // B = QᵀX is [width, columns]; the eigenvectors of BBᵀ turn the basis into the principal axes.
  const projected = transposedTimes(x, basis, width);
  const { values, vectors } = symmetricEigen(gram(projected, x.columns, width), width);
  const kept = Math.min(components, width);
  const scores = new Float64Array(x.rows * kept);
  for (let k = 0; k < kept; k++) {
    const column = axisScores(basis, vectors, x.rows, width, k, Math.sqrt(Math.max(values[k]!, 0)));
    for (let i = 0; i < x.rows; i++) scores[i * kept + k] = column[i]!;
  }
  const total = x.data.reduce((sum, value) => sum + value * value, 0);
  return {
    scores: { rows: x.rows, columns: kept, data: scores },
    explained: values.slice(0, kept).map((value) => (total === 0 ? 0 : Math.max(value, 0) / total)),
  };
}

function centred({ rows, columns, data }: Matrix): Matrix<Float64Array> {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) sums[j]! += data[i * columns + j]!;
  const means = sums.map((sum) => sum / rows);
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[i * columns + j] = data[i * columns + j]! - means[j]!;
  }
  return { rows, columns, data: result };
}

/** X [rows, columns] times B [columns, width]. */
function times(x: Matrix, b: Float64Array, width: number): Float64Array {
  const product = new Float64Array(x.rows * width);
  for (let i = 0; i < x.rows; i++) {
    const row = x.data.subarray(i * x.columns, (i + 1) * x.columns);
    for (let c = 0; c < x.columns; c += 4) {
      addScaledRows(
        product,
        i * width,
        b,
        c,
        width,
        row[c]!,
        row[c + 1] ?? 0,
        row[c + 2] ?? 0,
        row[c + 3] ?? 0,
      );
    }
  }
  return product;
}

/** Xᵀ [columns, rows] times B [rows, width]. */
function transposedTimes(x: Matrix, b: Float64Array, width: number): Float64Array {
  const product = new Float64Array(x.columns * width);
  const absent = new Float64Array(x.columns);
  const row = (i: number) => (i < x.rows ? x.data.subarray(i * x.columns, (i + 1) * x.columns) : absent);
  for (let i = 0; i < x.rows; i += 4) {
    const [a0, a1, a2, a3] = [row(i), row(i + 1), row(i + 2), row(i + 3)];
    for (let c = 0; c < x.columns; c++) {
      addScaledRows(product, c * width, b, i, width, a0[c]!, a1[c]!, a2[c]!, a3[c]!);
    }
  }
  return product;
}

/**
 * Adds the weighted rows `row` to `row` + 3 of B to the sum at `to`. Four at a time halve the time of the whole
 * analysis: the sums are loaded and stored once for four products. Weights beyond the last row are 0.
 */
function addScaledRows(
  sums: Float64Array,
  to: number,
  b: Float64Array,
  row: number,
  width: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  const b0 = row * width;
  // Rows beyond the end stand for nothing, so any row will do in their place.
  const b1 = b0 + width < b.length ? b0 + width : b0;
  const b2 = b1 + width < b.length ? b1 + width : b0;
  const b3 = b2 + width < b.length ? b2 + width : b0;
  for (let k = 0; k < width; k++) {
    sums[to + k]! += w0 * b[b0 + k]! + w1 * b[b1 + k]! + w2 * b[b2 + k]! + w3 * b[b3 + k]!;
  }
}

/** BᵀB of B [rows, width]. */
function gram(b: Float64Array, rows: number, width: number): Float64Array {
  const product = new Float64Array(width * width);
  for (let i = 0; i < rows; i++) {
    for (let p = 0; p < width; p++) {
      const value = b[i * width + p]!;
      for (let q = 0; q < width; q++) product[p * width + q]! += value * b[i * width + q]!;
    }
  }
  return product;
}

/** Columns made orthonormal by Gram and Schmidt, twice, which is enough; a dependent column becomes zero. */
function orthonormalised(b: Float64Array, rows: number, width: number): Float64Array {
  const columns = Array.from({ length: width }, (_, k) => {
    const column = new Float64Array(rows);
    for (let i = 0; i < rows; i++) column[i] = b[i * width + k]!;
    return column;
  });
  columns.forEach((column, k) => {
    const before = norm(column);
    for (let round = 0; round < 2; round++) {
      for (let other = 0; other < k; other++) subtractProjection(column, columns[other]!);
    }
    const after = norm(column);
    const scale = after > 1e-12 * before ? 1 / after : 0;
    for (let i = 0; i < rows; i++) column[i]! *= scale;
  });
  const result = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) for (let k = 0; k < width; k++) result[i * width + k] = columns[k]![i]!;
  return result;
}

function subtractProjection(column: Float64Array, direction: Float64Array): void {
  let dot = 0;
  for (let i = 0; i < column.length; i++) dot += column[i]! * direction[i]!;
  for (let i = 0; i < column.length; i++) column[i]! -= dot * direction[i]!;
}

function norm(column: Float64Array): number {
  return Math.sqrt(column.reduce((sum, value) => sum + value * value, 0));
}

/** Scores along axis k: basis times eigenvector times singular value, with the sign fixed. */
function axisScores(
  basis: Float64Array,
  vectors: Float64Array,
  rows: number,
  width: number,
  k: number,
  singular: number,
): Float64Array {
  const column = new Float64Array(rows);
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += basis[i * width + j]! * vectors[j * width + k]!;
    column[i] = sum * singular;
    if (Math.abs(column[i]!) > Math.abs(largest)) largest = column[i]!;
  }
  return largest < 0 ? column.map((value) => -value) : column;
}
