import { createRandom, normal } from "@fer-bench/artifacts";
import { symmetricEigen } from "./eigen.ts";
import type { Matrix } from "./matrix.ts";
import { fillCentred, multiplyRows, type PlacedMatrix, placeMatrices } from "./row-products.ts";

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
  const { rows, columns } = matrix;
  const width = Math.min(components + OVERSAMPLING, rows, columns);
  const { kernels, placed } = placeMatrices(
    [rows, columns],
    [columns, rows],
    [width, rows],
    [width, columns],
    [width, width],
  );
  // The vectors of the bases are rows, so that every product is one of rows with rows.
  const [x, transposed, basis, rowSpace, gram] = [placed[0]!, placed[1]!, placed[2]!, placed[3]!, placed[4]!];
  fillCentred(x, matrix);
  transpose(x, transposed);
  const random = createRandom("pca", seed);
  for (let k = 0; k < width; k++) {
    for (let c = 0; c < columns; c++) rowSpace.data[k * rowSpace.columns + c] = normal(random);
  }
  multiplyRows(kernels, rowSpace, x, basis);
  orthonormalise(basis);
  for (let pass = 0; pass < POWER_ITERATIONS; pass++) {
    multiplyRows(kernels, basis, transposed, rowSpace);
    orthonormalise(rowSpace);
    multiplyRows(kernels, rowSpace, x, basis);
    orthonormalise(basis);
  }
  // B = QᵀX is [width, columns]; the eigenvectors of BBᵀ turn the basis into the principal axes.
  multiplyRows(kernels, basis, transposed, rowSpace);
  multiplyRows(kernels, rowSpace, rowSpace, gram);
  const square = Float64Array.from(
    { length: width * width },
    (_, at) => gram.data[Math.floor(at / width) * gram.columns + (at % width)]!,
  );
  const { values, vectors } = symmetricEigen(square, width);
  const kept = Math.min(components, width);
  const scores = new Float64Array(rows * kept);
  for (let k = 0; k < kept; k++) {
    const column = axisScores(basis, rows, vectors, width, k, Math.sqrt(Math.max(values[k]!, 0)));
    for (let i = 0; i < rows; i++) scores[i * kept + k] = column[i]!;
  }
  const total = x.data.reduce((sum, value) => sum + value * value, 0);
  return {
    scores: { rows, columns: kept, data: scores },
    explained: values.slice(0, kept).map((value) => (total === 0 ? 0 : Math.max(value, 0) / total)),
  };
}

function transpose(from: PlacedMatrix, to: PlacedMatrix): void {
  for (let i = 0; i < from.rows; i++) {
    for (let c = 0; c < from.columns; c++) to.data[c * to.columns + i] = from.data[i * from.columns + c]!;
  }
}

/** Makes rows orthonormal by Gram and Schmidt, twice, which is enough; a dependent row becomes zero. */
function orthonormalise({ rows, columns, data }: PlacedMatrix): void {
  const vectors = Array.from({ length: rows }, (_, k) => data.subarray(k * columns, (k + 1) * columns));
  vectors.forEach((vector, k) => {
    const before = norm(vector);
    for (let round = 0; round < 2; round++) {
      for (let other = 0; other < k; other++) subtractProjection(vector, vectors[other]!);
    }
    const after = norm(vector);
    const scale = after > 1e-12 * before ? 1 / after : 0;
    for (let i = 0; i < columns; i++) vector[i]! *= scale;
  });
}

function subtractProjection(vector: Float64Array, direction: Float64Array): void {
  let dot = 0;
  for (let i = 0; i < vector.length; i++) dot += vector[i]! * direction[i]!;
  for (let i = 0; i < vector.length; i++) vector[i]! -= dot * direction[i]!;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

/** Scores along axis k: basis times eigenvector times singular value, with the sign fixed. */
function axisScores(
  basis: PlacedMatrix,
  rows: number,
  vectors: Float64Array,
  width: number,
  k: number,
  singular: number,
): Float64Array {
  const column = new Float64Array(rows);
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += basis.data[j * basis.columns + i]! * vectors[j * width + k]!;
    column[i] = sum * singular;
    if (Math.abs(column[i]!) > Math.abs(largest)) largest = column[i]!;
  }
  return largest < 0 ? column.map((value) => -value) : column;
}
