/*
 * How well scores put the samples of one class before the others: the curves over all thresholds, and their areas.
 * Samples of equal score pass a threshold together.
 */

/** What is above a threshold. */
export interface ThresholdCounts {
  /** Scores of this value and above are taken for the class. */
  threshold: number;
  /** Samples of the class among them. */
  hits: number;
  /** Other samples among them. */
  falseAlarms: number;
}

/**
 * The counts at every distinct score, from the highest down.
 *
 * @param isPositive whether each sample has the class, [N]
 * @param scores [N]
 * @throws RangeError where lengths differ or a score is not a number
 */
export function thresholdCounts(
  isPositive: ArrayLike<boolean>,
  scores: ArrayLike<number>,
): ThresholdCounts[] {
  const n = scores.length;
  if (isPositive.length !== n) throw new RangeError(`${isPositive.length} samples, but ${n} scores`);
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const counts: ThresholdCounts[] = [];
  let hits = 0;
  let falseAlarms = 0;
  for (let place = 0; place < n; place++) {
    const i = order[place]!;
    const threshold = scores[i]!;
    if (Number.isNaN(threshold)) throw new RangeError(`score ${i} is not a number`);
    if (isPositive[i]) hits++;
    else falseAlarms++;
    if (place === n - 1 || scores[order[place + 1]!]! < threshold)
      counts.push({ threshold, hits, falseAlarms });
  }
  return counts;
}

/**
 * Area under the receiver operating characteristic: the chance that a sample of the class scores above another, ties
 * counting half. T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006) 861-874.
 *
 * @returns null where the class has no samples, or all
 */
export function rocAuc(counts: readonly ThresholdCounts[]): number | null {
  const { hits: positives = 0, falseAlarms: negatives = 0 } = counts.at(-1) ?? {};
  if (positives === 0 || negatives === 0) return null;
  let area = 0;
  let before = { hits: 0, falseAlarms: 0 };
  for (const now of counts) {
    area += ((now.falseAlarms - before.falseAlarms) * (now.hits + before.hits)) / 2;
    before = now;
  }
  return area / positives / negatives;
}

/**
 * Average precision, Σ (R_k - R_k-1) P_k over thresholds from the highest down: the area under the precision-recall
 * steps, without interpolation, as scikit-learn's `average_precision_score`.
 *
 * @returns null where the class has no samples
 */
export function averagePrecision(counts: readonly ThresholdCounts[]): number | null {
  const { hits: positives = 0 } = counts.at(-1) ?? {};
  if (positives === 0) return null;
  let area = 0;
  let before = 0;
  for (const { hits, falseAlarms } of counts) {
    area += ((hits - before) * hits) / (hits + falseAlarms);
    before = hits;
  }
  return area / positives;
}

/** Class `c` against the others: its samples and its column of [N, classCount] probabilities. */
export function oneAgainstOthers(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
  c: number,
): ThresholdCounts[] {
  const isPositive = Array.from(labels, (label) => label === c);
  const scores = Float64Array.from({ length: labels.length }, (_, i) => probabilities[i * classCount + c]!);
  return thresholdCounts(isPositive, scores);
}
