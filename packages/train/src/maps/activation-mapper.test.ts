import { readFileSync } from "node:fs";
import {
  classifierHead,
  createPredictor,
  efficientnet,
  findBackbone,
  joinGraphs,
  outputShape,
  shapeOf,
  type Tensor,
} from "@fer-bench/models";
import { expect, test } from "vitest";
import { createActivationMapper } from "./activation-mapper.ts";
import { type MapLayer, mapLayers } from "./map-layers.ts";

/** Recorded from PyTorch's automatic differentiation by tools/fixtures/torch_activation_maps.py. */
const fixture = JSON.parse(
  readFileSync(new URL("../../test/activation-maps.json", import.meta.url), "utf8"),
) as {
  pictures: string;
  count: number;
  weights: Record<string, { shape: number[]; data: string }>;
  logits: number[][];
  cases: {
    asked: number[];
    maps: { layer: string; method: MapLayer["method"]; shape: [number, number, number]; values: number[] }[];
  }[];
};

/** The fixture's network, with dropout that is not there when it is asked. */
const body = efficientnet({
  variant: {
    name: "efficientnetv2-tiny",
    width: 1,
    depth: 1,
    dropout: 0.2,
    stemFilters: 8,
    topFilters: 24,
    stages: [
      { fused: true, kernel: 3, repeats: 1, filters: 8, expand: 1, stride: 1 },
      { kernel: 3, repeats: 2, filters: 8, expand: 2, stride: 2 },
      { fused: true, kernel: 3, repeats: 1, filters: 16, expand: 2, stride: 2 },
      { kernel: 3, repeats: 1, filters: 16, expand: 2, stride: 2 },
    ],
  },
  input: { height: 32, width: 32, channels: 1 },
  padding: "symmetric",
});
const head = classifierHead({
  inputs: outputShape(body)[0]!,
  classes: 5,
  hidden: 10,
  activation: "relu",
  dropout: 0.5,
  standardize: true,
  softmax: false,
});
const graph = joinGraphs("tiny", body, head);
const weights = new Map(
  Object.entries(fixture.weights).map(([name, { shape, data }]): [string, Tensor] => {
    const bytes = new Uint8Array(Buffer.from(data, "base64"));
    return [name, { shape, data: new Float32Array(bytes.buffer) }];
  }),
);
const pictures = new Uint8Array(Buffer.from(fixture.pictures, "base64"));
const layers = fixture.cases[0]!.maps.map(({ layer, method, shape: [, height, width] }): MapLayer => {
  return { layer, method, height, width, channels: shapeOf(graph, layer)[2]!, receptiveField: 1 };
});

const relativeDifference = (found: ArrayLike<number>, expected: readonly number[]) => {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]!))) / largest;
};

test("maps are those of PyTorch's gradients, Grad-CAM's and LayerCAM's, of every layer and for any class", async () => {
  // More pictures fit a run than there are.
  const mapper = await createActivationMapper({ graph, weights }, { layers, batch: 4, threads: 1 });
  for (const { asked, maps } of fixture.cases) {
    const found = await mapper.run(pictures, asked);
    expect(relativeDifference(found.logits, fixture.logits.flat())).toBeLessThan(1e-5);
    for (const [i, { layer, method, values }] of maps.entries()) {
      expect(values.some((value) => value > 0)).toBe(true);
      expect(relativeDifference(found.maps[i]!, values), `${method} of ${layer}`).toBeLessThan(1e-4);
    }
  }
  await mapper.close();
});

test("its logits are the predictor's", async () => {
  const mapper = await createActivationMapper({ graph, weights }, { layers: [], batch: 3, threads: 1 });
  const { logits } = await mapper.run(pictures, [0, 0, 0]);
  const predictor = await createPredictor({ graph, weights, threads: 1 });
  const expected = await predictor.run(pictures, fixture.count);
  expect(relativeDifference(logits, Array.from(expected))).toBeLessThan(1e-5);
  await Promise.all([mapper.close(), predictor.close()]);
});

test("the layers are the last, and one that is three times finer, where everything passes", () => {
  // By hand: 3 of the stem, 2 x 2, 2 x 2 and 2 x 4 of three more kernels of 3; then 2 x 4 and 2 x 8.
  expect(mapLayers(graph)).toEqual([
    { layer: "top_activation", method: "Grad-CAM", height: 2, width: 2, channels: 24, receptiveField: 43 },
    { layer: "block2b_add", method: "LayerCAM", height: 8, width: 8, channels: 8, receptiveField: 19 },
  ]);
  const named = (name: string, channels: 1 | 3 = 1) =>
    mapLayers(findBackbone(name).graph({ height: 48, width: 48, channels })).map(
      ({ layer, height, width }) => `${layer} ${height}x${width}`,
    );
  expect(named("efficientnetv2-48.random")).toEqual(["top_activation 3x3", "block2c_add 12x12"]);
  expect(named("mini-xception.fer2013")).toEqual(["conv2d_7 4x4", "add_2 15x15"]);
  expect(named("efficientnet-b0.random")).toEqual(["top_activation 2x2", "block4a_expand_activation 6x6"]);
  expect(named("resnet-18.torchvision", 3)).toEqual(["layer4.1.relu2 2x2", "layer2.1.relu2 6x6"]);
  // Its adaptive pooling repeats one pixel in 7x7, and shows nothing.
  expect(named("vgg-16.torchvision", 3)).toEqual(["features.29 3x3", "features.15 12x12"]);
  expect(() => named("pixels")).toThrow(/no layer whose channels are pictures/);
});
