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
  const [low, high] = [new Int32Array(indices.length), new Int32Array(indices.length)];
  for (let place = 0; place < indices.length; place++) {
    const [i, j] = [Math.floor(place / count), indices[place]!];
    low[place] = Math.min(i, j);
    high[place] = Math.max(i, j);
  }
  const order = sortedBy(low, sortedBy(high, Int32Array.from(indices.keys()), rows), rows);
  const starts = new Int32Array(rows + 1);
  const columns = new Int32Array(indices.length);
  const values = new Float64Array(indices.length);
  let pairs = 0;
  let row = 0;
  for (const place of order) {
    for (; row < low[place]!; row++) starts[row + 1] = pairs;
    // A pair of which each is the other's neighbour comes twice, one after the other.
    if (pairs === starts[row] || columns[pairs - 1] !== high[place]) columns[pairs++] = high[place]!;
    values[pairs - 1]! += conditional[place]! / (2 * rows);
  }
  for (; row < rows; row++) starts[row + 1] = pairs;
  return { starts, columns: columns.slice(0, pairs), values: values.slice(0, pairs) };
}

/** Places sorted by their keys, which are below `rows`, in the order that they had where keys are equal. */
function sortedBy(keys: Int32Array, places: Int32Array, rows: number): Int32Array {
  const next = new Int32Array(rows + 1);
  for (const key of keys) next[key + 1]!++;
  for (let key = 0; key < rows; key++) next[key + 1]! += next[key]!;
  const sorted = new Int32Array(places.length);
  for (const place of places) sorted[next[keys[place]!]!++] = place;
  return sorted;
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
