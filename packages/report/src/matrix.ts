/** A dense matrix: `data` has rows x columns values, row-major. */
export interface Matrix<Data extends Float32Array | Float64Array = Float32Array | Float64Array> {
  rows: number;
  columns: number;
  data: Data;
}

/** The named rows, in the given order. */
export function takeRows(matrix: Matrix, indices: ArrayLike<number>): Matrix<Float64Array> {
  const { columns, data } = matrix;
  const taken = new Float64Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * columns;
    taken.set(data.subarray(start, start + columns), i * columns);
  }
  return { rows: indices.length, columns, data: taken };
}

/**
 * Squared Euclidean distances between all rows, [rows, rows], symmetric with a zero diagonal.
 * Differences are squared, not dot products subtracted, so that near neighbours keep their digits.
 */
export function squaredDistances({ rows, columns, data }: Matrix): Float64Array {
  const distances = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      let sum = 0;
      for (let a = i * columns, b = j * columns, end = a + columns; a < end; a++, b++) {
        const difference = data[a]! - data[b]!;
        sum += difference * difference;
      }
      distances[i * rows + j] = sum;
      distances[j * rows + i] = sum;
    }
  }
  return distances;
}
