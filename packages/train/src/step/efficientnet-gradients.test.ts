import { classifierHead, efficientnet, joinGraphs, outputShape } from "@fer-bench/models";
import { expect, test } from "vitest";
import { expectSameGradients } from "./expect-gradients.test.helper.ts";
import { compareGradients, drawnBatch, drawnWeights, stepGradients } from "./gradients.test.helper.ts";
import { lowerGradients } from "./lower-step.ts";

/** A whole EfficientNet, a tenth as wide as B0 and a stride 1 at its stem, with a classifier. */
const body = efficientnet({
  variant: { name: "efficientnet-small", width: 0.1, depth: 0.6, dropout: 0.2 },
  stemStride: 1,
  input: { height: 32, width: 32, channels: 1 },
});
const head = classifierHead({
  inputs: outputShape(body)[0]!,
  classes: 7,
  hidden: null,
  activation: "relu",
  dropout: 0.2,
  standardize: false,
  softmax: false,
});
const graph = joinGraphs("small", body, head);
const model = { graph, weights: drawnWeights(graph, 3) };

test("a whole small EfficientNet has the gradients of TensorFlow.js, by the operators for CPU and GPU", async () => {
  await expectSameGradients({ model, isTrainable: () => true, ...drawnBatch(model, 4, 7) }, 100);
});

test("so it has with its first half frozen: batch norms there in inference mode, no gradients", async () => {
  const frozen = new Set(
    body.layers
      .slice(
        0,
        body.layers.findIndex(({ name }) => name.startsWith("block4a")),
      )
      .map(({ name }) => name),
  );
  const isTrainable = (layer: string) => !frozen.has(layer);
  const found = await compareGradients({ model, isTrainable, ...drawnBatch(model, 4, 8) });
  expect(found.loss).toBeLessThan(1e-5);
  expect(found.gradient.difference, found.gradient.name).toBeLessThan(1e-3);
  const { flat } = lowerGradients(model, { batch: 4, isTrainable });
  const names = [...flat.kernels, ...flat.vectors, ...flat.statistics].map(({ name }) => name);
  expect(names.some((name) => name.startsWith("block5"))).toBe(true);
  expect(names.filter((name) => /^(stem|block[123])/.test(name))).toEqual([]);
});

test("the loss falls along the gradient as much as the gradient says", async () => {
  const batch = { isTrainable: () => true, ...drawnBatch(model, 4, 9) };
  const { loss, gradients } = await stepGradients({ model, ...batch });
  // Finite differences along the gradient's own direction, where the change is largest against the rounding.
  const norm = Math.sqrt(
    [...gradients.values()].reduce((sum, { data }) => data.reduce((a, g) => a + g * g, sum), 0),
  );
  const at = async (distance: number) => {
    const weights = new Map(model.weights);
    for (const [name, { shape, data }] of gradients) {
      const { data: before } = weights.get(name)!;
      weights.set(name, { shape, data: before.map((value, i) => value + (distance * data[i]!) / norm) });
    }
    return (await stepGradients({ model: { graph, weights }, ...batch })).loss;
  };
  const h = 2e-4;
  const slope = ((await at(h)) - (await at(-h))) / (2 * h);
  expect(Math.abs(slope - norm) / norm).toBeLessThan(1e-3);
  expect(await at(-h)).toBeLessThan(loss);
});
