import { FerBenchError, readParquet, writeParquet } from "@fer-bench/artifacts";
import type { Split } from "@fer-bench/datasets";
import { sampleOfFace } from "@fer-bench/preprocess";

/** A row of a feature array. */
export interface Sample {
  /** Its row. */
  index: number;
  id: string;
  split: Split;
  label: string;
  /** Votes of annotators, a number for each class of the data set; absent where it has none. */
  votes?: readonly number[];
  /** Identifies the raw image's pixels, in any data set. */
  pixelSha256?: string;
  /** A number that the data set's samples of nearly the same picture have in common; absent where there is no other. */
  repeatGroup?: number;
  /** Who is to be seen, where the data set says so. */
  subject?: string;
}

const COLUMNS = [
  { name: "index", type: "int32" },
  { name: "id", type: "string" },
  { name: "split", type: "string" },
  { name: "label", type: "string" },
  { name: "votes", type: "ints", nullable: true },
] as const;

const RECORD_COLUMNS = [
  { name: "pixelSha256", type: "string", nullable: true },
  { name: "repeatGroup", type: "int32", nullable: true },
  { name: "subject", type: "string", nullable: true },
] as const;

const ALL_COLUMNS = [...COLUMNS, ...RECORD_COLUMNS];
const namesOf = (columns: readonly { name: string }[]) => columns.map(({ name }) => name);

/** Writes which sample each row of a feature array is. */
export async function writeSamples(path: string, samples: readonly Sample[]): Promise<void> {
  await writeParquet(path, ALL_COLUMNS, samples as readonly (Sample & Record<string, unknown>)[]);
}

/** Reads the samples of a feature array; row i is sample i. */
export async function readSamples(path: string): Promise<Sample[]> {
  return inPlace(await readParquet<Sample>(path, namesOf(ALL_COLUMNS)), path);
}

/**
 * Reads the samples of a data set's chips, from the `faces.parquet` of preprocess and the `records.parquet` of prepare.
 * Faces come in record order; of a record there may be none, or several.
 */
export async function readFaceSamples(faces: string, records: string): Promise<Sample[]> {
  const samples = inPlace(await readParquet<Sample>(faces, namesOf(COLUMNS)), faces);
  const recorded = await readParquet<Pick<Sample, "id" | "pixelSha256" | "repeatGroup" | "subject">>(
    records,
    ["id", ...namesOf(RECORD_COLUMNS)],
  );
  // Samples whose own ids look like those of further faces.
  const own = new Set(recorded.filter(({ id }) => sampleOfFace(id) !== undefined).map(({ id }) => id));
  let place = 0;
  // What is read here is as long as the data set: nothing is copied.
  for (const sample of samples) {
    const { id } = sample;
    const recordId = own.has(id) ? id : (sampleOfFace(id) ?? id);
    while (place < recorded.length && recorded[place]!.id !== recordId) place++;
    const record = recorded[place];
    if (record === undefined) {
      throw new FerBenchError("bad-artifact", `it has no record of ${id}, of which there is a face`, {
        file: records,
        remedy: "run the data set's preprocess stage again",
      });
    }
    Object.assign(sample, record, { id });
  }
  return samples;
}

function inPlace(samples: Sample[], path: string): Sample[] {
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

/** Rows of every sample of a split, whatever its class, ascending. */
export function rowsOfSplit(samples: readonly Sample[], split: Split): Int32Array {
  return Int32Array.from(samples.filter((sample) => sample.split === split).map(({ index }) => index));
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
