/** Sums over a batch: of the cross-entropy in nats, and of the samples whose class has the largest logit. */
export interface BatchResult {
  loss: number;
  correct: number;
}

/**
 * Softmax cross-entropy from logits, in double precision: against the labels, or against distributions.
 * @param logits [N, C]
 * @param labels [N], what counts as correct
 * @param targets [N, C], each row's sum 1
 */
export function classificationLoss(
  logits: Float32Array,
  labels: Int32Array,
  targets?: Float32Array,
): BatchResult {
  const count = labels.length;
  const classes = logits.length / count;
  let loss = 0;
  let correct = 0;
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[i * classes + c]! > logits[i * classes + best]!) best = c;
    const largest = logits[i * classes + best]!;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[i * classes + c]! - largest);
    const expected = targets
      ? expectedLogit(logits, targets, i * classes, classes)
      : logits[i * classes + labels[i]!]!;
    loss += Math.log(sum) + largest - expected;
    if (best === labels[i]) correct++;
  }
  return { loss, correct };
}

/** The mean of a row's logits by the shares of its target. */
function expectedLogit(logits: Float32Array, targets: Float32Array, start: number, classes: number): number {
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += targets[start + c]! * logits[start + c]!;
  return sum;
}
