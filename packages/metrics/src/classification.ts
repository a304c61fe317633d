import { cohenKappa, matthewsCorrelation } from "./agreement.ts";
import { type Proportion, wilsonProportion } from "./proportion.ts";
import type { ScoreIntervals } from "./score-intervals.ts";

/** How one class fared. A ratio whose denominator is zero is 0, as in scikit-learn. */
export interface ClassScores {
  class: string;
  /** Samples that have this class. */
  support: number;
  /** Samples taken for this class; precision means nothing where this is 0. */
  predicted: number;
  precision: number;
  recall: number;
  f1: number;
}

/** All that a confusion matrix says. */
export interface ClassificationScores {
  n: number;
  classes: string[];
  /** [true class][predicted class], counts. */
  confusion: number[][];
  accuracy: Proportion;
  /** Mean recall over the classes that have samples. */
  balancedAccuracy: number;
  /** Means over the classes that have samples or were predicted. */
  macroPrecision: number;
  macroRecall: number;
  macroF1: number;
  /** Means weighted by the classes' samples. Weighted recall is the accuracy. */
  weightedPrecision: number;
  weightedF1: number;
  cohenKappa: number;
  matthewsCorrelation: number;
  perClass: ClassScores[];
  /** Where samples were drawn anew. */
  bootstrap?: ScoreIntervals;
}

/**
 * All that a confusion matrix says, with the conventions of scikit-learn's `balanced_accuracy_score`,
 * `precision_recall_fscore_support` (per class, `average="macro"` and `"weighted"`), `cohen_kappa_score` and
 * `matthews_corrcoef`.
 *
 * @param confusion [C][C] counts, row = true class
 * @param classes the C names
 * @throws RangeError where the matrix is not C by C, or is empty of samples
 */
export function classificationScores(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): ClassificationScores {
  const count = classes.length;
  if (confusion.length !== count || confusion.some((row) => row.length !== count)) {
    throw new RangeError(`a confusion matrix of ${confusion.length} rows does not fit ${count} classes`);
  }
  const perClass = classes.map((name, c): ClassScores => {
    const hits = confusion[c]![c]!;
    const support = sum(confusion[c]!);
    const predicted = sum(confusion.map((row) => row[c]!));
    return {
      class: name,
      support,
      predicted,
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + predicted),
    };
  });
  const n = sum(perClass.map((scores) => scores.support));
  const hits = sum(confusion.map((row, c) => row[c]!));
  const withSamples = perClass.filter((scores) => scores.support > 0);
  const seen = perClass.filter((scores) => scores.support + scores.predicted > 0);
  return {
    n,
    classes: [...classes],
    confusion: confusion.map((row) => [...row]),
    accuracy: wilsonProportion(hits, n),
    balancedAccuracy: ratio(sum(withSamples.map((scores) => scores.recall)), withSamples.length),
    macroPrecision: ratio(sum(seen.map((scores) => scores.precision)), seen.length),
    macroRecall: ratio(sum(seen.map((scores) => scores.recall)), seen.length),
    macroF1: ratio(sum(seen.map((scores) => scores.f1)), seen.length),
    weightedPrecision: sum(perClass.map(({ precision, support }) => precision * support)) / n,
    weightedF1: sum(perClass.map(({ f1, support }) => f1 * support)) / n,
    cohenKappa: cohenKappa(confusion),
    matthewsCorrelation: matthewsCorrelation(confusion),
    perClass,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}
