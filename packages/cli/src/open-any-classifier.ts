import { open } from "node:fs/promises";
import { FerBenchError } from "@fer-bench/artifacts";
import {
  type ClassifierCard,
  createClassifier,
  createOnnxClassifier,
  type RunningClassifier,
  readClassifier,
  readOnnxClassifier,
  shippedClassifier,
} from "@fer-bench/models";

/** The classifier that comes with fer-bench. */
export const SHIPPED = "efficientnetv2-48.fer2013";

export interface OpenedClassifier {
  readonly name: string;
  readonly card: ClassifierCard;
  readonly running: RunningClassifier;
}

/** Few faces come at a time: a larger batch would mostly be filled up with zeros. */
const BATCH_SIZE = 8;

/**
 * The classifier of a file that `fer-bench export` wrote, ONNX or safetensors as its content says, or the one that comes
 * with fer-bench.
 */
export async function openAnyClassifier(
  file: string | undefined,
  threads: number,
): Promise<OpenedClassifier> {
  const options = { batchSize: BATCH_SIZE, threads };
  if (file !== undefined && !(await isSafetensors(file))) {
    const onnx = await readOnnxClassifier(file);
    return { name: file, card: onnx.card, running: await createOnnxClassifier(onnx, options) };
  }
  const classifier = file === undefined ? await shippedClassifier(SHIPPED) : await readClassifier(file);
  if (classifier === undefined) {
    throw new FerBenchError("internal", `${SHIPPED} does not come with this package`);
  }
  return {
    name: file ?? SHIPPED,
    card: classifier.card,
    running: await createClassifier(classifier, options),
  };
}

/** Safetensors begin with the length of a JSON object, in 8 bytes, and with that object. */
async function isSafetensors(path: string): Promise<boolean> {
  const beginning = await readBeginning(path, 9).catch((cause: NodeJS.ErrnoException) => {
    throw new FerBenchError("missing", `the classifier cannot be read: ${cause.code}`, {
      file: path,
      remedy: "name a file that fer-bench export wrote",
      cause,
    });
  });
  return beginning[8] === "{".charCodeAt(0);
}

async function readBeginning(path: string, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
