/**
 * The Brier score of several classes: the mean of Σ_c (p_c - [c is the label])², 0 to 2. G. W. Brier, "Verification of
 * forecasts expressed in terms of probability", Monthly Weather Review 78 (1950) 1-3.
 *
 * @param labels [N]
 * @param probabilities [N, classCount] row-major
 */
export function brierScore(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let c = 0; c < classCount; c++) {
      total += (probabilities[i * classCount + c]! - (labels[i] === c ? 1 : 0)) ** 2;
    }
  }
  return total / labels.length;
}
