import { createRandom } from "@fer-bench/artifacts";
import { UMAP } from "umap-js";
import type { Matrix } from "./matrix.ts";
import { fewerNeighbours, type Neighbours, nearestNeighbours } from "./neighbours.ts";

export interface UmapOptions {
  neighbours: number;
  minDistance: number;
  seed: number;
}

/**
 * UMAP to two dimensions by umap-js, with exact nearest neighbours in place of its approximate ones and all its
 * randomness from the seed. L. McInnes, J. Healy and J. Melville, "UMAP: uniform manifold approximation and
 * projection for dimension reduction", arXiv:1802.03426.
 *
 * @param features [rows, columns]
 * @param known neighbours of the rows, `neighbours` or more, where there are any
 * @returns [rows, 2]
 * @throws RangeError where there are no more points than neighbours
 */
export function umap(features: Matrix, options: UmapOptions, known?: Neighbours): Matrix<Float64Array> {
  const { rows, columns, data } = features;
  const { neighbours, minDistance, seed } = options;
  if (rows <= neighbours) {
    throw new RangeError(`UMAP with ${neighbours} neighbours needs more points than ${rows}`);
  }
  const random = createRandom("umap", seed);
  const model = new UMAP({ nNeighbors: neighbours, minDist: minDistance, random: () => random.next() });
  // UMAP counts a point as the first of its own neighbours.
  const others = Math.max(1, neighbours - 1);
  const { count, indices, distances } = known
    ? fewerNeighbours(known, others)
    : nearestNeighbours(features, others);
  const rowOf = (values: ArrayLike<number>, i: number) =>
    Array.from({ length: count }, (_, k) => values[i * count + k]!);
  model.setPrecomputedKNN(
    Array.from({ length: rows }, (_, i) => [i, ...rowOf(indices, i)]),
    Array.from({ length: rows }, (_, i) => [0, ...rowOf(distances, i).map(Math.sqrt)]),
  );
  const points = model.fit(
    Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns))),
  );
  return { rows, columns: 2, data: Float64Array.from(points.flat()) };
}
