import { readSafetensors } from "@fer-bench/artifacts";
import { modelOf, writeModel } from "../weights/model-file.ts";
import type { StorageOptions } from "../weights/stored-tensors.ts";
import { type Classifier, defineClassifier } from "./classifier.ts";
import { CLASSIFIER_FORMAT, CLASSIFIER_VERSION, readMetadata } from "./classifier-metadata.ts";

/**
 * Writes a classifier as one .safetensors that is enough to run it: weights under Keras's names; in the metadata the
 * graph layer by layer, the class names and the card, each as JSON. The same classifier gives the same bytes.
 */
export async function writeClassifier(
  path: string,
  classifier: Classifier,
  options: StorageOptions = {},
): Promise<void> {
  const { classes, card } = classifier;
  const metadata = {
    format: CLASSIFIER_FORMAT,
    version: String(CLASSIFIER_VERSION),
    classes: JSON.stringify(classes),
    card: JSON.stringify(card),
  };
  await writeModel(path, classifier, metadata, options);
}

/**
 * Reads a classifier; kernels kept in 16 bits become 32-bit numbers again.
 * @throws FerBenchError naming the file where it is missing, cut off, of another kind or of a newer version, and the
 * field, layer or tensor that is not as it should be
 */
export async function readClassifier(path: string): Promise<Classifier> {
  const file = await readSafetensors(path);
  const about = readMetadata(file.metadata, path);
  return defineClassifier({ ...modelOf(file, path), ...about }, path);
}
