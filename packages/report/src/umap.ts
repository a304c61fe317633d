import { createRandom } from "@fer-bench/artifacts";
import { UMAP } from "umap-js";
import type { Matrix } from "./matrix.ts";

export interface UmapOptions {
  neighbours: number;
  minDistance: number;
  seed: number;
}

/**
 * UMAP to two dimensions by umap-js, with all its randomness from the seed. L. McInnes, J. Healy and J. Melville,
 * "UMAP: uniform manifold approximation and projection for dimension reduction", arXiv:1802.03426.
 *
 * @param features [rows, columns]
 * @returns [rows, 2]
 * @throws RangeError where there are no more points than neighbours
 */
export function umap(features: Matrix, options: UmapOptions): Matrix<Float64Array> {
  const { rows, columns, data } = features;
  if (rows <= options.neighbours) {
    throw new RangeError(`UMAP with ${options.neighbours} neighbours needs more points than ${rows}`);
  }
  const random = createRandom("umap", options.seed);
  const points = new UMAP({
    nNeighbors: options.neighbours,
    minDist: options.minDistance,
    random: () => random.next(),
  }).fit(Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns))));
  return { rows, columns: 2, data: Float64Array.from(points.flat()) };
}
