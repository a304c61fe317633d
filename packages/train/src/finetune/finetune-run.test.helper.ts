import { writeSync } from "node:fs";
import { join } from "node:path";
import { defineGraph, type Graph, type PictureShape, padding, registerBackbone } from "@fer-bench/models";
import { type Benchmark, benchmarkSchema } from "../benchmark.ts";
import { runTrainStage } from "../train-stage.ts";

/*
 * A small fine-tuning as a process of its own, so that it can be killed:
 *   node ... finetune-run.test.helper.ts <root> <folder of the artifact>
 * It prints a line now and then, as progress does.
 */

const initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanOut",
  distribution: "truncatedNormal",
} as const;

/** A convolution with batch norm, for any size. */
export function smallGraph({ height, width, channels }: PictureShape): Graph {
  return defineGraph("small", [
    { kind: "input", name: "input", inputs: [], shape: [height, width, channels], dtype: "uint8" },
    { kind: "rescaling", name: "rescaling", inputs: ["input"], scale: 1 / 255 },
    {
      kind: "conv2d",
      name: "stem_conv",
      inputs: ["rescaling"],
      filters: 12,
      kernel: [3, 3],
      strides: [2, 2],
      padding: padding("tensorflow", height, width, 3, 2),
      bias: false,
      activation: "linear",
      initializer,
    },
    { kind: "batchNorm", name: "stem_bn", inputs: ["stem_conv"], epsilon: 1e-3, momentum: 0.9 },
    { kind: "activation", name: "stem_activation", inputs: ["stem_bn"], activation: "swish" },
    { kind: "globalAveragePool", name: "avg_pool", inputs: ["stem_activation"] },
  ]);
}

/** Registers `small.random`. */
export function registerSmallBackbone(): void {
  registerBackbone({
    name: "small.random",
    title: "A small network, random weights",
    graph: smallGraph,
    weights: { kind: "random" },
  });
}

export const SMALL_BENCHMARK: Benchmark = benchmarkSchema.parse({
  title: "Small",
  source: "home",
  targets: ["home"],
  backbone: "small.random",
  input: { size: 16 },
  train: {
    mode: "finetune",
    epochs: 6,
    batchSize: 4,
    optimizer: { kind: "adamw", learningRate: 0.01, schedule: { kind: "cosine" } },
    augmentation: { flip: 0.5, shift: 0.1, rotate: 10, erase: {} },
    ema: 0.9,
    checkpoints: { everySteps: 7, everyMinutes: null },
  },
});

export function finetuneSmall(root: string, out: string, onProgress: () => void) {
  return runTrainStage({
    benchmark: SMALL_BENCHMARK,
    name: "small",
    dataset: { prepareDir: join(root, "home", "prepare"), preprocessDir: join(root, "home", "preprocess") },
    featuresDir: "",
    out,
    threads: 1,
    progress: { start: () => ({ update: onProgress, end() {} }), note() {} },
  });
}

const [, script, root, out] = process.argv;
if (script === import.meta.filename && root !== undefined && out !== undefined) {
  registerSmallBackbone();
  await finetuneSmall(root, out, () => writeSync(1, "step\n"));
}
