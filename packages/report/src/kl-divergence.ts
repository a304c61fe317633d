import type { Affinities } from "./affinities.ts";

/**
 * Kullback-Leibler divergence of the map from the data over ordered pairs, in nats; Z is exact.
 *
 * @param points [n, 2]
 * @param p joint probabilities; pairs that have none add nothing
 */
export function klDivergence(points: Float64Array, p: Affinities): number {
  let z = 0;
  for (let i = 0; i < points.length; i += 2) {
    for (let j = i + 2; j < points.length; j += 2) z += 2 * weight(points, i, j);
  }
  const { starts, columns, values } = p;
  let divergence = 0;
  for (let i = 0; i < starts.length - 1; i++) {
    for (let k = starts[i]!; k < starts[i + 1]!; k++) {
      const q = weight(points, 2 * i, 2 * columns[k]!) / z;
      if (values[k]! > 0) divergence += 2 * values[k]! * Math.log(values[k]! / Math.max(q, Number.EPSILON));
    }
  }
  return divergence;
}

function weight(points: Float64Array, i: number, j: number): number {
  const dx = points[i]! - points[j]!;
  const dy = points[i + 1]! - points[j + 1]!;
  return 1 / (1 + dx * dx + dy * dy);
}
