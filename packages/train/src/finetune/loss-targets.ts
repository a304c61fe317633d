import { FerBenchError } from "@fer-bench/artifacts";
import type { FinetuneConfig } from "../finetune-config.ts";

type LossConfig = FinetuneConfig["loss"];

/** What the loss is taken against. */
export interface LossTargets {
  /** Smooths a batch's targets [N, classes] in place. */
  smooth(targets: Float32Array): void;
  /** The samples' weights [N], by the share of each class in their targets; undefined where all weigh the same. */
  weigh: ((targets: Float32Array) => Float32Array) | undefined;
}

/**
 * @param targets of the whole training split, [samples, classes]
 * @throws FerBenchError "bad-config" where the list of class weights is not as long as that of classes
 */
export function lossTargets(
  { labelSmoothing, classWeights }: LossConfig,
  targets: Float32Array,
  classes: number,
): LossTargets {
  const factors = classFactors(classWeights, targets, classes);
  return {
    smooth(batch) {
      if (labelSmoothing === 0) return;
      for (let i = 0; i < batch.length; i++) {
        batch[i] = (1 - labelSmoothing) * batch[i]! + labelSmoothing / classes;
      }
    },
    weigh:
      factors &&
      ((batch) => {
        const weights = new Float32Array(batch.length / classes);
        batch.forEach((share, i) => {
          weights[Math.floor(i / classes)]! += share * factors[i % classes]!;
        });
        return weights;
      }),
  };
}

function classFactors(
  classWeights: LossConfig["classWeights"],
  targets: Float32Array,
  classes: number,
): readonly number[] | undefined {
  if (classWeights === "none") return undefined;
  if (classWeights !== "balanced") {
    if (classWeights.length !== classes) {
      throw new FerBenchError(
        "bad-config",
        `there are ${classWeights.length} class weights for ${classes} classes`,
        {
          field: "train.loss.classWeights",
          remedy: "give one number a class, in the data set's order of classes",
        },
      );
    }
    return classWeights;
  }
  const counts = new Float64Array(classes);
  targets.forEach((share, i) => {
    counts[i % classes]! += share;
  });
  const samples = targets.length / classes;
  // A class without a sample weighs nothing.
  return Array.from(counts, (count) => (count > 0 ? samples / (classes * count) : 0));
}
