/**
 * A quarter of the gradient, as openTSNE counts it: Σ_j (e p_ij - q_ij) w_ij (y_i - y_j) with
 * w_ij = 1 / (1 + |y_i - y_j|²), q_ij = w_ij / Z and Z = Σ w over ordered pairs.
 * Every pair is visited once, for both of its points; repulsion gathers apart, because Z is known only at the
 * end of the pass.
 *
 * @param gradient [n, 2], overwritten with the result
 * @param repulsion [n, 2], scratch
 * @param points y, [n, 2]
 * @param p joint probabilities, upper triangle, summing to 1/2
 * @param exaggeration e
 */
export function fillGradient(
  gradient: Float64Array,
  repulsion: Float64Array,
  points: Float64Array,
  p: Float64Array,
  exaggeration: number,
): void {
  gradient.fill(0);
  repulsion.fill(0);
  const end = points.length;
  let z = 0;
  let k = 0;
  for (let i = 0; i < end; i += 2) {
    const xi = points[i]!;
    const yi = points[i + 1]!;
    let attractX = 0;
    let attractY = 0;
    let repelX = 0;
    let repelY = 0;
    for (let j = i + 2; j < end; j += 2, k++) {
      const dx = xi - points[j]!;
      const dy = yi - points[j + 1]!;
      const w = 1 / (1 + dx * dx + dy * dy);
      const pw = p[k]! * w;
      const ww = w * w;
      z += w;
      attractX += pw * dx;
      attractY += pw * dy;
      repelX += ww * dx;
      repelY += ww * dy;
      gradient[j]! -= pw * dx;
      gradient[j + 1]! -= pw * dy;
      repulsion[j]! -= ww * dx;
      repulsion[j + 1]! -= ww * dy;
    }
    gradient[i]! += attractX;
    gradient[i + 1]! += attractY;
    repulsion[i]! += repelX;
    repulsion[i + 1]! += repelY;
  }
  const normalizer = 1 / (2 * z);
  for (let i = 0; i < end; i++) gradient[i] = exaggeration * gradient[i]! - repulsion[i]! * normalizer;
}

/**
 * Kullback-Leibler divergence of the map from the data over ordered pairs, in nats.
 *
 * @param points [n, 2]
 * @param p joint probabilities, upper triangle, summing to 1/2
 */
export function klDivergence(points: Float64Array, p: Float64Array): number {
  const w = new Float64Array(p.length);
  let z = 0;
  let k = 0;
  for (let i = 0; i < points.length; i += 2) {
    for (let j = i + 2; j < points.length; j += 2, k++) {
      const dx = points[i]! - points[j]!;
      const dy = points[i + 1]! - points[j + 1]!;
      w[k] = 1 / (1 + dx * dx + dy * dy);
      z += 2 * w[k]!;
    }
  }
  let divergence = 0;
  for (let pair = 0; pair < p.length; pair++) {
    divergence += 2 * p[pair]! * Math.log(p[pair]! / Math.max(w[pair]! / z, Number.EPSILON));
  }
  return divergence;
}
