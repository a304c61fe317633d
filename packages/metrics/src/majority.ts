import { type ClassificationScores, classificationScores } from "./classification.ts";
import { confusionMatrix } from "./confusion.ts";

/** What always naming the most frequent training class would score. */
export interface MajorityBaseline {
  /** The class it names. */
  class: string;
  scores: ClassificationScores;
}

/**
 * The majority-class baseline: the class most frequent in training (the first of equals), evaluated on test.
 *
 * @param trainLabels classes of the training samples, in 0..classes.length-1
 * @param testLabels classes of the test samples
 */
export function majorityBaseline(request: {
  trainLabels: ArrayLike<number>;
  testLabels: ArrayLike<number>;
  classes: readonly string[];
}): MajorityBaseline {
  const { trainLabels, testLabels, classes } = request;
  const counts = new Array<number>(classes.length).fill(0);
  for (let i = 0; i < trainLabels.length; i++) {
    const label = trainLabels[i]!;
    if (counts[label] === undefined) {
      throw new RangeError(`training label ${i} is ${label}; classes are 0..${classes.length - 1}`);
    }
    counts[label] += 1;
  }
  if (trainLabels.length === 0) throw new RangeError("no training labels, so no majority class");
  const majority = counts.indexOf(Math.max(...counts));
  const predicted = new Int32Array(testLabels.length).fill(majority);
  return {
    class: classes[majority]!,
    scores: classificationScores(confusionMatrix(testLabels, predicted, classes.length), classes),
  };
}
