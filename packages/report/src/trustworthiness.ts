import { type Matrix, squaredDistances } from "./matrix.ts";

/**
 * How far the neighbours on a map are neighbours in the data, 0 to 1:
 * 1 - 2 / (n k (2n - 3k - 1)) Σ_i Σ_{j in N_k(i)} max(0, r(i, j) - k), where N_k(i) are the k nearest of i on the
 * map and r(i, j) is j's rank among i's neighbours in the data. J. Venna and S. Kaski, "Neighborhood preservation
 * in nonlinear projection methods: an experimental study", ICANN 2001.
 *
 * @param features [n, columns]; distances are Euclidean
 * @param map [n, 2]
 * @param neighbours k, below n / 2
 */
export function trustworthiness(features: Matrix, map: Matrix, neighbours: number): number {
  const n = features.rows;
  if (map.rows !== n) throw new RangeError(`${n} points, but ${map.rows} on the map`);
  if (neighbours < 1 || neighbours >= n / 2) {
    throw new RangeError(`${neighbours} neighbours: at least 1 and below half of ${n} points`);
  }
  const inData = squaredDistances(features);
  const onMap = squaredDistances(map);
  let intruders = 0;
  for (let i = 0; i < n; i++) {
    const distances = inData.subarray(i * n, (i + 1) * n);
    for (const j of nearest(onMap.subarray(i * n, (i + 1) * n), i, neighbours)) {
      let rank = 1;
      for (let other = 0; other < n; other++) {
        if (other !== i && distances[other]! < distances[j]!) rank++;
      }
      intruders += Math.max(0, rank - neighbours);
    }
  }
  return 1 - (2 / (n * neighbours * (2 * n - 3 * neighbours - 1))) * intruders;
}

/** Indices of the `count` smallest distances but `self`'s; of equals, the first. */
function nearest(distances: Float64Array, self: number, count: number): number[] {
  const found: number[] = [];
  for (let j = 0; j < distances.length; j++) {
    if (j === self) continue;
    if (found.length === count && distances[j]! >= distances[found[count - 1]!]!) continue;
    let place = found.length;
    while (place > 0 && distances[found[place - 1]!]! > distances[j]!) place--;
    found.splice(place, 0, j);
    if (found.length > count) found.pop();
  }
  return found;
}
