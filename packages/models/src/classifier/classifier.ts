import { FerBenchError } from "@fer-bench/artifacts";
import type { PictureShape } from "../backbones/backbone.ts";
import { type Graph, inputOf, joinGraphs, outputOf, outputShape } from "../graph/graph.ts";
import type { Model } from "../onnx/fold.ts";
import { checkWeights, type Weights } from "../weights/weights.ts";
import type { ClassifierCard } from "./classifier-card.ts";

/** A finished classifier as plain data: a picture in, a probability for every class out. */
export interface Classifier {
  readonly graph: Graph;
  readonly weights: Weights;
  /** What the outputs mean, in their order. */
  readonly classes: readonly string[];
  /** The pictures it reads, uint8. */
  readonly input: PictureShape;
  readonly card: ClassifierCard;
}

/**
 * Checks that graph, weights and classes belong together.
 * @throws FerBenchError ("bad-config" for the graph and the classes, "bad-artifact" for the weights)
 */
export function defineClassifier(parts: Omit<Classifier, "input">, file?: string): Classifier {
  const { graph, weights, classes } = parts;
  const fail = (message: string, field: string, remedy: string): never => {
    throw new FerBenchError("bad-config", message, { file, field, remedy });
  };
  const { dtype, shape } = inputOf(graph);
  const [height, width, channels] = shape;
  if (dtype !== "uint8" || shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    return fail(
      `${graph.name} reads ${dtype} [${shape.join(", ")}], no pictures`,
      "graph",
      "join a backbone that reads pictures with its head",
    );
  }
  const last = outputOf(graph);
  const output = outputShape(graph);
  if (!("activation" in last) || last.activation !== "softmax" || output.length !== 1) {
    return fail(
      `${graph.name} ends with ${last.name}, not with probabilities`,
      "graph",
      "make the head with softmax: true",
    );
  }
  if (output[0] !== classes.length || new Set(classes).size !== classes.length) {
    return fail(
      `${graph.name} gives ${output[0]} probabilities; ${new Set(classes).size} classes are named`,
      "classes",
      "name every class once, in the order of the outputs",
    );
  }
  checkWeights(graph, weights, file);
  return { ...parts, input: { height: height!, width: width!, channels } };
}

/** A backbone and the head trained on its features as one classifier; the head ends with probabilities. */
export function joinClassifier(parts: {
  backbone: Model;
  head: Model;
  classes: readonly string[];
  card: ClassifierCard;
}): Classifier {
  const { backbone, head, classes, card } = parts;
  return defineClassifier({
    graph: joinGraphs(`${backbone.graph.name}+${head.graph.name}`, backbone.graph, head.graph),
    weights: new Map([...backbone.weights, ...head.weights]),
    classes,
    card,
  });
}
