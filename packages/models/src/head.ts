import { FerBenchError } from "@fer-bench/artifacts";
import { defineGraph, type Graph } from "./graph/graph.ts";
import { GLOROT_UNIFORM } from "./graph/initializers.ts";
import type { Layer } from "./graph/layers.ts";

export interface HeadOptions {
  /** Length of the features it reads. */
  inputs: number;
  classes: number;
  /** Width of the hidden layer; null for none: a linear head, which is logistic regression. */
  hidden: number | null;
  activation: "relu" | "swish" | "tanh";
  /** Share of the hidden units (of the features, in a linear head) dropped in training. */
  dropout: number;
  /** Begins with a Normalization of the features, whose statistics are set by `adaptNormalization`. */
  standardize: boolean;
  /** Ends with class probabilities; without it, logits. The parameters are the same. */
  softmax: boolean;
}

/** The classifier on top of the features: [standardize], [hidden, activation], [dropout], logits, [probabilities]. */
export function classifierHead(options: HeadOptions): Graph {
  const { inputs, classes, hidden, activation, dropout, standardize, softmax } = options;
  if (hidden !== null && !(Number.isInteger(hidden) && hidden > 0)) {
    throw new FerBenchError("bad-config", `A hidden layer has one unit or more, not ${hidden}.`, {
      field: "head.hidden",
      remedy: "give a whole number from 1 up, or null for no hidden layer",
    });
  }
  const layers: Layer[] = [
    { kind: "input", name: "features", inputs: [], shape: [inputs], dtype: "float32" },
  ];
  const append = (layer: Layer) => layers.push(layer);
  const previous = () => [layers.at(-1)!.name];
  const dense = { kind: "dense", bias: true, activation: "linear", initializer: GLOROT_UNIFORM } as const;

  if (standardize) append({ kind: "normalization", name: "standardize", inputs: previous() });
  if (hidden !== null) {
    append({ ...dense, name: "hidden", inputs: previous(), units: hidden });
    append({ kind: "activation", name: "hidden_activation", inputs: previous(), activation });
  }
  if (dropout > 0) {
    append({ kind: "dropout", name: "hidden_dropout", inputs: previous(), rate: dropout, perSample: false });
  }
  append({ ...dense, name: "logits", inputs: previous(), units: classes });
  if (softmax)
    append({ kind: "activation", name: "probabilities", inputs: previous(), activation: "softmax" });
  return defineGraph(hidden === null ? "linear-head" : "two-layer-head", layers);
}

/** The head of a backbone that is a whole classifier: from the logits that it gives to class probabilities. */
export function softmaxHead(classes: number): Graph {
  return defineGraph("softmax-head", [
    { kind: "input", name: "logits", inputs: [], shape: [classes], dtype: "float32" },
    { kind: "activation", name: "probabilities", inputs: ["logits"], activation: "softmax" },
  ]);
}
