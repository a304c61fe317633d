import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineGraph, type Graph } from "../graph/graph.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { interpret } from "../graph/interpreter.test.support.ts";
import type { Conv2dLayer, Layer } from "../graph/layers.ts";
import { NO_PADDING, padding } from "../graph/padding.ts";
import { relativeDifference, scatteredWeights } from "../graph/sample-data.test.support.ts";
import { channelFirstLayers } from "./channel-first-rules.ts";
import { foldForInference } from "./fold.ts";
import { expectSameAsInterpreter, runLowered } from "./lowered.test.support.ts";

interface Case {
  how: "bicubic" | "bilinear" | "adaptive";
  shape: [number, number, number];
  size: [number, number];
  input: number[];
  output: number[];
}

/** Made by tools/fixtures/resampling.py. */
const { cases } = JSON.parse(
  readFileSync(new URL("../../test/golden/resampling.json", import.meta.url), "utf8"),
) as { cases: Case[] };

describe.each(cases)("$how, $shape to $size", ({ how, shape, size, input, output }) => {
  const common = { name: "resampled", inputs: ["input"], size };
  const graph = defineGraph("resampling", [
    { kind: "input", name: "input", inputs: [], shape, dtype: "uint8" },
    how === "adaptive"
      ? { kind: "adaptiveAveragePool2d", ...common }
      : { kind: "resize", interpolation: how, ...common },
  ]);

  it("is what OpenCV and PyTorch compute", async () => {
    const lowered = await runLowered({ graph, weights: new Map() }, [Uint8Array.from(input)], { batch: 1 });
    expect(relativeDifference(lowered, output)).toBeLessThan(1e-6);
    expect(relativeDifference(interpret(graph, new Map(), [input])[0]!, output)).toBeLessThan(1e-6);
  });
});

describe("max pooling", () => {
  it("of any window, stride, padding and size beside a shortcut, folded and not, in either layout", async () => {
    const shapes = fc.record({
      height: fc.integer({ min: 3, max: 9 }),
      width: fc.integer({ min: 3, max: 9 }),
      window: fc.constantFrom(2, 3),
      stride: fc.constantFrom(1, 2),
      rule: fc.constantFrom("tensorflow" as const, "symmetric" as const),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => expectSameAsInterpreter(xceptionBlock(shape))),
      { numRuns: 15, seed: 5 },
    );
  });

  it("goes channel first with the convolutions around it", () => {
    const { graph } = foldForInference(
      withScatteredWeights(xceptionBlock({ height: 6, width: 5, stride: 2 })),
    );
    const [first, last] = [channelFirstLayers(graph), graph.layers.at(-1)!.name];
    expect([...first]).toEqual(
      expect.arrayContaining(["depthwise", "pointwise", "pool", "shortcut", "add", last]),
    );
  });

  it("never takes the padding", async () => {
    const graph = defineGraph("negative", [
      { kind: "input", name: "input", inputs: [], shape: [3, 3, 1], dtype: "uint8" },
      { kind: "rescaling", name: "negative", inputs: ["input"], scale: -1, offset: -1 },
      {
        kind: "maxPool2d",
        name: "pool",
        inputs: ["negative"],
        window: [2, 2],
        strides: [2, 2],
        padding: { top: 1, left: 1, bottom: 0, right: 0 },
      },
    ]);
    const sample = Uint8Array.from([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect([...(await runLowered({ graph, weights: new Map() }, [sample], { batch: 1 }))]).toEqual([
      -10, -8, -4, -2,
    ]);
  });
});

describe("adaptive average pooling", () => {
  it("of any size to any number of bins, before a classifier", async () => {
    const size = fc.integer({ min: 1, max: 9 });
    const shapes = fc.record({ height: size, width: size, rows: size, columns: size });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ height, width, rows, columns }) => {
        const bins: Layer = {
          kind: "adaptiveAveragePool2d",
          name: "bins",
          inputs: ["scaled"],
          size: [rows, columns],
        };
        const flat = rows * columns * 3;
        await expectSameAsInterpreter(
          defineGraph("binned", [
            ...start(height, width, 3),
            bins,
            { kind: "reshape", name: "flatten", inputs: ["bins"], shape: [flat] },
            { ...DENSE, name: "dense", inputs: ["flatten"], units: 4 },
          ]),
        );
      }),
      { numRuns: 10, seed: 3 },
    );
  });
});

describe("preprocessing in the first convolution", () => {
  const sizes = fc.record({
    height: fc.integer({ min: 3, max: 7 }),
    width: fc.integer({ min: 3, max: 7 }),
    enlarged: fc.integer({ min: 7, max: 11 }),
    padded: fc.boolean(),
    bias: fc.boolean(),
    channels: fc.constantFrom(1 as const, 3 as const),
  });

  it("with a resize before it", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (given) => expectSameAsInterpreter(preprocessed(given))),
      { numRuns: 12, seed: 2 },
    );
  });

  it("leaves the resize of the one grey channel where the convolution does not pad", () => {
    const graph = preprocessed({ height: 5, width: 5, enlarged: 8, padded: false, bias: false, channels: 1 });
    const { layers } = foldForInference(withScatteredWeights(graph)).graph;
    expect(layers.slice(0, 3).map(({ name }) => name)).toEqual(["input", "resize", "conv"]);
    expect(layers[2]).toMatchObject({ kind: "conv2d", bias: true });
  });

  it("leaves the mean where it does", () => {
    const graph = preprocessed({ height: 5, width: 5, enlarged: 8, padded: true, bias: false, channels: 1 });
    const { layers } = foldForInference(withScatteredWeights(graph)).graph;
    expect(layers.slice(0, 5).map(({ name }) => name)).toEqual([
      "input",
      "resize",
      "repeat",
      "normalization",
      "conv",
    ]);
  });
});

describe("batch norms", () => {
  it("before their convolutions stay, and those behind them are folded", async () => {
    const norm = { kind: "batchNorm", epsilon: 1e-3, momentum: 0.99 } as const;
    const relu = { kind: "activation", activation: "relu" } as const;
    const conv = { ...CONV, kernel: [3, 3], padding: padding("symmetric", 6, 6, 3, 1), filters: 4 } as const;
    const graph = defineGraph("pre-activation", [
      ...start(6, 6, 3),
      { ...conv, name: "stem", inputs: ["scaled"] },
      { ...norm, name: "preact_bn", inputs: ["stem"] },
      { ...relu, name: "preact_relu", inputs: ["preact_bn"] },
      { ...conv, name: "conv1", inputs: ["preact_relu"] },
      { ...norm, name: "bn2", inputs: ["conv1"] },
      { ...relu, name: "relu2", inputs: ["bn2"] },
      { ...conv, name: "conv2", inputs: ["relu2"] },
      // The shortcut takes what comes before the batch norm.
      { kind: "add", name: "add", inputs: ["conv2", "stem"] },
      { ...norm, name: "post_bn", inputs: ["add"] },
      { ...relu, name: "post_relu", inputs: ["post_bn"] },
      { kind: "globalAveragePool", name: "avg_pool", inputs: ["post_relu"] },
    ]);
    await expectSameAsInterpreter(graph);
    const { layers } = foldForInference(withScatteredWeights(graph)).graph;
    expect(layers.filter(({ kind }) => kind === "batchNorm").map(({ name }) => name)).toEqual([
      "preact_bn",
      "post_bn",
    ]);
  });

  it("one behind the other, the first with another reader", async () => {
    const norm = { kind: "batchNorm", epsilon: 1e-3, momentum: 0.99 } as const;
    await expectSameAsInterpreter(
      defineGraph("twice", [
        ...start(4, 4, 3),
        { ...CONV, name: "conv", inputs: ["scaled"], filters: 4 },
        { ...norm, name: "first", inputs: ["conv"] },
        { ...norm, name: "second", inputs: ["first"] },
        { kind: "add", name: "add", inputs: ["first", "second"] },
        { kind: "globalAveragePool", name: "avg_pool", inputs: ["add"] },
      ]),
    );
  });
});

const CONV = {
  kind: "conv2d",
  kernel: [1, 1],
  strides: [1, 1],
  padding: NO_PADDING,
  bias: false,
  activation: "linear",
  initializer: GLOROT_UNIFORM,
} as const satisfies Omit<Conv2dLayer, "name" | "inputs" | "filters">;
const DENSE = { kind: "dense", bias: true, activation: "linear", initializer: GLOROT_UNIFORM } as const;

function withScatteredWeights(graph: Graph) {
  return { graph, weights: scatteredWeights(graph) };
}

function start(height: number, width: number, channels: number): Layer[] {
  return [
    { kind: "input", name: "input", inputs: [], shape: [height, width, channels], dtype: "uint8" },
    { kind: "rescaling", name: "scaled", inputs: ["input"], scale: 1 / 127.5, offset: -1 },
  ];
}

/** A separable convolution and its pooling beside a strided 1x1 convolution, as Xception has them. */
function xceptionBlock(given: {
  height: number;
  width: number;
  window?: number;
  stride: number;
  rule?: "tensorflow" | "symmetric";
}): Graph {
  const { height, width, window = 3, stride, rule = "tensorflow" } = given;
  const strides = [stride, stride] as const;
  // Symmetric padding of an even window is not whole.
  const pad = padding(window % 2 === 0 ? "tensorflow" : rule, height, width, window, stride);
  const norm = { kind: "batchNorm", epsilon: 1e-3, momentum: 0.99 } as const;
  return defineGraph("block", [
    ...start(height, width, 3),
    {
      kind: "depthwiseConv2d",
      name: "depthwise",
      inputs: ["scaled"],
      kernel: [3, 3],
      strides: [1, 1],
      padding: padding("symmetric", height, width, 3, 1),
      bias: false,
      initializer: GLOROT_UNIFORM,
    },
    { ...CONV, name: "pointwise", inputs: ["depthwise"], filters: 5 },
    { ...norm, name: "pointwise_bn", inputs: ["pointwise"] },
    { ...CONV, name: "shortcut", inputs: ["scaled"], filters: 5, strides },
    {
      kind: "maxPool2d",
      name: "pool",
      inputs: ["pointwise_bn"],
      window: [window, window],
      strides,
      padding: pad,
    },
    { ...norm, name: "shortcut_bn", inputs: ["shortcut"] },
    { kind: "add", name: "add", inputs: ["pool", "shortcut_bn"] },
    { kind: "activation", name: "relu", inputs: ["add"], activation: "relu" },
    { kind: "globalAveragePool", name: "avg_pool", inputs: ["relu"] },
  ]);
}

function preprocessed(given: {
  height: number;
  width: number;
  enlarged: number;
  padded: boolean;
  bias: boolean;
  channels: 1 | 3;
}): Graph {
  const { height, width, enlarged, padded, bias, channels } = given;
  return defineGraph("preprocessed", [
    { kind: "input", name: "input", inputs: [], shape: [height, width, channels], dtype: "uint8" },
    { kind: "repeatChannels", name: "repeat", inputs: ["input"], times: 3 / channels },
    {
      kind: "rescaling",
      name: "rescaling",
      inputs: ["repeat"],
      scale: [0.01, 0.02, -0.01],
      offset: [1, -2, 0.5],
    },
    {
      kind: "resize",
      name: "resize",
      inputs: ["rescaling"],
      size: [enlarged, enlarged + 1],
      interpolation: enlarged % 2 === 0 ? "bicubic" : "bilinear",
    },
    { kind: "normalization", name: "normalized", inputs: ["resize"] },
    {
      ...CONV,
      name: "conv",
      inputs: ["normalized"],
      filters: 4,
      kernel: [3, 3],
      strides: [2, 2],
      padding: padded ? padding("symmetric", enlarged, enlarged + 1, 3, 2) : NO_PADDING,
      bias,
      activation: "relu",
    },
    { kind: "globalAveragePool", name: "avg_pool", inputs: ["conv"] },
  ]);
}
