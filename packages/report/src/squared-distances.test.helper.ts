import type { Matrix } from "./matrix.ts";

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
