import { FerBenchError, parseConfig, readSafetensors } from "@fer-bench/artifacts";
import { z } from "zod";
import { jsonOf, modelOf, writeModel } from "../weights/model-file.ts";
import type { StorageOptions } from "../weights/stored-tensors.ts";
import { type Classifier, defineClassifier } from "./classifier.ts";
import { classifierCardSchema } from "./classifier-card.ts";

/** What the metadata say under `format`. */
export const CLASSIFIER_FORMAT = "fer-bench-classifier";

/** Rises when files are no longer what an earlier release can read. */
export const CLASSIFIER_VERSION = 1;

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

const classesSchema = z.array(z.string().min(1)).min(2);

/**
 * Reads a classifier; kernels kept in 16 bits become 32-bit numbers again.
 * @throws FerBenchError naming the file where it is missing, cut off, of another kind or of a newer version, and the
 * field, layer or tensor that is not as it should be
 */
export async function readClassifier(path: string): Promise<Classifier> {
  const file = await readSafetensors(path);
  checkFormat(file.metadata, path);
  const { graph, weights } = modelOf(file, path);
  const classes = parseConfig(classesSchema, jsonOf(file.metadata, "classes", path), `${path}#classes`);
  const card = parseConfig(classifierCardSchema, jsonOf(file.metadata, "card", path), `${path}#card`);
  return defineClassifier({ graph, weights, classes, card }, path);
}

function checkFormat({ format, version }: Readonly<Record<string, string>>, file: string): void {
  if (format !== CLASSIFIER_FORMAT) {
    const found = format === undefined ? "weights without their configuration" : `a file of format ${format}`;
    throw new FerBenchError("bad-config", `this is ${found}, not a finished classifier`, {
      file,
      field: "format",
      remedy:
        "give a file that fer-bench export wrote; of a benchmark that has run: fer-bench export <benchmark>",
    });
  }
  if (version !== String(CLASSIFIER_VERSION)) {
    throw new FerBenchError(
      "bad-config",
      `classifier files of version ${version} are not known here, version ${CLASSIFIER_VERSION} is`,
      { file, field: "version", remedy: "update @fer-bench/models, or write the file with this version" },
    );
  }
}
