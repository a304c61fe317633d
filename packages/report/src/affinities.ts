/** Steps of the bisection, and how near the entropy has to come: scikit-learn's choices. */
const MAX_STEPS = 100;
const ENTROPY_TOLERANCE = 1e-5;

/**
 * t-SNE's joint probabilities p_ij = (p_j|i + p_i|j) / 2n, where p_j|i is a Gaussian around point i whose
 * precision gives the row the asked perplexity. L. van der Maaten and G. Hinton, "Visualizing data using
 * t-SNE", JMLR 9 (2008), equations 1 and 2 and section 3.1.
 *
 * @param distances squared distances, [n, n]
 * @param perplexity effective number of neighbours, below n - 1
 * @returns the upper triangle without diagonal, row by row, [n (n - 1) / 2]; it sums to 1/2
 */
export function jointProbabilities(distances: Float64Array, n: number, perplexity: number): Float64Array {
  const conditional = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    fillConditional(
      conditional.subarray(i * n, (i + 1) * n),
      distances.subarray(i * n, (i + 1) * n),
      i,
      perplexity,
    );
  }
  const joint = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, k++) {
      // The floor keeps ln p finite where two points are out of each other's reach.
      joint[k] = Math.max((conditional[i * n + j]! + conditional[j * n + i]!) / (2 * n), Number.EPSILON);
    }
  }
  return joint;
}

function fillConditional(row: Float64Array, distances: Float64Array, self: number, perplexity: number): void {
  const wanted = Math.log(perplexity);
  let nearest = Number.POSITIVE_INFINITY;
  for (let j = 0; j < row.length; j++) if (j !== self) nearest = Math.min(nearest, distances[j]!);
  let precision = 1;
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  for (let step = 0; step < MAX_STEPS; step++) {
    let sum = 0;
    let weighted = 0;
    for (let j = 0; j < row.length; j++) {
      // Distances count from the nearest point's, which cancels in p and keeps exp from underflowing.
      const distance = distances[j]! - nearest;
      const value = j === self ? 0 : Math.exp(-distance * precision);
      row[j] = value;
      sum += value;
      weighted += distance * value;
    }
    for (let j = 0; j < row.length; j++) row[j]! /= sum;
    const entropy = Math.log(sum) + (precision * weighted) / sum;
    if (Math.abs(entropy - wanted) <= ENTROPY_TOLERANCE) return;
    if (entropy > wanted) low = precision;
    else high = precision;
    precision = high === Number.POSITIVE_INFINITY ? precision * 2 : (low + high) / 2;
  }
}
