import { createRandom, randomInt, uniform } from "@fer-bench/artifacts";
import { type EfficientNetVariant, efficientnet } from "../backbones/efficientnet.ts";
import type { Model } from "../onnx/fold.ts";
import { calibrateBatchNorm } from "../run/calibrate.ts";
import { randomWeights, type Tensor } from "../weights/weights.ts";
import { type Graph, inputOf } from "./graph.ts";
import { parametersOf } from "./parameters.ts";
import { sizeOf } from "./shapes.ts";

export const CALIBRATION_SEED = 7;

/** Soft gradients with grain: pictures that no two of are alike. */
export function pictures(graph: Graph, count: number, seed = 1): Uint8Array[] {
  const [height, width, channels] = inputOf(graph).shape as [number, number, number];
  return Array.from({ length: count }, (_, n) => {
    const random = createRandom(seed, n);
    const [level, down, right] = [uniform(random, 40, 200), uniform(random, -2, 2), uniform(random, -2, 2)];
    return Uint8Array.from({ length: height * width * channels }, (_, i) => {
      const pixel = Math.floor(i / channels);
      const grey = level + down * Math.floor(pixel / width) + right * (pixel % width) + randomInt(random, 40);
      return Math.min(255, Math.max(0, grey));
    });
  });
}

export function joined(samples: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(samples.flatMap((sample) => [...sample]));
}

/** Weights with nothing left at 0 or 1, so that a parameter that is ignored shows. */
export function scatteredWeights(graph: Graph, seed = 1): Map<string, Tensor> {
  const weights = randomWeights(graph, seed);
  for (const { name, shape } of parametersOf(graph)) {
    const random = createRandom(seed, "scatter", name);
    const draw = (low: number, high: number) =>
      weights.set(name, {
        shape,
        data: Float32Array.from({ length: sizeOf(shape) }, () => uniform(random, low, high)),
      });
    if (/variance$|gamma$/.test(name)) draw(0.5, 1.5);
    else if (/(mean|beta|bias)$/.test(name)) draw(-0.3, 0.3);
  }
  return weights;
}

export async function calibratedEfficientNet(
  variant: EfficientNetVariant,
  input: { height: number; width: number; channels: 1 | 3 },
  batchSize?: number,
): Promise<Model> {
  return calibrated(efficientnet({ variant, input }), batchSize);
}

/**
 * Random weights whose batch norm is calibrated on `pictures` of CALIBRATION_SEED, so that activations stay in
 * proportion.
 */
export async function calibrated(graph: Graph, batchSize = 32): Promise<Model> {
  const batches = [joined(pictures(graph, batchSize, CALIBRATION_SEED))];
  const weights = randomWeights(graph, 1);
  return { graph, weights: await calibrateBatchNorm({ graph, weights, batches, batchSize, threads: 1 }) };
}

/** max|a - b| / max|b| */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < b.length; i++) {
    const distance = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(distance)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, distance);
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return difference / largest;
}
