import { availableParallelism } from "node:os";
import { FerBenchError } from "@fer-bench/artifacts";
import type { Model } from "../onnx/fold.ts";
import { convertChannels } from "../run/picture-channels.ts";
import {
  createPredictor,
  DEFAULT_BATCH_SIZE,
  type Predictor,
  type PredictorOptions,
  predictorOver,
} from "../run/predictor.ts";
import { createSessionPool } from "../run/session-pool.ts";
import type { Classifier } from "./classifier.ts";
import type { OnnxClassifier } from "./onnx-classifier.ts";

/** A classifier at work. */
export interface RunningClassifier extends Pick<Classifier, "classes" | "input"> {
  /**
   * Classifies `count` pictures (default 1): uint8 [count, height, width, channels] row-major, of the size of `input`.
   * Grey where the network reads RGB is repeated; RGB where it reads grey becomes luma, as in preprocessing. Calls may
   * overlap. Errors: FerBenchError ("bad-data") where the pictures are of another size.
   */
  classify(pictures: Uint8Array, count?: number): Promise<Classification[]>;
  /** Ends its threads. */
  close(): Promise<void>;
}

export interface Classification {
  /** The most probable class. */
  label: string;
  /** Its probability. */
  probability: number;
  /** One for every class, in the order of `classes`; their sum is 1. */
  probabilities: Float32Array;
}

/** Starts a classifier: `threads` (default all cores) and what else a predictor can be given. */
export async function createClassifier(
  { graph, weights, classes, input }: Classifier,
  options: Omit<PredictorOptions, keyof Model> = {},
): Promise<RunningClassifier> {
  return classifierOver(await createPredictor({ ...options, graph, weights }), { classes, input });
}

/** Starts a classifier's ONNX file, as `createClassifier` does a classifier. */
export async function createOnnxClassifier(
  { onnx, classes, input }: OnnxClassifier,
  options: Pick<PredictorOptions, "batchSize" | "threads" | "device"> = {},
): Promise<RunningClassifier> {
  const { batchSize = DEFAULT_BATCH_SIZE, threads = availableParallelism(), device } = options;
  const predictor = predictorOver(await createSessionPool(onnx, threads, device), {
    name: "the ONNX file",
    dtype: "uint8",
    shape: [input.height, input.width, input.channels],
    dimensions: classes.length,
    batchSize,
  });
  return classifierOver(predictor, { classes, input });
}

function classifierOver(
  predictor: Predictor,
  { classes, input }: Pick<Classifier, "classes" | "input">,
): RunningClassifier {
  return {
    classes,
    input,
    async classify(pictures, count = 1) {
      const probabilities = await predictor.run(toInput(pictures, count, input), count);
      return Array.from({ length: count }, (_, i) =>
        mostProbable(probabilities.subarray(i * classes.length, (i + 1) * classes.length), classes),
      );
    },
    close: () => predictor.close(),
  };
}

function mostProbable(probabilities: Float32Array, classes: readonly string[]): Classification {
  const probability = probabilities.reduce((a, b) => Math.max(a, b));
  return { label: classes[probabilities.indexOf(probability)]!, probability, probabilities };
}

/** The pictures in the network's channels; how many they have follows from their length. */
function toInput(pictures: Uint8Array, count: number, input: Classifier["input"]): Uint8Array {
  const { height, width, channels } = input;
  if (pictures instanceof Uint8Array && Number.isInteger(count)) {
    if (count === 0 && pictures.length === 0) return pictures;
    const given = pictures.length / (count * height * width);
    if (given === 1 || given === 3) return convertChannels(pictures, given, channels);
  }
  const found = pictures instanceof Uint8Array ? `${pictures.length} values` : "something else";
  throw new FerBenchError(
    "bad-data",
    `${count} pictures are a Uint8Array [${count}, ${height}, ${width}, 1 or 3], not ${found}`,
    { remedy: `resize each to ${width}x${height} pixels, and say how many there are` },
  );
}
