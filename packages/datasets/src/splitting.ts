import { createRandom, FerBenchError, shuffle } from "@fer-bench/artifacts";
import { z } from "zod";
import type { Split } from "./labels.ts";

/**
 * Holds out a share of samples, the same share of every class, drawn by lot.
 * @param labels of the samples, in an order that does not change
 * @returns places in `labels`; of a class with n samples, round(share x n)
 */
export function holdOut(labels: readonly string[], share: number, seed: number): Set<number> {
  const held = new Set<number>();
  for (const label of new Set(labels)) {
    const places = [...labels.keys()].filter((place) => labels[place] === label);
    shuffle(places, createRandom("hold out", seed, label));
    for (const place of places.slice(0, Math.round(share * places.length))) held.add(place);
  }
  return held;
}

/** How the subjects of a set are shared out over the splits: a setting of several packages. */
export const subjectSplitSettings = z.discriminatedUnion("kind", [
  z.strictObject({
    /** Everything is test: a set to test on that was never trained on. */
    kind: z.literal("test"),
  }),
  z.strictObject({
    /** Subjects are dealt into `folds`; number `fold` is test, the next one validation, the others train. */
    kind: z.literal("folds"),
    folds: z.int().min(3).default(10),
    fold: z.int().min(0).default(0),
    seed: z.int().nonnegative().default(1),
  }),
]);
export type SubjectSplit = z.infer<typeof subjectSplitSettings>;

/** One sample as a split sees it. */
export interface SubjectSample {
  readonly subject: string;
  readonly label: string;
}

/**
 * The split of each sample, no subject in two. Errors: `bad-config` where there are fewer subjects than folds, or the
 * fold is none of them.
 */
export function splitBySubject(samples: readonly SubjectSample[], settings: SubjectSplit): Split[] {
  if (settings.kind === "test") return samples.map(() => "test");
  const { folds, fold, seed } = settings;
  if (fold >= folds) {
    throw new FerBenchError("bad-config", `there is no fold ${fold} of ${folds}: they count from 0`, {
      field: "options.split.fold",
      remedy: `name one of 0 to ${folds - 1}`,
    });
  }
  const foldOf = dealSubjects(samples, folds, seed);
  const validation = (fold + 1) % folds;
  return samples.map(({ subject }) => {
    const own = foldOf.get(subject);
    return own === fold ? "test" : own === validation ? "validation" : "train";
  });
}

/**
 * The fold of each subject. Largest first, each goes where it leaves the classes, and all samples together, spread most
 * evenly: where the sum of squares of the folds' shares of each is least. Subjects of a size come in an order drawn by lot.
 */
export function dealSubjects(
  samples: readonly SubjectSample[],
  folds: number,
  seed: number,
): Map<string, number> {
  const labels = [...new Set(samples.map(({ label }) => label))].sort();
  // Of each subject: all samples, then those of each label.
  const counts = new Map<string, number[]>();
  for (const { subject, label } of samples) {
    const of = counts.get(subject) ?? [0, ...labels.map(() => 0)];
    of[0]! += 1;
    of[1 + labels.indexOf(label)]! += 1;
    counts.set(subject, of);
  }
  if (counts.size < folds) {
    throw new FerBenchError("bad-config", `${counts.size} subjects do not fill ${folds} folds`, {
      field: "options.split.folds",
      remedy: "ask for fewer folds",
    });
  }
  const subjects = [...counts.keys()].sort();
  shuffle(subjects, createRandom("folds", seed));
  subjects.sort((a, b) => counts.get(b)![0]! - counts.get(a)![0]!);
  const zeros = (): number[] => [0, ...labels.map(() => 0)];
  const total = zeros().map((_, c) => subjects.reduce((sum, subject) => sum + counts.get(subject)![c]!, 0));
  const filled = Array.from({ length: folds }, zeros);
  const subjectsIn = new Int32Array(folds);
  const foldOf = new Map<string, number>();
  for (const [dealt, subject] of subjects.entries()) {
    const own = counts.get(subject)!;
    // (x + own)^2 - x^2 of each class's share is what this fold would add to the sum.
    const cost = (fold: number): number =>
      own.reduce((sum, n, c) => sum + ((2 * filled[fold]![c]! + n) * n) / total[c]! ** 2, 0);
    // No fold may stay empty: the last subjects are kept for those that are.
    const empty = [...subjectsIn.keys()].filter((fold) => subjectsIn[fold] === 0);
    const open = subjects.length - dealt <= empty.length ? empty : [...subjectsIn.keys()];
    const best = open.reduce((a, b) => (cost(b) < cost(a) ? b : a));
    own.forEach((n, c) => {
      filled[best]![c]! += n;
    });
    subjectsIn[best]! += 1;
    foldOf.set(subject, best);
  }
  return foldOf;
}
