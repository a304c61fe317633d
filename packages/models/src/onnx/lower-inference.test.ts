import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ModelProtoSchema } from "onnx-buf";
import { beforeAll, describe, expect, it } from "vitest";
import { defineGraph, type Graph } from "../graph/graph.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { interpret } from "../graph/interpreter.test.support.ts";
import type { Activation, Layer } from "../graph/layers.ts";
import { NO_PADDING, padding } from "../graph/padding.ts";
import { calibratedEfficientNet, pictures, relativeDifference } from "../graph/sample-data.test.support.ts";
import { channelFirstLayers } from "./channel-first-rules.ts";
import { foldForInference, type Model } from "./fold.ts";
import { lowerForInference } from "./lower-inference.ts";
import { expectSameAsInterpreter, runLowered } from "./lowered.test.support.ts";

describe("EfficientNet-B0 at 48x48, calibrated", () => {
  let model: Model;
  let samples: Uint8Array[];
  let plain: Float32Array;

  beforeAll(async () => {
    model = await calibratedEfficientNet("b0", { height: 48, width: 48, channels: 1 });
    samples = pictures(model.graph, 16);
    plain = await runLowered(model, samples, { batch: 16, layout: "images" });
  });

  it("is what the plain interpreter computes", () => {
    const two = interpret(model.graph, model.weights, samples.slice(0, 2)).flat();
    expect(relativeDifference(plain.subarray(0, two.length), two)).toBeLessThan(1e-4);
  });

  it.each(["images", "channels"] as const)("is the same folded, laid out by %s", async (layout) => {
    const folded = foldForInference(model);
    expect(folded.graph.layers.some(({ kind }) => kind === "batchNorm" || kind === "dropout")).toBe(false);
    const fast = await runLowered(folded, samples, { batch: 16, layout });
    expect(relativeDifference(fast, plain)).toBeLessThan(1e-4);
  });

  it("is the same with a free batch", async () => {
    const fast = await runLowered(foldForInference(model), samples.slice(0, 3), { batch: "N" });
    expect(relativeDifference(fast, plain.subarray(0, fast.length))).toBeLessThan(1e-4);
  });

  it("goes channel first where pictures are 6x6 or smaller", () => {
    const { graph } = foldForInference(model);
    const layers = [...channelFirstLayers(graph)];
    expect(layers.at(-1)).toBe("block3a_activation");
    expect(layers[0]).toBe("avg_pool");
  });

  it("gives an image the same bytes at every place of the batch", async () => {
    const folded = foldForInference(model);
    const turned = samples.map((_, i) => samples[(i + 5) % samples.length]!);
    for (const layout of ["images", "channels"] as const) {
      const straight = await runLowered(folded, samples, { batch: 16, layout });
      const rotated = await runLowered(folded, turned, { batch: 16, layout });
      const unturned = samples.flatMap((_, i) => {
        const place = ((i + 11) % 16) * 1280;
        return [...rotated.subarray(place, place + 1280)];
      });
      expect(unturned).toEqual([...straight]);
    }
  });

  it.each([18, 13] as const)("is standard ONNX, opset %i, its parameters stored once", (opset) => {
    const proto = fromBinary(
      ModelProtoSchema,
      lowerForInference(foldForInference(model), { batch: 16, opset }),
    );
    expect(proto.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([["", BigInt(opset)]]);
    const names = proto.graph!.initializer.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("every kind of layer", () => {
  const activations: Activation[] = ["linear", "relu", "sigmoid", "swish", "tanh", "softmax"];

  it.each(activations)("%s, on pictures and vectors", async (activation) => {
    const graph = defineGraph("activations", [
      input(4, 5, 3),
      { kind: "rescaling", name: "rescaling", inputs: ["input"], scale: [0.01, -0.01, 0.005] },
      { kind: "activation", name: "on_pictures", inputs: ["rescaling"], activation },
      { kind: "globalAveragePool", name: "pool", inputs: ["on_pictures"] },
      dense("dense", "pool", 4, activation),
    ]);
    await expectSameAsInterpreter(graph);
  });

  it("flattens pictures row by row, channels innermost", async () => {
    const graph = defineGraph("flat", [
      input(3, 4, 3),
      { kind: "reshape", name: "flatten", inputs: ["input"], shape: [36] },
      { kind: "reshape", name: "picture", inputs: ["flatten"], shape: [4, 3, 3] },
    ]);
    const sample = pictures(graph, 1);
    const output = await runLowered({ graph, weights: new Map() }, sample, { batch: 1 });
    expect([...output]).toEqual([...sample[0]!]);
  });

  it("convolutions of any kernel, stride, padding and size, folded and not, in either layout", async () => {
    const shapes = fc.record({
      height: fc.integer({ min: 3, max: 9 }),
      width: fc.integer({ min: 3, max: 9 }),
      kernel: fc.constantFrom(1, 3, 5),
      stride: fc.constantFrom(1, 2),
      rule: fc.constantFrom("tensorflow" as const, "symmetric" as const),
      channels: fc.constantFrom(1 as const, 3 as const),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => expectSameAsInterpreter(smallNetwork(shape))),
      { numRuns: 15, seed: 11 },
    );
  });
});

function input(height: number, width: number, channels: 1 | 3): Layer {
  return { kind: "input", name: "input", inputs: [], shape: [height, width, channels], dtype: "uint8" };
}

function dense(name: string, from: string, units: number, activation: Activation): Layer {
  return { kind: "dense", name, inputs: [from], units, bias: true, activation, initializer: GLOROT_UNIFORM };
}

/** Preprocessing, a convolution, a depthwise one, squeeze and excite, a way around, pooling and a classifier. */
function smallNetwork(given: {
  height: number;
  width: number;
  kernel: number;
  stride: number;
  rule: "tensorflow" | "symmetric";
  channels: 1 | 3;
}): Graph {
  const { height, width, kernel, stride, rule, channels } = given;
  const layers: Layer[] = [
    input(height, width, channels),
    { kind: "repeatChannels", name: "repeat", inputs: ["input"], times: 3 / channels },
    { kind: "rescaling", name: "rescaling", inputs: ["repeat"], scale: 1 / 255 },
    { kind: "normalization", name: "normalization", inputs: ["rescaling"] },
    { kind: "rescaling", name: "rescaling_1", inputs: ["normalization"], scale: [1.5, 2, 0.5] },
  ];
  const conv = {
    kind: "conv2d",
    strides: [1, 1],
    padding: NO_PADDING,
    bias: false,
    activation: "linear",
    initializer: GLOROT_UNIFORM,
  } as const;
  const size: [number, number] = [kernel, kernel];
  const pad = padding(rule, height, width, kernel, stride);
  const strides: [number, number] = [stride, stride];
  layers.push({
    ...conv,
    name: "conv",
    inputs: ["rescaling_1"],
    filters: 4,
    kernel: size,
    strides,
    padding: pad,
  });
  layers.push({ kind: "batchNorm", name: "bn", inputs: ["conv"], epsilon: 1e-3, momentum: 0.99 });
  const [h, w] = defineGraph("so far", layers).shapes.get("bn")! as [number, number];
  layers.push(
    {
      kind: "depthwiseConv2d",
      name: "depthwise",
      inputs: ["bn"],
      kernel: size,
      strides: [1, 1],
      padding: padding(rule, h, w, kernel, 1),
      bias: true,
      initializer: GLOROT_UNIFORM,
    },
    { kind: "batchNorm", name: "depthwise_bn", inputs: ["depthwise"], epsilon: 1e-2, momentum: 0.99 },
    { kind: "activation", name: "swish", inputs: ["depthwise_bn"], activation: "swish" },
    { kind: "globalAveragePool", name: "squeeze", inputs: ["swish"] },
    { kind: "reshape", name: "as_picture", inputs: ["squeeze"], shape: [1, 1, 4] },
    {
      ...conv,
      name: "gate",
      inputs: ["as_picture"],
      filters: 4,
      kernel: [1, 1],
      bias: true,
      activation: "sigmoid",
    },
    { kind: "multiply", name: "excite", inputs: ["swish", "gate"] },
    { kind: "dropout", name: "drop", inputs: ["excite"], rate: 0.5, perSample: true },
    { kind: "add", name: "add", inputs: ["drop", "bn"] },
    { ...conv, name: "project", inputs: ["add"], filters: 6, kernel: [1, 1], bias: true, activation: "relu" },
    { kind: "globalAveragePool", name: "pool", inputs: ["project"] },
    dense("predictions", "pool", 5, "softmax"),
  );
  return defineGraph("small", layers);
}
