import { z } from "zod";
import { type Sample, type SplitOfSamples, selectSplit } from "./samples.ts";

/**
 * What becomes of training images that also occur in the source's validation or test split: they stay (`keep`, also
 * where it is absent), or are left out of training where the pixels are the same (`drop-exact`), or where the picture
 * is nearly the same, too (`drop-near`). What is left out teaches how much of an accuracy was memory.
 */
export const overlapSchema = z
  .enum(["keep", "drop-exact", "drop-near"], {
    error: 'the overlap of the splits is "keep", "drop-exact" or "drop-near"',
  })
  .optional();

export type Overlap = NonNullable<z.output<typeof overlapSchema>>;

export interface TrainingSamples extends SplitOfSamples {
  /** Training images left out as they occur in another split, by class. */
  dropped: Record<string, number>;
}

/** The samples that a model is trained on. */
export function selectTraining(
  samples: readonly Sample[],
  classes: readonly string[],
  overlap: Overlap = "keep",
): TrainingSamples {
  const dropped: Record<string, number> = {};
  if (overlap === "keep") return { ...selectSplit(samples, "train", classes), dropped };
  const elsewhere = picturesOf(samples.filter(({ split }) => split !== "train"));
  const kept = samples.filter((sample) => {
    if (sample.split !== "train" || !isIn(elsewhere, sample, overlap === "drop-near")) return true;
    dropped[sample.label] = (dropped[sample.label] ?? 0) + 1;
    return false;
  });
  return { ...selectSplit(kept, "train", classes), dropped };
}

/** Places in `test` of the samples whose pictures do not occur among `train`, nearly the same ones counted or not. */
export function unseen(test: readonly Sample[], train: readonly Sample[], nearly: boolean): number[] {
  const pictures = picturesOf(train);
  return [...test.keys()].filter((i) => !isIn(pictures, test[i]!, nearly));
}

interface Pictures {
  readonly pixels: ReadonlySet<string>;
  readonly groups: ReadonlySet<number>;
}

function picturesOf(samples: readonly Sample[]): Pictures {
  return {
    pixels: new Set(samples.map(({ pixelSha256 }) => pixelSha256).filter((key) => key !== undefined)),
    groups: new Set(samples.map(({ repeatGroup }) => repeatGroup).filter((group) => group !== undefined)),
  };
}

function isIn({ pixels, groups }: Pictures, sample: Sample, nearly: boolean): boolean {
  if (sample.pixelSha256 !== undefined && pixels.has(sample.pixelSha256)) return true;
  return nearly && sample.repeatGroup !== undefined && groups.has(sample.repeatGroup);
}
