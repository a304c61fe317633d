/**
 * Compares WebGPU with the CPU in a process of its own, whose environment names the adapter. Prints JSON:
 * `{ unavailable: reason }`, or the relative differences.
 */
import { FerBenchError } from "@fer-bench/artifacts";
import { defineGraph, outputShape } from "../graph/graph.ts";
import { padding } from "../graph/padding.ts";
import {
  CALIBRATION_SEED,
  calibratedEfficientNet,
  joined,
  pictures,
  relativeDifference,
  scatteredWeights,
} from "../graph/sample-data.test.support.ts";
import { classifierHead } from "../head.ts";
import type { Model } from "../onnx/fold.ts";
import { createPredictor } from "./predictor.ts";
import { findRuntime } from "./runtime.ts";

export interface WebGpuResult {
  unavailable?: string;
  grey?: number;
  colour?: number;
  others?: number;
  head?: number;
}

try {
  await findRuntime({ device: "webgpu" });
  print(await compare());
} catch (error) {
  if (!(error instanceof FerBenchError) || error.code !== "unavailable") throw error;
  print({ unavailable: error.message });
}

/** All at once: sessions of several predictors must not meet inside the runtime. */
async function compare(): Promise<WebGpuResult> {
  const [grey, colour] = await Promise.all([features(1), features(3)]);
  return { grey, colour, others: await others(), head: await head() };
}

async function features(channels: 1 | 3): Promise<number> {
  const model = await calibratedEfficientNet("b0", { height: 48, width: 48, channels }, 128);
  return difference(model, joined(pictures(model.graph, 2, CALIBRATION_SEED)), 2);
}

/** The kinds of layers that EfficientNet has not. */
async function others(): Promise<number> {
  const graph = defineGraph("others", [
    { kind: "input", name: "input", inputs: [], shape: [7, 9, 3], dtype: "uint8" },
    { kind: "resize", name: "resize", inputs: ["input"], size: [10, 12], interpolation: "bicubic" },
    { kind: "rescaling", name: "rescaling", inputs: ["resize"], scale: 1 / 255, offset: [-1, -0.5, 0] },
    {
      kind: "maxPool2d",
      name: "max_pool",
      inputs: ["rescaling"],
      window: [3, 3],
      strides: [2, 2],
      padding: padding("symmetric", 10, 12, 3, 2),
    },
    { kind: "adaptiveAveragePool2d", name: "adaptive", inputs: ["max_pool"], size: [3, 4] },
    { kind: "reshape", name: "flatten", inputs: ["adaptive"], shape: [36] },
  ]);
  return difference({ graph, weights: new Map() }, joined(pictures(graph, 3)), 3);
}

async function head(): Promise<number> {
  const graph = classifierHead({
    inputs: 1280,
    classes: 7,
    hidden: 256,
    activation: "relu",
    dropout: 0.5,
    standardize: true,
    softmax: true,
  });
  const samples = Float32Array.from({ length: 5 * 1280 }, (_, i) => Math.sin(i));
  return difference({ graph, weights: scatteredWeights(graph) }, samples, 5);
}

async function difference(model: Model, samples: Uint8Array | Float32Array, count: number): Promise<number> {
  const outputs: Float32Array[] = [];
  for (const device of ["cpu", "webgpu"] as const) {
    const predictor = await createPredictor({ ...model, device, batchSize: 2, threads: 1 });
    outputs.push(await predictor.run(samples, count));
    await predictor.close();
  }
  const [cpu, webgpu] = outputs as [Float32Array, Float32Array];
  if (cpu.length !== count * outputShape(model.graph)[0]!) throw new Error(`${cpu.length} values`);
  return relativeDifference(webgpu, cpu);
}

function print(result: WebGpuResult): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
