/** float32's epsilon: the smallest probability that counts, so that a saturated softmax has a finite loss. */
const SMALLEST_PROBABILITY = 2 ** -23;

/**
 * Mean cross-entropy in nats: -1/N Σ ln p(label), with p no smaller than 2^-23.
 *
 * @param labels [N]
 * @param probabilities [N, classCount] row-major, rows summing to 1
 */
export function logLoss(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    total -= Math.log(Math.max(probabilities[i * classCount + labels[i]!]!, SMALLEST_PROBABILITY));
  }
  return total / labels.length;
}
