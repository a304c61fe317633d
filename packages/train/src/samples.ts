import { FerBenchError, readParquet, writeParquet } from "@fer-bench/artifacts";
import type { Split } from "@fer-bench/datasets";

/** A row of a feature array. */
export interface Sample {
  /** Its row. */
  index: number;
  id: string;
  split: Split;
  label: string;
  /** Votes of annotators, a number for each class of the data set; absent where it has none. */
  votes?: readonly number[];
}

const COLUMNS = [
  { name: "index", type: "int32" },
  { name: "id", type: "string" },
  { name: "split", type: "string" },
  { name: "label", type: "string" },
  { name: "votes", type: "ints", nullable: true },
] as const;

/** Writes which sample each row of a feature array is. */
export async function writeSamples(path: string, samples: readonly Sample[]): Promise<void> {
  await writeParquet(path, COLUMNS, samples as readonly (Sample & Record<string, unknown>)[]);
}

/** Reads the samples of an array; row i is sample i. Also reads a preprocess stage's faces.parquet. */
export async function readSamples(path: string): Promise<Sample[]> {
  const samples = await readParquet<Sample>(
    path,
    COLUMNS.map(({ name }) => name),
  );
  const misplaced = samples.findIndex(({ index }, i) => index !== i);
  if (misplaced >= 0) {
    throw new FerBenchError(
      "bad-artifact",
      `its row ${misplaced} is of sample ${samples[misplaced]!.index}`,
      {
        file: path,
        remedy: "delete the stage's folder and run the stage again",
      },
    );
  }
  return samples;
}

/** Rows and classes of one split; samples of a class that is not of the list are left out and counted. */
export interface SplitOfSamples {
  samples: Sample[];
  /** Row of each sample, [n]. */
  indices: Int32Array;
  /** Class of each sample by its place in the list, [n]. */
  labels: Int32Array;
  /** Samples left out, by class. */
  excluded: Record<string, number>;
}

export function selectSplit(
  samples: readonly Sample[],
  split: Split,
  classes: readonly string[],
): SplitOfSamples {
  const excluded: Record<string, number> = {};
  const kept = samples.filter((sample) => {
    if (sample.split !== split) return false;
    if (classes.includes(sample.label)) return true;
    excluded[sample.label] = (excluded[sample.label] ?? 0) + 1;
    return false;
  });
  return {
    samples: kept,
    indices: Int32Array.from(kept, ({ index }) => index),
    labels: Int32Array.from(kept, ({ label }) => classes.indexOf(label)),
    excluded,
  };
}

/**
 * The samples' votes as distributions over the classes, [samples.length, classes] in memory that threads share.
 * @throws FerBenchError "bad-data" naming the first sample that has no votes
 */
export function voteTargets(
  samples: readonly Sample[],
  classes: readonly string[],
): Float32Array<SharedArrayBuffer> {
  const targets = new Float32Array(new SharedArrayBuffer(4 * samples.length * classes.length));
  for (const [i, { id, votes = [] }] of samples.entries()) {
    const sum = votes.reduce((a, b) => a + b, 0);
    if (votes.length !== classes.length || !(sum > 0)) {
      throw new FerBenchError("bad-data", `sample ${id} has no votes to train on`, {
        field: "train.targets",
        remedy: 'set it to "labels", or train on a data set whose records have votes, such as ferplus',
      });
    }
    for (const [c, count] of votes.entries()) targets[i * classes.length + c] = count / sum;
  }
  return targets;
}
