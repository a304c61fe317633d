import type { PictureShape } from "../backbones/backbone.ts";
import { efficientnet } from "../backbones/efficientnet.ts";
import { findBackbone } from "../backbones/registry.ts";
import "../backbones/register-all.ts";
import { pixels } from "../backbones/pixels.ts";
import type { Graph } from "../graph/graph.ts";
import { joined, pictures, scatteredWeights } from "../graph/sample-data.test.support.ts";
import { classifierHead, type HeadOptions, softmaxHead } from "../head.ts";
import type { Model } from "../onnx/fold.ts";
import { calibrateBatchNorm } from "../run/calibrate.ts";
import { randomWeights } from "../weights/weights.ts";
import { type Classifier, joinClassifier } from "./classifier.ts";
import type { ClassifierCard } from "./classifier-card.ts";

export const CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

const HEAD: Omit<HeadOptions, "softmax"> = {
  inputs: 1280,
  classes: CLASSES.length,
  hidden: 64,
  activation: "relu",
  dropout: 0.2,
  standardize: true,
};

export const CARD: ClassifierCard = {
  title: "A sample",
  backbone: { name: "efficientnet-b0.sample", title: "EfficientNet-B0", note: "Its weights are made up." },
  head: HEAD,
  picture: { face: { kind: "box", margin: 0.1 }, resize: "bicubic" },
  results: [{ dataset: "set", split: "test", n: 4, accuracy: 0.5, low: 0.15, high: 0.85, majority: 0.25 }],
  notes: ["“Sample” is said in UTF-8."],
};

/** B0 with a head, no parameter of which is left at 0 or 1. */
export function scatteredClassifier(
  input: PictureShape = { height: 32, width: 32, channels: 3 },
): Classifier {
  const graph = efficientnet({ variant: "b0", input });
  return joinClassifier({
    backbone: { graph, weights: scatteredWeights(graph) },
    head: sampleHead(),
    classes: CLASSES,
    card: CARD,
  });
}

/**
 * B0 at 48x48 with a head, made of random weights, that answers as a trained one does: otherwise to every picture, and
 * little otherwise to a picture that is little changed. What a block adds to the way around it is a third of what it
 * would be, so that nothing is enlarged from block to block.
 */
export async function steadyClassifier(): Promise<Classifier> {
  const graph = efficientnet({ variant: "b0", input: { height: 48, width: 48, channels: 1 } });
  const weights = randomWeights(graph, 1);
  for (const name of addedBatchNorms(graph)) weights.get(`${name}/gamma`)!.data.fill(0.3);
  const batches = [joined(pictures(graph, 32, 7))];
  const calibrated = await calibrateBatchNorm({ graph, weights, batches, batchSize: 32, threads: 1 });
  const head = sampleHead();
  const logits = head.weights.get("logits/kernel")!;
  logits.data.forEach((value, i) => {
    logits.data[i] = value / 4;
  });
  return joinClassifier({ backbone: { graph, weights: calibrated }, head, classes: CLASSES, card: CARD });
}

function addedBatchNorms({ layers }: Graph): string[] {
  return layers.filter(({ kind }) => kind === "add").map(({ name }) => name.replace(/add$/, "project_bn"));
}

/** The picture itself and a linear head. */
export function linearClassifier(input: PictureShape = { height: 4, width: 4, channels: 3 }): Classifier {
  const graph = pixels(input);
  const inputs = input.height * input.width * input.channels;
  const options = { ...HEAD, inputs, hidden: null, dropout: 0 };
  const head = classifierHead({ ...options, softmax: true });
  return joinClassifier({
    backbone: { graph, weights: new Map() },
    head: { graph: head, weights: scatteredWeights(head) },
    classes: CLASSES,
    card: { ...CARD, head: options },
  });
}

/** A registered backbone that is a whole classifier, its weights scattered. */
export function wholeClassifier(name: string): Classifier {
  const { graph: build, classes } = findBackbone(name);
  const graph = build({ height: 48, width: 48, channels: 1 });
  return joinClassifier({
    backbone: { graph, weights: scatteredWeights(graph) },
    head: { graph: softmaxHead(classes!.length), weights: new Map() },
    classes: classes!,
    card: { ...CARD, head: undefined },
  });
}

export function sampleHead(): Model {
  const graph = classifierHead({ ...HEAD, softmax: true });
  return { graph, weights: scatteredWeights(graph, 2) };
}
