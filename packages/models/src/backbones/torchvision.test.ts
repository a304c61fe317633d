import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { interpret } from "../graph/interpreter.test.support.ts";
import type { PaddingRule } from "../graph/padding.ts";
import { relativeDifference } from "../graph/sample-data.test.support.ts";
import { createPredictor } from "../run/predictor.ts";
import { type EfficientNetVariant, efficientnet } from "./efficientnet.ts";
import { formulaPictures, formulaWeights } from "./formula.test.support.ts";

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
