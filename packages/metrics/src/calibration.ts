/** Samples whose confidence lies in (low, high]; the first bin holds 0, too. */
export interface ConfidenceBin {
  low: number;
  high: number;
  n: number;
  /** Share of them that were right; 0 where there are none. */
  accuracy: number;
  /** Their mean confidence; 0 where there are none. */
  confidence: number;
}

/** How far a model is as sure as it is right. */
export interface Calibration {
  /** Expected calibration error: Σ n_b/N |accuracy_b - confidence_b|. */
  expectedError: number;
  /** The largest |accuracy_b - confidence_b| of a bin that has samples. */
  largestError: number;
  bins: ConfidenceBin[];
}

/** C. Guo et al., "On calibration of modern neural networks", ICML 2017, use so many. */
const BINS = 15;

/**
 * Expected and maximum calibration error over bins of equal width. M. P. Naeini, G. F. Cooper and M. Hauskrecht,
 * "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
 *
 * @param confidences probability of the predicted class, [N]
 * @param isRight whether the prediction was right, [N]
 * @throws RangeError where lengths differ, there is no sample, or a confidence is outside [0, 1]
 */
export function calibration(
  confidences: ArrayLike<number>,
  isRight: ArrayLike<boolean>,
  binCount = BINS,
): Calibration {
  const n = confidences.length;
  if (n === 0 || isRight.length !== n)
    throw new RangeError(`${n} confidences, but ${isRight.length} answers`);
  const sums = Array.from({ length: binCount }, () => ({ n: 0, right: 0, confidence: 0 }));
  for (let i = 0; i < n; i++) {
    const confidence = confidences[i]!;
    // A float32 softmax may come out above 1 by its last digit.
    if (!(confidence >= 0 && confidence <= 1 + 1e-6))
      throw new RangeError(`confidence ${i} is ${confidence}`);
    const bin = sums[binOf(confidence, binCount)]!;
    bin.n++;
    bin.confidence += confidence;
    if (isRight[i]) bin.right++;
  }
  const bins = sums.map(({ n: count, right, confidence }, b): ConfidenceBin => {
    return {
      low: b / binCount,
      high: (b + 1) / binCount,
      n: count,
      accuracy: count === 0 ? 0 : right / count,
      confidence: count === 0 ? 0 : confidence / count,
    };
  });
  const gap = ({ accuracy, confidence }: ConfidenceBin) => Math.abs(accuracy - confidence);
  return {
    expectedError: bins.reduce((sum, bin) => sum + (bin.n / n) * gap(bin), 0),
    largestError: Math.max(...bins.map(gap)),
    bins,
  };
}

/** The bin whose (low, high] holds the value; compared with the ends themselves, whose quotients are rounded. */
function binOf(confidence: number, binCount: number): number {
  let bin = Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1));
  while (bin > 0 && confidence <= bin / binCount) bin--;
  while (bin < binCount - 1 && confidence > (bin + 1) / binCount) bin++;
  return bin;
}
