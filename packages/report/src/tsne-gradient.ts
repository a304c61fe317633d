import type { Affinities } from "./affinities.ts";
import type { QuadTree } from "./quadtree.ts";

/**
 * A quarter of the gradient, as openTSNE counts it: Σ_j (e p_ij - q_ij) w_ij (y_i - y_j) with
 * w_ij = 1 / (1 + |y_i - y_j|²), q_ij = w_ij / Z and Z = Σ w over ordered pairs.
 *
 * @param gradient [n, 2], overwritten with the result
 * @param repulsion [n, 2], scratch
 * @param points y, [n, 2]
 * @param p joint probabilities
 * @param exaggeration e
 * @param theta how coarse the repulsion of far points may be; 0 is exact
 */
export function fillGradient(
  gradient: Float64Array,
  repulsion: Float64Array,
  points: Float64Array,
  p: Affinities,
  tree: QuadTree,
  exaggeration: number,
  theta: number,
): void {
  const normalizer = 1 / tree.repel(points, repulsion, theta);
  gradient.fill(0);
  fillAttraction(gradient, points, p);
  for (let i = 0; i < points.length; i++) {
    gradient[i] = exaggeration * gradient[i]! - repulsion[i]! * normalizer;
  }
}

function fillAttraction(gradient: Float64Array, points: Float64Array, p: Affinities): void {
  const { starts, columns, values } = p;
  for (let i = 0; i < starts.length - 1; i++) {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    let [sumX, sumY] = [0, 0];
    for (let k = starts[i]!; k < starts[i + 1]!; k++) {
      const j = 2 * columns[k]!;
      const dx = x - points[j]!;
      const dy = y - points[j + 1]!;
      const pw = values[k]! / (1 + dx * dx + dy * dy);
      sumX += pw * dx;
      sumY += pw * dy;
      gradient[j]! -= pw * dx;
      gradient[j + 1]! -= pw * dy;
    }
    gradient[2 * i]! += sumX;
    gradient[2 * i + 1]! += sumY;
  }
}

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
