/** Sums over a batch: of the cross-entropy in nats, and of the samples whose class has the largest logit. */
export interface BatchResult {
  loss: number;
  correct: number;
}

/**
 * Softmax cross-entropy from logits, in double precision.
 * @param logits [N, C]
 * @param labels [N]
 */
export function classificationLoss(logits: Float32Array, labels: Int32Array): BatchResult {
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
    loss += Math.log(sum) + largest - logits[i * classes + labels[i]!]!;
    if (best === labels[i]) correct++;
  }
  return { loss, correct };
}
