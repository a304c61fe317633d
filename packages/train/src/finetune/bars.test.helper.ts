import { createRandom, silent, uniform } from "@fer-bench/artifacts";
import { defineGraph, type Graph, padding, randomWeights } from "@fer-bench/models";
import { type FinetuneConfig, finetuneSchema } from "../finetune-config.ts";
import type { TrainNetworkRequest } from "./train-network.ts";

const SIZE = 12;
const initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanOut",
  distribution: "truncatedNormal",
} as const;

/** A small mobile network: stem, depthwise block with stochastic depth, pooled features. */
export const barsNetwork: Graph = defineGraph("small", [
  { kind: "input", name: "input", inputs: [], shape: [SIZE, SIZE, 1], dtype: "uint8" },
  { kind: "rescaling", name: "rescaling", inputs: ["input"], scale: 1 / 255 },
  conv("stem_conv", "rescaling", 8, 3),
  norm("stem_bn", "stem_conv"),
  { kind: "activation", name: "stem_activation", inputs: ["stem_bn"], activation: "swish" },
  {
    kind: "depthwiseConv2d",
    name: "block1a_dwconv",
    inputs: ["stem_activation"],
    kernel: [3, 3],
    strides: [1, 1],
    padding: padding("tensorflow", SIZE, SIZE, 3, 1),
    bias: false,
    initializer,
  },
  norm("block1a_bn", "block1a_dwconv"),
  { kind: "activation", name: "block1a_activation", inputs: ["block1a_bn"], activation: "swish" },
  conv("block1a_project_conv", "block1a_activation", 8, 1),
  { kind: "dropout", name: "block1a_drop", inputs: ["block1a_project_conv"], rate: 0.2, perSample: true },
  { kind: "add", name: "block1a_add", inputs: ["block1a_drop", "stem_activation"] },
  { kind: "globalAveragePool", name: "avg_pool", inputs: ["block1a_add"] },
]);

function conv(name: string, input: string, filters: number, kernel: number) {
  return {
    kind: "conv2d",
    name,
    inputs: [input],
    filters,
    kernel: [kernel, kernel],
    strides: [1, 1],
    padding: padding("tensorflow", SIZE, SIZE, kernel, 1),
    bias: false,
    activation: "linear",
    initializer,
  } as const;
}

function norm(name: string, input: string) {
  return { kind: "batchNorm", name, inputs: [input], epsilon: 1e-3, momentum: 0.9 } as const;
}

/** Bars across, bars down, and a blot: three classes that a linear classifier on pixels cannot tell. */
function pictures(count: number, seed: string) {
  const faces = new Uint8Array(new SharedArrayBuffer(count * SIZE * SIZE));
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const random = createRandom("bars", seed);
  for (let i = 0; i < count; i++) {
    const phase = Math.floor(uniform(random, 0, 4));
    for (let p = 0; p < SIZE * SIZE; p++) {
      const [y, x] = [Math.floor(p / SIZE), p % SIZE];
      const at = labels[i] === 0 ? y : labels[i] === 1 ? x : x + y;
      faces[i * SIZE * SIZE + p] = ((at + phase) % 4 < 2 ? 190 : 60) + uniform(random, -40, 40);
    }
  }
  return { faces, labels };
}

const trainSet = pictures(100, "train");
const validation = pictures(30, "validation");

/** A training on bars; `config` as in a benchmark.json. */
export function barsTraining(config: Partial<Record<keyof FinetuneConfig, unknown>>): TrainNetworkRequest {
  const targets = new Float32Array(new SharedArrayBuffer(4 * 3 * trainSet.labels.length));
  trainSet.labels.forEach((label, i) => {
    targets[3 * i + label] = 1;
  });
  return {
    backbone: { graph: barsNetwork, weights: randomWeights(barsNetwork, 1) },
    classes: 3,
    size: SIZE,
    channels: 1,
    train: { faces: trainSet.faces, targets },
    validation,
    config: finetuneSchema.parse({ mode: "finetune", epochs: 3, batchSize: 16, ...config }),
    threads: 2,
    progress: silent,
  };
}
