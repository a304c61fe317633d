import type { Matrix } from "./matrix.ts";
import { forEachRow } from "./pair-distances.ts";

/** The nearest other rows of each row, nearest first. */
export interface Neighbours {
  /** How many each row has. */
  count: number;
  /** [rows, count] */
  indices: Int32Array;
  /** Squared Euclidean distances, [rows, count]. */
  distances: Float64Array;
}

/**
 * The `count` nearest neighbours of every row, exact, by looking at every pair; of equally near ones the first.
 *
 * @param count below the number of rows
 */
export function nearestNeighbours(matrix: Matrix, count: number): Neighbours {
  const { rows, columns, data } = matrix;
  if (count < 1 || count >= rows) throw new RangeError(`${count} neighbours of ${rows} points`);
  const indices = new Int32Array(rows * count);
  const distances = new Float64Array(rows * count).fill(Number.POSITIVE_INFINITY);
  /** The farthest of each row's neighbours so far: most pairs need look no further. */
  const farthest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const insert = (to: number, neighbour: number, distance: number) => {
    const first = to * count;
    let place = first + count - 1;
    for (; place > first && distances[place - 1]! > distance; place--) {
      distances[place] = distances[place - 1]!;
      indices[place] = indices[place - 1]!;
    }
    distances[place] = distance;
    indices[place] = neighbour;
    farthest[to] = distances[first + count - 1]!;
  };
  forEachRow(matrix, (i, squared) => {
    for (let j = i + 1; j < rows; j++) {
      const distance = squared[j]!;
      if (distance < farthest[i]!) insert(i, j, distance);
      if (distance < farthest[j]!) insert(j, i, distance);
    }
  });
  // Differences squared, not products subtracted, so that the distances of near neighbours have their digits.
  for (let place = 0; place < indices.length; place++) {
    const a = Math.floor(place / count) * columns;
    const b = indices[place]! * columns;
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += (data[a + c]! - data[b + c]!) ** 2;
    distances[place] = sum;
  }
  return { count, indices, distances };
}

/** The first `count` of each row's neighbours. */
export function fewerNeighbours({ count: all, indices, distances }: Neighbours, count: number): Neighbours {
  if (count === all) return { count, indices, distances };
  const rows = indices.length / all;
  const first = (_: unknown, place: number) => Math.floor(place / count) * all + (place % count);
  const from = Int32Array.from({ length: rows * count }, first);
  return {
    count,
    indices: Int32Array.from(from, (place) => indices[place]!),
    distances: Float64Array.from(from, (place) => distances[place]!),
  };
}
