import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpreter.test.support.ts";
import type { PaddingRule } from "../graph/padding.ts";
import { parametersOf } from "../graph/parameters.ts";
import { relativeDifference } from "../graph/sample-data.test.support.ts";
import { createPredictor } from "../run/predictor.ts";
import type { Tensor } from "../weights/weights.ts";
import { type EfficientNetVariant, efficientnet } from "./efficientnet.ts";

interface Case {
  variant: EfficientNetVariant;
  height: number;
  width: number;
  padding: PaddingRule;
  epsilon: number;
  gamma: number;
  count: number;
  features: number[][];
}

/** Made by tools/fixtures/torchvision_efficientnet.py, whose formulas for weights and pictures are repeated here. */
const { cases } = JSON.parse(
  readFileSync(new URL("../../test/golden/torchvision-efficientnet.json", import.meta.url), "utf8"),
) as { cases: Case[] };

/** The interpreter takes its time: one picture of the small network. */
const INTERPRETED = "b0";

describe.each(cases)("$variant at $height x $width, $padding padding, epsilon $epsilon", (given) => {
  const { variant, height, width, padding, epsilon, count, features } = given;
  const graph = efficientnet({
    variant,
    input: { height, width, channels: 3 },
    padding,
    batchNorm: { epsilon, momentum: 0.9 },
  });
  const weights = formulaWeights(graph, given.gamma);
  const data = formulaPictures(count, height, width);

  it.each([1, 16])("gives torchvision's features %i at a time", async (batchSize) => {
    const predictor = await createPredictor({ graph, weights, batchSize, threads: 1 });
    const result = await predictor.run(data, count);
    await predictor.close();
    expect(relativeDifference(result, features.flat())).toBeLessThan(1e-4);
  });

  if (variant !== INTERPRETED) return;
  it("gives torchvision's features in the plain interpreter", () => {
    const first = data.subarray(0, height * width * 3);
    expect(relativeDifference(interpret(graph, weights, [first])[0]!, features[0]!)).toBeLessThan(1e-6);
  });
});

/** Numbers in [-1, 1) from a name and the index of each. */
function noise(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const char of name) seed = Math.imul(seed ^ char.charCodeAt(0), 0x01000193);
  return Float64Array.from({ length: count }, (_, i) => {
    let h = Math.imul(i + seed, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

function formulaWeights(graph: Graph, gamma: number): Map<string, Tensor> {
  const product = (extents: readonly number[]) => extents.reduce((total, extent) => total * extent, 1);
  const IMAGENET = {
    mean: [0.485, 0.456, 0.406],
    variance: [0.229 ** 2, 0.224 ** 2, 0.225 ** 2],
    count: [0],
  };
  return new Map(
    parametersOf(graph).map(({ name, shape }) => {
      const [layer, kind] = name.split("/") as [string, string];
      if (layer === "normalization") {
        return [name, { shape, data: Float32Array.from(IMAGENET[kind as keyof typeof IMAGENET]) }];
      }
      const scales: Record<string, (u: number) => number> = {
        kernel: (u) => u * Math.sqrt(6 / product(shape.slice(0, -1))),
        depthwise_kernel: (u) => u * Math.sqrt(6 / product(shape.slice(0, 2))),
        gamma: (u) => gamma * (1 + 0.2 * u),
        moving_variance: (u) => 0.02 * (1 + 0.5 * u),
      };
      const scale = scales[kind] ?? ((u: number) => 0.1 * u);
      return [name, { shape, data: Float32Array.from(noise(name, product(shape)), scale) }];
    }),
  );
}

function formulaPictures(count: number, height: number, width: number): Uint8Array {
  const slopes = noise("slopes", count * 6);
  const grain = noise("grain", count * height * width * 3);
  return Uint8Array.from(grain, (value, i) => {
    const channel = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / (3 * width)) % height;
    const slope = (Math.floor(i / (3 * width * height)) * 3 + channel) * 2;
    const plane = 128 + slopes[slope]! * (x - width / 2) * 2 + slopes[slope + 1]! * (y - height / 2) * 2;
    return Math.min(255, Math.max(0, Math.floor(plane + 20 * value)));
  });
}
