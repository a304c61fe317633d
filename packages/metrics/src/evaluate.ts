import { brierScore } from "./brier.ts";
import { type Calibration, calibration } from "./calibration.ts";
import { type ClassificationScores, classificationScores } from "./classification.ts";
import { confusionMatrix } from "./confusion.ts";
import { logLoss } from "./log-loss.ts";
import type { MajorityBaseline } from "./majority.ts";
import { averagePrecision, oneAgainstOthers, rocAuc } from "./ranking.ts";

/** How a model did on one test set; plain JSON. */
export interface Metrics extends ClassificationScores {
  /** Mean cross-entropy in nats. */
  logLoss: number;
  /** Mean squared distance of the probabilities from the truth, summed over classes: 0 to 2. */
  brierScore: number;
  /** Of the most probable class. */
  calibration: Calibration;
  /** Each class against the others, in the order of `classes`. */
  ranking: ClassRanking[];
}

/** How well a class's probability puts its samples before the others. */
export interface ClassRanking {
  class: string;
  /** Area under the receiver operating characteristic; null where the class has no samples, or all. */
  rocAuc: number | null;
  /** null where the class has no samples. */
  averagePrecision: number | null;
}

/** `metrics.json` of an evaluate stage: one entry per target data set. */
export interface EvaluationMetrics {
  targets: {
    /** The data set. */
    target: string;
    /** The split that was evaluated: "test". */
    split: string;
    metrics: Metrics;
    majority: MajorityBaseline;
    /** The same samples, with probabilities averaged over views of each picture. */
    averaged?: { views: string; metrics: Metrics }[];
    /** The same of the test images whose pictures the model was not trained on. */
    unseen?: {
      /** Without those whose very pixels were among the training images. */
      exactly: UnseenScores;
      /** Without those of nearly the same picture, too; absent where that is not known, as across data sets. */
      nearly?: UnseenScores;
    };
  }[];
}

export interface UnseenScores {
  /** Test images left out. */
  removed: number;
  /** Of the others; null where there are none. */
  scores: ClassificationScores | null;
}

/** How far a row of probabilities may be from a sum of 1: float32 softmax is within 1e-5. */
const SUM_TOLERANCE = 1e-3;

/**
 * Every metric of a set of predictions; the predicted class is the most probable one (the first of equals).
 *
 * @param labels true classes, [N], in 0..C-1
 * @param probabilities [N, C] row-major, rows summing to 1
 * @param classes the C names
 * @throws RangeError where shapes disagree, a label is out of range or a row is no distribution
 */
export function evaluatePredictions(predictions: {
  labels: ArrayLike<number>;
  probabilities: ArrayLike<number>;
  classes: readonly string[];
}): Metrics {
  const { labels, probabilities, classes } = predictions;
  if (labels.length === 0) throw new RangeError("no predictions to evaluate");
  if (probabilities.length !== labels.length * classes.length) {
    throw new RangeError(
      `${probabilities.length} probabilities do not fit ${labels.length} samples of ${classes.length} classes`,
    );
  }
  checkDistributions(probabilities, classes.length);
  const predicted = mostProbable(probabilities, classes.length);
  return {
    ...classificationScores(confusionMatrix(labels, predicted, classes.length), classes),
    logLoss: logLoss(labels, probabilities, classes.length),
    brierScore: brierScore(labels, probabilities, classes.length),
    calibration: calibration(
      Array.from(predicted, (c, i) => probabilities[i * classes.length + c]!),
      Array.from(predicted, (c, i) => c === labels[i]),
    ),
    ranking: classes.map((name, c) => {
      const counts = oneAgainstOthers(labels, probabilities, classes.length, c);
      return { class: name, rocAuc: rocAuc(counts), averagePrecision: averagePrecision(counts) };
    }),
  };
}

/** Index of the largest value of each row (the first of equals): [N, classCount] -> [N]. */
export function mostProbable(probabilities: ArrayLike<number>, classCount: number): Int32Array {
  const result = new Int32Array(probabilities.length / classCount);
  for (let i = 0; i < result.length; i++) {
    let best = 0;
    for (let c = 1; c < classCount; c++) {
      if (probabilities[i * classCount + c]! > probabilities[i * classCount + best]!) best = c;
    }
    result[i] = best;
  }
  return result;
}

function checkDistributions(probabilities: ArrayLike<number>, classCount: number): void {
  for (let row = 0; row < probabilities.length; row += classCount) {
    let total = 0;
    let valid = true;
    for (let c = 0; c < classCount; c++) {
      const p = probabilities[row + c]!;
      if (!(p >= 0)) valid = false;
      total += p;
    }
    if (!valid || Math.abs(total - 1) > SUM_TOLERANCE) {
      throw new RangeError(
        `probabilities of sample ${row / classCount} are not a distribution (sum ${total})`,
      );
    }
  }
}
