import { readFile } from "node:fs/promises";
import { FerBenchError, readParquet } from "@fer-bench/artifacts";
import { mostProbable } from "@fer-bench/metrics";
import {
  type Classifier,
  createClassifier,
  createPredictor,
  createSessionPool,
  readClassifier,
} from "@fer-bench/models";
import { openFaces } from "../faces.ts";
import { probabilityColumn } from "../probability-columns.ts";
import type { ExportFormat } from "./formats.ts";

/** Test faces with the probabilities that the evaluate stage gave them. */
export interface ReferenceFaces {
  /** `<set>.predictions.parquet` of the evaluate stage. */
  file: string;
  count: number;
  /** uint8 [count, size, size, channels]. */
  pictures: Uint8Array;
  /** float32 [count, classes]. */
  probabilities: Float32Array;
}

/** How an exported file does on them. */
export interface Agreement {
  /** max|a - b| / max|b| over all probabilities. */
  largestDifference: number;
  /** Faces whose most probable class is the same. */
  sameDecisions: number;
}

/** Faces spread evenly over the predictions of an evaluate stage, at most `limit`. */
export async function readReferenceFaces(request: {
  /** `faces.npy` of the data set's preprocess stage. */
  facesFile: string;
  predictionsFile: string;
  classes: readonly string[];
  input: { size: number; channels: 1 | 3 };
  limit: number;
}): Promise<ReferenceFaces> {
  const { predictionsFile: file, classes, input, limit } = request;
  const rows = await readParquet<Record<string, number>>(file, ["index", ...classes.map(probabilityColumn)]);
  const count = Math.min(limit, rows.length);
  const chosen = Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]!);
  const area = input.size * input.size * input.channels;
  const pictures = new Uint8Array(count * area);
  const faces = await openFaces(request.facesFile, input.size);
  try {
    for (const [i, { index }] of chosen.entries()) {
      pictures.set(await faces.read(index!, 1, input.channels), i * area);
    }
  } finally {
    await faces.close();
  }
  const probabilities = Float32Array.from(
    chosen.flatMap((row) => classes.map((label) => row[probabilityColumn(label)]!)),
  );
  return { file, count, pictures, probabilities };
}

/** How far predictions may be from those of another computer, and still be of the same network. */
const SAME_NETWORK = 1e-3;

/**
 * Makes sure that the evaluation is this classifier's, and measures what its network makes of rounding: how far the
 * probabilities move, of the largest, where the same sums are added up in another order.
 * @param batchSize the features stage's: with it, every sum is added up as it was there
 * @throws FerBenchError "bad-artifact" where the evaluation is of another network
 */
export async function checkReference(
  classifier: Classifier,
  { file, pictures, count, probabilities }: ReferenceFaces,
  batchSize: number,
): Promise<number> {
  const again = await predict(classifier, pictures, count, batchSize);
  const difference = relativeDifference(again, probabilities);
  if (!(difference <= SAME_NETWORK)) {
    throw new FerBenchError(
      "bad-artifact",
      `these predictions are not of this classifier: probabilities differ by ${difference.toExponential(1)} of the largest`,
      {
        file,
        remedy: "run the benchmark's evaluate stage again; with Nx, add --skip-nx-cache once",
      },
    );
  }
  // Small batches are laid out otherwise than large ones.
  return relativeDifference(await predict(classifier, pictures, count, batchSize < 16 ? 32 : 8), again);
}

async function predict(classifier: Classifier, pictures: Uint8Array, count: number, batchSize: number) {
  const predictor = await createPredictor({ ...classifier, batchSize, threads: 1 });
  try {
    return await predictor.run(pictures, count);
  } finally {
    await predictor.close();
  }
}

/** Runs an exported file, as its users will, on the reference faces. */
export async function compareWithReference(
  format: ExportFormat,
  file: string,
  { count, pictures, probabilities }: ReferenceFaces,
  { input: { height, width, channels } }: Classifier,
): Promise<Agreement> {
  const found = await (format === "onnx"
    ? runOnnx(file, pictures, [count, height, width, channels])
    : runClassifierFile(file, pictures, count));
  const classes = probabilities.length / count;
  const decisions = mostProbable(found, classes);
  const expected = mostProbable(probabilities, classes);
  return {
    largestDifference: relativeDifference(found, probabilities),
    sameDecisions: decisions.filter((decision, i) => decision === expected[i]).length,
  };
}

async function runOnnx(file: string, pictures: Uint8Array, shape: number[]): Promise<Float32Array> {
  const pool = await createSessionPool(await readFile(file), 1);
  try {
    return await pool.run(Uint8Array.from(pictures), shape);
  } finally {
    await pool.close();
  }
}

async function runClassifierFile(file: string, pictures: Uint8Array, count: number): Promise<Float32Array> {
  const classifier = await createClassifier(await readClassifier(file), { threads: 1 });
  try {
    const results = await classifier.classify(pictures, count);
    return Float32Array.from(results.flatMap((result) => [...result.probabilities]));
  } finally {
    await classifier.close();
  }
}

function relativeDifference(found: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const difference = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - found[i]!)), 0);
  return difference / largest;
}
