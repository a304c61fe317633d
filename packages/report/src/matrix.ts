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
