import { readFileSync } from "node:fs";
import { inputOf } from "../graph/graph.ts";
import { foldForInference } from "../onnx/fold.ts";
import { lowerForInference } from "../onnx/lower-inference.ts";
import type { StorageOptions } from "../weights/stored-tensors.ts";
import type { Classifier } from "./classifier.ts";
import { CLASSIFIER_FORMAT, CLASSIFIER_VERSION } from "./classifier-metadata.ts";

/** The operator set it is written in, the lowest that its operators are in as they are used. */
export const CLASSIFIER_OPSET = 13;

/** The free dimension. */
const BATCH = "N";

/**
 * A classifier as an ONNX file of standard operators: uint8 pictures [N, height, width, channels] in, any number of
 * them, preprocessing included; float32 probabilities [N, classes] out. Its metadata hold, each as JSON, the class
 * names, what goes in and comes out, and the card.
 */
export function lowerClassifier(classifier: Classifier, { half }: StorageOptions = {}): Uint8Array {
  const { classes, card } = classifier;
  const { input, output } = interfaceOf(classifier);
  return lowerForInference(foldForInference(classifier), {
    batch: BATCH,
    opset: CLASSIFIER_OPSET,
    half,
    output: output.name,
    metadata: {
      format: CLASSIFIER_FORMAT,
      version: String(CLASSIFIER_VERSION),
      classes: JSON.stringify(classes),
      input: JSON.stringify(input),
      output: JSON.stringify(output),
      card: JSON.stringify(card),
    },
    description: {
      doc: `${card.title}.\nInput ${inWords(input)}.\nOutput ${inWords(output)}: ${classes.join(", ")}.`,
      producerVersion: ownVersion(),
    },
  });
}

/** What a classifier's ONNX file takes or gives. */
export interface OnnxPort {
  name: string;
  type: "uint8" | "float32";
  /** A name is a free extent. */
  shape: (number | string)[];
  meaning: string;
}

/** What goes into a classifier's ONNX file and comes out. */
export function interfaceOf({ graph, classes, input }: Classifier): { input: OnnxPort; output: OnnxPort } {
  const { height, width, channels } = input;
  return {
    input: {
      name: inputOf(graph).name,
      type: "uint8",
      shape: [BATCH, height, width, channels],
      meaning: `${channels === 1 ? "grey" : "red, green and blue"} values 0 to 255, row by row`,
    },
    output: {
      name: "probabilities",
      type: "float32",
      shape: [BATCH, classes.length],
      meaning: "a probability for each class, their sum is 1",
    },
  };
}

function inWords({ name, type, shape, meaning }: OnnxPort): string {
  return `"${name}", ${type} [${shape.join(", ")}], ${meaning}`;
}

function ownVersion(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}
