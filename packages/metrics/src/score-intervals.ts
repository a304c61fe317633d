import { type BootstrapInterval, type BootstrapRequest, bootstrapIntervals } from "./bootstrap.ts";
import { classificationScores } from "./classification.ts";
import { confusionMatrix } from "./confusion.ts";

/** Bootstrap intervals of a model's scores on one test set. */
export interface ScoreIntervals {
  accuracy: BootstrapInterval;
  balancedAccuracy: BootstrapInterval;
  macroF1: BootstrapInterval;
}

/**
 * What a model's scores come to on test sets drawn anew from the samples, or from whole groups of them, such as all
 * images of a subject. Balanced accuracy and macro F1 are means over the classes that were drawn.
 *
 * @param labels true classes, [N]
 * @param predicted predicted classes, [N]
 * @param classes the C names
 * @throws RangeError where lengths differ or a class is out of range
 */
export function scoreIntervals({
  labels,
  predicted,
  classes,
  groups,
  random,
}: {
  labels: ArrayLike<number>;
  predicted: ArrayLike<number>;
  classes: readonly string[];
} & Pick<BootstrapRequest, "groups" | "random">): ScoreIntervals {
  const { length } = classes;
  confusionMatrix(labels, predicted, length);
  const cells = Int32Array.from(labels, (label, i) => label * length + predicted[i]!);
  const statistics = (indices: Int32Array) => {
    const counts = new Array<number>(length * length).fill(0);
    for (const i of indices) counts[cells[i]!]!++;
    const confusion = classes.map((_, c) => counts.slice(c * length, (c + 1) * length));
    const { accuracy, balancedAccuracy, macroF1 } = classificationScores(confusion, classes);
    return { accuracy: accuracy.value, balancedAccuracy, macroF1 };
  };
  return bootstrapIntervals({ count: labels.length, statistics, groups, random });
}
