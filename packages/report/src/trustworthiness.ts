import type { Matrix } from "./matrix.ts";
import { nearestNeighbours } from "./neighbours.ts";
import { forEachRow } from "./pair-distances.ts";

/**
 * How far the neighbours on each map are neighbours in the data, 0 to 1:
 * 1 - 2 / (n k (2n - 3k - 1)) Σ_i Σ_{j in N_k(i)} max(0, r(i, j) - k), where N_k(i) are the k nearest of i on the
 * map and r(i, j) is j's rank among i's neighbours in the data. J. Venna and S. Kaski, "Neighborhood preservation
 * in nonlinear projection methods: an experimental study", ICANN 2001.
 *
 * @param features [n, columns]; distances are Euclidean
 * @param maps of the same points, [n, 2] each
 * @param neighbours k, below n / 2
 */
export function trustworthiness(features: Matrix, maps: readonly Matrix[], neighbours: number): number[] {
  const n = features.rows;
  const other = maps.find((map) => map.rows !== n);
  if (other !== undefined) throw new RangeError(`${n} points, but ${other.rows} on the map`);
  if (neighbours < 1 || neighbours >= n / 2) {
    throw new RangeError(`${neighbours} neighbours: at least 1 and below half of ${n} points`);
  }
  const width = neighbours * maps.length;
  const ranks = ranksInData(features, neighboursOnMaps(maps, neighbours), width);
  return maps.map((_, map) => {
    let intruders = 0;
    for (let i = 0; i < n; i++) {
      const first = i * width + map * neighbours;
      for (let k = first; k < first + neighbours; k++) intruders += Math.max(0, ranks[k]! - neighbours);
    }
    return 1 - (2 / (n * neighbours * (2 * n - 3 * neighbours - 1))) * intruders;
  });
}

/** The nearest neighbours of every point on every map, [n, maps * count]. */
function neighboursOnMaps(maps: readonly Matrix[], count: number): Int32Array {
  const width = count * maps.length;
  const all = new Int32Array((maps[0]?.rows ?? 0) * width);
  maps.forEach((map, m) => {
    const { indices } = nearestNeighbours(map, count);
    for (let i = 0; i < map.rows; i++) {
      all.set(indices.subarray(i * count, (i + 1) * count), i * width + m * count);
    }
  });
  return all;
}

/** Of each of the named points, [n, width], how manieth it is in the data by distance from its row's point. */
function ranksInData(features: Matrix, named: Int32Array, width: number): Int32Array {
  const { columns, data } = features;
  const limits = Float64Array.from(named, (j, k) => {
    const i = Math.floor(k / width);
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += (data[i * columns + c]! - data[j * columns + c]!) ** 2;
    return sum;
  });
  const ranks = new Int32Array(named.length).fill(1);
  const count = (of: number, other: number, distance: number) => {
    for (let k = of * width; k < (of + 1) * width; k++) {
      if (distance < limits[k]! && other !== named[k]) ranks[k]!++;
    }
  };
  forEachRow(features, (i, squared) => {
    for (let j = i + 1; j < features.rows; j++) {
      count(i, j, squared[j]!);
      count(j, i, squared[j]!);
    }
  });
  return ranks;
}
