import { FerBenchError } from "@fer-bench/artifacts";
import { dealSubjects, holdOut, type Split } from "@fer-bench/datasets";
import type { FoldersOptions } from "./options.ts";

export interface Unassigned {
  readonly label: string;
  readonly split?: Split | undefined;
  readonly subject?: string | undefined;
}

/** The split of each picture: the data set's own where it has one, else drawn by lot; nobody is in two. */
export function assignSplits(
  pictures: readonly Unassigned[],
  { test, validation, seed }: FoldersOptions["holdOut"],
): Split[] {
  const untold = pictures.filter(({ split }) => split === undefined).length;
  if (untold > 0 && untold < pictures.length) {
    throw new FerBenchError(
      "bad-data",
      `${untold} of ${pictures.length} pictures are in no split, the others are`,
      {
        remedy: "name the split of every picture, or of none",
      },
    );
  }
  const splits = pictures.map(({ split }): Split => split ?? "train");
  if (!splits.includes("test")) holdOutOf(pictures, splits, "test", test, seed);
  if (!splits.includes("validation")) holdOutOf(pictures, splits, "validation", validation, seed);
  return splits;
}

/** Moves a share of the training pictures into another split: of each class, or of the subjects where all are named. */
function holdOutOf(
  pictures: readonly Unassigned[],
  splits: Split[],
  into: Split,
  share: number,
  seed: number,
): void {
  if (share === 0) return;
  const places = [...splits.keys()].filter((place) => splits[place] === "train");
  const training = places.map((place) => pictures[place]!);
  if (training.every(({ subject }) => subject !== undefined)) {
    const samples = training.map(({ subject, label }) => ({ subject: subject!, label }));
    const folds = Math.min(Math.round(1 / share), new Set(samples.map(({ subject }) => subject)).size);
    if (folds < 2) return;
    const foldOf = dealSubjects(samples, folds, seed);
    for (const [i, place] of places.entries()) {
      if (foldOf.get(samples[i]!.subject) === 0) splits[place] = into;
    }
    return;
  }
  const held = holdOut(
    training.map(({ label }) => label),
    share,
    seed,
  );
  for (const i of held) splits[places[i]!] = into;
}
