/**
 * Least squares with a penalty on the size of the weights, of many targets at once: the matrix W that makes
 * |F W - T|^2 / rows + penalty |W|^2 least, from rows of features and targets. The last feature, a constant, is free.
 */
export interface Ridge {
  add(features: ArrayLike<number>, targets: ArrayLike<number>): void;
  /** Features x targets, row by row. */
  solve(penalty: number): Float32Array;
}

export function createRidge(features: number, targets: number): Ridge {
  const products = new Float64Array(features * features);
  const moments = new Float64Array(features * targets);
  let rows = 0;
  return {
    add(row, target) {
      rows++;
      for (let i = 0; i < features; i++) {
        const value = row[i]!;
        if (value === 0) continue;
        for (let j = 0; j <= i; j++) products[i * features + j]! += value * row[j]!;
        for (let k = 0; k < targets; k++) moments[i * targets + k]! += value * target[k]!;
      }
    },
    solve(penalty) {
      const factor = products.slice();
      // The constant's own tiny penalty only keeps the factorisation regular.
      for (let i = 0; i < features; i++)
        factor[i * (features + 1)]! += rows * (i === features - 1 ? 1e-9 : penalty);
      factorise(factor, features);
      const weights = moments.slice();
      for (let k = 0; k < targets; k++) substitute(factor, features, weights, targets, k);
      return Float32Array.from(weights);
    },
  };
}

/** Cholesky's lower factor, in place of the lower half. */
function factorise(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * size + j]!;
    }
  }
}

/** One column of right sides becomes that of solutions: forwards with the factor, backwards with its transpose. */
function substitute(
  factor: Float64Array,
  size: number,
  sides: Float64Array,
  columns: number,
  column: number,
): void {
  for (let i = 0; i < size; i++) {
    let sum = sides[i * columns + column]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * sides[k * columns + column]!;
    sides[i * columns + column] = sum / factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = sides[i * columns + column]!;
    for (let k = i + 1; k < size; k++) sum -= factor[k * size + i]! * sides[k * columns + column]!;
    sides[i * columns + column] = sum / factor[i * size + i]!;
  }
}
