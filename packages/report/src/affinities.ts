import type { Neighbours } from "./neighbours.ts";

/** Steps of the bisection, and how near the entropy has to come: scikit-learn's choices. */
const MAX_STEPS = 100;
const ENTROPY_TOLERANCE = 1e-5;

/** A symmetric matrix of which few elements are not zero, each pair i < j once, row by row. */
export interface Affinities {
  /** Where the pairs of each row begin, and the last end, [rows + 1]. */
  starts: Int32Array;
  /** j of each pair, ascending within its row. */
  columns: Int32Array;
  /** p_ij = p_ji of each pair; they sum to 1/2. */
  values: Float64Array;
}

/**
 * t-SNE's joint probabilities p_ij = (p_j|i + p_i|j) / 2n, where p_j|i is a Gaussian around point i whose precision
 * gives the row the asked perplexity, and 0 beyond its neighbours. L. van der Maaten and G. Hinton, "Visualizing data
 * using t-SNE", JMLR 9 (2008), equations 1 and 2 and section 3.1; neighbours alone: L. van der Maaten, "Accelerating
 * t-SNE using tree-based algorithms", JMLR 15 (2014), section 4.1.
 *
 * @param perplexity effective number of neighbours, below their count
 */
export function jointProbabilities(neighbours: Neighbours, perplexity: number): Affinities {
  const { count, indices, distances } = neighbours;
  const rows = indices.length / count;
  const conditional = new Float64Array(indices.length);
  for (let i = 0; i < rows; i++) {
    const row = [i * count, (i + 1) * count] as const;
    fillConditional(conditional.subarray(...row), distances.subarray(...row), perplexity);
  }
  const sums = Array.from({ length: rows }, () => new Map<number, number>());
  for (let place = 0; place < indices.length; place++) {
    const [i, j] = [Math.floor(place / count), indices[place]!];
    const row = sums[Math.min(i, j)]!;
    row.set(Math.max(i, j), (row.get(Math.max(i, j)) ?? 0) + conditional[place]! / (2 * rows));
  }
  const pairs = sums.map((row) => [...row].sort(([a], [b]) => a - b));
  const starts = new Int32Array(rows + 1);
  pairs.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.length;
  });
  return {
    starts,
    columns: Int32Array.from(pairs.flatMap((row) => row.map(([j]) => j))),
    values: Float64Array.from(pairs.flatMap((row) => row.map(([, p]) => p))),
  };
}

function fillConditional(row: Float64Array, distances: Float64Array, perplexity: number): void {
  const wanted = Math.log(perplexity);
  const nearest = distances[0]!;
  let precision = 1;
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  for (let step = 0; step < MAX_STEPS; step++) {
    let sum = 0;
    let weighted = 0;
    for (let k = 0; k < row.length; k++) {
      // Distances count from the nearest point's, which cancels in p and keeps exp from underflowing.
      const distance = distances[k]! - nearest;
      const value = Math.exp(-distance * precision);
      row[k] = value;
      sum += value;
      weighted += distance * value;
    }
    for (let k = 0; k < row.length; k++) row[k]! /= sum;
    const entropy = Math.log(sum) + (precision * weighted) / sum;
    if (Math.abs(entropy - wanted) <= ENTROPY_TOLERANCE) return;
    if (entropy > wanted) low = precision;
    else high = precision;
    precision = high === Number.POSITIVE_INFINITY ? precision * 2 : (low + high) / 2;
  }
}
