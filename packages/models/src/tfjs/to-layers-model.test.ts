import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it } from "vitest";
import { efficientnet } from "../backbones/efficientnet.ts";
import { defineGraph, type Graph, inputOf, outputShape } from "../graph/graph.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { type BatchStatistics, interpret } from "../graph/interpreter.test.support.ts";
import type { Activation, Layer, LayerKind, LayerOfKind } from "../graph/layers.ts";
import { NO_PADDING, padding } from "../graph/padding.ts";
import { countParameters, parametersOf } from "../graph/parameters.ts";
import { pictures, relativeDifference, scatteredWeights } from "../graph/sample-data.test.support.ts";
import { randomWeights, type Weights } from "../weights/weights.ts";
import { loadTensorFlow } from "./library.ts";
import type { LayersModel, TensorFlow } from "./tensorflow.ts";
import { fromLayersModel, toLayersModel } from "./to-layers-model.ts";

/** Plain JavaScript: the one backend in Node that also has every gradient. */
let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await loadTensorFlow({
    name: "@tensorflow/tfjs-backend-cpu",
    needs: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"],
    native: false,
    gpu: false,
  });
});

type Samples = readonly ArrayLike<number>[];

const picture: Layer = { kind: "input", name: "input", inputs: [], shape: [5, 6, 3], dtype: "uint8" };
const vector: Layer = { kind: "input", name: "input", inputs: [], shape: [7], dtype: "float32" };
const conv: LayerOfKind<"conv2d"> = {
  kind: "conv2d",
  name: "conv",
  inputs: ["input"],
  filters: 4,
  kernel: [3, 3],
  strides: [1, 1],
  padding: NO_PADDING,
  bias: false,
  activation: "linear",
  initializer: GLOROT_UNIFORM,
};
const { filters: _filters, activation: _activation, ...depthwise } = conv;
const dense: LayerOfKind<"dense"> = {
  kind: "dense",
  name: "dense",
  inputs: ["input"],
  units: 3,
  bias: true,
  activation: "linear",
  initializer: GLOROT_UNIFORM,
};
const batchNorm: LayerOfKind<"batchNorm"> = {
  kind: "batchNorm",
  name: "norm",
  inputs: ["input"],
  epsilon: 1e-2,
  momentum: 0.9,
};
const maxPool: LayerOfKind<"maxPool2d"> = {
  kind: "maxPool2d",
  name: "pool",
  inputs: ["scaled"],
  window: [3, 3],
  strides: [2, 2],
  padding: NO_PADDING,
};
const ACTIVATIONS: Activation[] = ["linear", "relu", "sigmoid", "swish", "tanh", "softmax"];
const scaled: Layer = { kind: "rescaling", name: "scaled", inputs: ["input"], scale: [0.01, -0.02, 0.005] };

/** Every kind of layer, alone as far as it can be. */
const ALONE: { [Kind in Exclude<LayerKind, "input">]: Layer[][] } = {
  repeatChannels: [[picture, { kind: "repeatChannels", name: "repeat", inputs: ["input"], times: 2 }]],
  rescaling: [
    [picture, { kind: "rescaling", name: "rescaling", inputs: ["input"], scale: 1 / 255 }],
    [picture, scaled],
    [picture, { kind: "rescaling", name: "offset", inputs: ["input"], scale: 1 / 255, offset: [-1, 0.5, 2] }],
  ],
  normalization: [
    [picture, { kind: "normalization", name: "normalization", inputs: ["input"] }],
    [vector, { kind: "normalization", name: "normalization", inputs: ["input"] }],
  ],
  conv2d: [
    [picture, conv],
    [picture, { ...conv, padding: padding("tensorflow", 5, 6, 3, 1), bias: true, activation: "swish" }],
    [picture, { ...conv, padding: padding("tensorflow", 5, 6, 3, 2), strides: [2, 2] }],
    [picture, { ...conv, padding: padding("symmetric", 5, 6, 3, 2), strides: [2, 2] }],
    [
      picture,
      { ...conv, kernel: [1, 5], padding: { top: 0, bottom: 1, left: 3, right: 2 }, strides: [2, 1] },
    ],
  ],
  depthwiseConv2d: [
    [picture, { ...depthwise, kind: "depthwiseConv2d" }],
    [
      picture,
      { ...depthwise, kind: "depthwiseConv2d", padding: padding("tensorflow", 5, 6, 3, 1), bias: true },
    ],
    [
      picture,
      {
        ...depthwise,
        kind: "depthwiseConv2d",
        kernel: [5, 5],
        padding: padding("symmetric", 5, 6, 5, 2),
        strides: [2, 2],
      },
    ],
  ],
  batchNorm: [[picture, batchNorm]],
  activation: ACTIVATIONS.flatMap((activation) => [
    [picture, scaled, { kind: "activation", name: "activation", inputs: ["scaled"], activation }],
    [vector, { kind: "activation", name: "activation", inputs: ["input"], activation }],
  ]),
  maxPool2d: [
    [picture, scaled, maxPool],
    [picture, scaled, { ...maxPool, padding: padding("tensorflow", 5, 6, 3, 2) }],
    [picture, scaled, { ...maxPool, padding: padding("symmetric", 5, 6, 3, 2) }],
  ],
  adaptiveAveragePool2d: [
    [picture, { kind: "adaptiveAveragePool2d", name: "adaptive", inputs: ["input"], size: [2, 4] }],
    [picture, { kind: "adaptiveAveragePool2d", name: "adaptive", inputs: ["input"], size: [7, 3] }],
  ],
  resize: [
    [picture, { kind: "resize", name: "resize", inputs: ["input"], size: [9, 11], interpolation: "bicubic" }],
    [picture, { kind: "resize", name: "resize", inputs: ["input"], size: [8, 6], interpolation: "bilinear" }],
  ],
  globalAveragePool: [[picture, { kind: "globalAveragePool", name: "pool", inputs: ["input"] }]],
  reshape: [
    [picture, { kind: "reshape", name: "flatten", inputs: ["input"], shape: [90] }],
    [picture, { kind: "reshape", name: "turned", inputs: ["input"], shape: [6, 5, 3] }],
  ],
  dense: ACTIVATIONS.map((activation) => [vector, { ...dense, activation, bias: activation !== "linear" }]),
  dropout: [
    [vector, { kind: "dropout", name: "dropout", inputs: ["input"], rate: 0.5, perSample: false }],
    [picture, { kind: "dropout", name: "drop", inputs: ["input"], rate: 0.5, perSample: true }],
  ],
  add: [[picture, scaled, { kind: "add", name: "add", inputs: ["input", "scaled"] }]],
  multiply: [
    [picture, scaled, { kind: "multiply", name: "multiply", inputs: ["input", "scaled"] }],
    [
      picture,
      { kind: "globalAveragePool", name: "squeeze", inputs: ["input"] },
      { kind: "reshape", name: "one", inputs: ["squeeze"], shape: [1, 1, 3] },
      { kind: "multiply", name: "excite", inputs: ["input", "one"] },
    ],
  ],
};

describe("every kind of layer", () => {
  it.each(Object.entries(ALONE))("%s", async (_kind, variants) => {
    for (const layers of variants) {
      const graph = defineGraph("alone", layers);
      const weights = scatteredWeights(graph);
      const samples = samplesOf(graph, 3);
      const model = toLayersModel(tensorflow, { graph, weights });
      const output = await predict(model, graph, samples);
      model.dispose();
      expect(relativeDifference(output, interpret(graph, weights, samples).flat())).toBeLessThan(1e-6);
    }
  });
});

describe("EfficientNet-B0 with a classifier", () => {
  const graph = efficientnet({
    variant: "b0",
    input: { height: 32, width: 32, channels: 1 },
    top: { classes: 7 },
    secondRescaling: [1.5, 2, 0.5],
  });
  const weights = randomWeights(graph, 3);

  it("has the graph's layers by name, its parameters, and the trained ones among them", () => {
    const model = toLayersModel(tensorflow, { graph, weights });
    expect(model.layers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(graph.layers.map(({ name }) => name)),
    );
    expect(model.layers.length).toBe(graph.layers.length);
    expect(model.countParams()).toBe(countParameters(graph));
    const parameters = parametersOf(graph);
    expect(model.weights.map(({ originalName }) => originalName).sort()).toEqual(
      parameters.map(({ name }) => name).sort(),
    );
    expect(model.trainableWeights.map(({ originalName }) => originalName).sort()).toEqual(
      parameters
        .filter(({ trainable }) => trainable)
        .map(({ name }) => name)
        .sort(),
    );
    model.dispose();
  });

  it("gives its weights back, however many such models there are", async () => {
    const models = [1, 2].map(() => toLayersModel(tensorflow, { graph, weights }));
    for (const model of models) {
      const back = await fromLayersModel(graph, model);
      expect([...back.keys()]).toEqual([...weights.keys()]);
      for (const [name, { shape, data }] of back) {
        expect(shape).toEqual(weights.get(name)!.shape);
        expect(Buffer.from(data.buffer).equals(Buffer.from(weights.get(name)!.data.buffer)), name).toBe(true);
      }
    }
    for (const model of models) model.dispose();
  });

  it("leaves nothing behind when it is disposed of", () => {
    const before = tf.memory().numTensors;
    toLayersModel(tensorflow, { graph, weights }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses weights that are not its own, and a model that is another's", async () => {
    expect(() => toLayersModel(tensorflow, { graph, weights: new Map() })).toThrow("not efficientnet-b0's");
    const other = defineGraph("other", [vector, dense]);
    const model = toLayersModel(tensorflow, { graph: other, weights: randomWeights(other, 1) });
    await expect(fromLayersModel(graph, model)).rejects.toThrow(
      "LayersModel other has no normalization/mean",
    );
    model.dispose();
  });
});

/** A picture classifier in which every kind of layer that trains takes part. */
function trainable(): Graph {
  const [height, width] = [6, 5];
  return defineGraph("trainable", [
    { ...picture, shape: [4, 5, 1] } as Layer,
    { kind: "resize", name: "resize", inputs: ["input"], size: [height, width], interpolation: "bicubic" },
    { kind: "repeatChannels", name: "repeat", inputs: ["resize"], times: 3 },
    { kind: "rescaling", name: "rescaling", inputs: ["repeat"], scale: 1 / 255 },
    { kind: "normalization", name: "normalization", inputs: ["rescaling"] },
    { kind: "rescaling", name: "rescaling_1", inputs: ["normalization"], scale: [1.5, 2, 0.5] },
    { ...conv, inputs: ["rescaling_1"], padding: padding("symmetric", height, width, 3, 2), strides: [2, 2] },
    { ...batchNorm, name: "bn", inputs: ["conv"] },
    { kind: "adaptiveAveragePool2d", name: "adaptive", inputs: ["bn"], size: [4, 4] },
    { ...maxPool, name: "max_pool", inputs: ["adaptive"], padding: padding("symmetric", 4, 4, 3, 2) },
    {
      ...depthwise,
      kind: "depthwiseConv2d",
      name: "depthwise",
      inputs: ["max_pool"],
      padding: padding("tensorflow", 2, 2, 3, 1),
    },
    { ...batchNorm, name: "depthwise_bn", inputs: ["depthwise"] },
    { kind: "activation", name: "swish", inputs: ["depthwise_bn"], activation: "swish" },
    { kind: "globalAveragePool", name: "squeeze", inputs: ["swish"] },
    { kind: "reshape", name: "one", inputs: ["squeeze"], shape: [1, 1, 4] },
    { ...conv, name: "gate", inputs: ["one"], kernel: [1, 1], bias: true, activation: "sigmoid" },
    { kind: "multiply", name: "excite", inputs: ["swish", "gate"] },
    { kind: "dropout", name: "drop", inputs: ["excite"], rate: 0.5, perSample: true },
    { kind: "add", name: "add", inputs: ["drop", "max_pool"] },
    { kind: "globalAveragePool", name: "pool", inputs: ["add"] },
    { kind: "dropout", name: "dropout", inputs: ["pool"], rate: 0.5, perSample: false },
    { ...dense, inputs: ["dropout"], activation: "softmax" },
  ]);
}

describe("written to JSON and read back", () => {
  it("is the same model, Normalization and all", async () => {
    const graph = trainable();
    const weights = scatteredWeights(graph);
    const samples = samplesOf(graph, 3);
    const model = toLayersModel(tensorflow, { graph, weights });
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
      }),
    );
    const again = await loadLayersModel(
      tf.io.fromMemory({ ...saved!, modelTopology: JSON.parse(JSON.stringify(saved!.modelTopology)) }),
    );
    expect(await predict(again, graph, samples)).toEqual(await predict(model, graph, samples));
    expect(again.layers.map((layer) => [layer.getClassName(), layer.name])).toEqual(
      model.layers.map((layer) => [layer.getClassName(), layer.name]),
    );
    again.dispose();
    model.dispose();
  });
});

describe("in training", () => {
  it("drops elements, or whole samples, and makes the others larger", async () => {
    for (const perSample of [false, true]) {
      const graph = defineGraph("dropping", [
        { ...picture, shape: [4, 4, 2] } as Layer,
        { kind: "dropout", name: "drop", inputs: ["input"], rate: 0.25, perSample },
      ]);
      const model = toLayersModel(tensorflow, { graph, weights: new Map() });
      const ones = tf.ones([200, 4, 4, 2]);
      const output = model.apply(ones, { training: true }) as tf.Tensor;
      const values = (await output.data()) as Float32Array;
      expect(new Set(values)).toEqual(new Set([0, values.find((value) => value > 0)]));
      expect(Math.max(...values)).toBeCloseTo(1 / 0.75, 6);
      const kept = values.filter((value) => value > 0).length / values.length;
      // Six standard deviations of as many draws: 200 samples or 6,400 elements.
      expect(Math.abs(kept - 0.75)).toBeLessThan(6 * Math.sqrt((0.75 * 0.25) / (perSample ? 200 : 6400)));
      const samples = Array.from(
        { length: 200 },
        (_, n) => new Set(values.subarray(32 * n, 32 * n + 32)).size,
      );
      expect(samples.some((different) => different === 2)).toBe(!perSample);
      tf.dispose([ones, output]);
    }
  });

  it("normalises by the batch and moves the moving statistics towards it", async () => {
    const graph = defineGraph("moving", [picture, scaled, { ...batchNorm, inputs: ["scaled"] }]);
    const weights = scatteredWeights(graph);
    const samples = samplesOf(graph, 4);
    const statistics: BatchStatistics = new Map();
    const expected = interpret(graph, weights, samples, statistics).flat();
    const model = toLayersModel(tensorflow, { graph, weights });
    const x = batchOf(graph, samples);
    const output = model.apply(x, { training: true }) as tf.Tensor;
    expect(relativeDifference(await output.data(), expected)).toBeLessThan(1e-5);
    const after = await fromLayersModel(graph, model);
    for (const moment of ["mean", "variance"] as const) {
      const before = weights.get(`norm/moving_${moment}`)!.data;
      const moved = statistics.get("norm")![moment].map((value, c) => 0.9 * before[c]! + 0.1 * value);
      expect(relativeDifference(after.get(`norm/moving_${moment}`)!.data, moved)).toBeLessThan(1e-5);
    }
    tf.dispose([x, output]);
    model.dispose();
  });

  it("has the gradients of the loss, by finite differences of the plain interpreter", async () => {
    const graph = withoutDropout(trainable());
    const weights = scatteredWeights(graph);
    const samples = samplesOf(graph, 4);
    const labels = [0, 2, 1, 2];
    const model = toLayersModel(tensorflow, { graph, weights });
    const x = batchOf(graph, samples);
    const { grads } = tf.variableGrads(() => lossOf(model.apply(x, { training: true }) as tf.Tensor, labels));
    for (const { name, trainable } of parametersOf(graph)) {
      if (!trainable) continue;
      const variable = model.weights.find(({ originalName }) => originalName === name)!;
      const gradient = await grads[variable.name]!.data();
      const expected = finiteDifferences(graph, weights, name, samples, labels);
      for (const [i, value] of expected) expect(gradient[i], `${name}[${i}]`).toBeCloseTo(value, 4);
    }
    tf.dispose([x, ...Object.values(grads)]);
    model.dispose();
  });

  it("takes steps of SGD with momentum on what is not frozen", async () => {
    // Dropout is not seeded: without it, every run is the same.
    const graph = withoutDropout(trainable());
    const weights = scatteredWeights(graph);
    const model = toLayersModel(tensorflow, { graph, weights });
    model.getLayer("conv").trainable = false;
    const samples = samplesOf(graph, 8);
    const labels = samples.map((_, i) => i % 3);
    const x = batchOf(graph, samples);
    const optimizer = tf.train.momentum(0.01, 0.9);
    const trained = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) {
      const loss = optimizer.minimize(
        () => lossOf(model.apply(x, { training: true }) as tf.Tensor, labels),
        true,
        trained,
      )!;
      losses.push((await loss.data())[0]!);
      loss.dispose();
    }
    expect(losses.at(-1)!).toBeLessThan(0.98 * losses[0]!);
    const after = await fromLayersModel(graph, model);
    const changed = parametersOf(graph)
      .filter(({ name }) => relativeDifference(after.get(name)!.data, weights.get(name)!.data) > 0)
      .map(({ name }) => name);
    const expected = parametersOf(graph)
      .filter(({ layer }) => layer !== "conv" && layer !== "normalization")
      .map(({ name }) => name);
    expect(changed).toEqual(expected);
    // What was learned is an ordinary set of weights.
    const predicted = await predict(model, graph, samples);
    expect(relativeDifference(predicted, interpret(graph, after, samples).flat())).toBeLessThan(1e-5);
    x.dispose();
    model.dispose();
  });
});

function samplesOf(graph: Graph, count: number): Samples {
  if (inputOf(graph).dtype === "uint8") return pictures(graph, count);
  return Array.from({ length: count }, (_, n) =>
    Float32Array.from({ length: 7 }, (_, i) => Math.sin(7 * n + i)),
  );
}

function batchOf(graph: Graph, samples: Samples): tf.Tensor {
  const values = samples.flatMap((sample) => Array.from(sample));
  return tf.tensor(values, [samples.length, ...inputOf(graph).shape], "float32");
}

async function predict(model: LayersModel, graph: Graph, samples: Samples): Promise<Float32Array> {
  const x = batchOf(graph, samples);
  const output = model.predict(x) as tf.Tensor;
  expect(output.shape).toEqual([samples.length, ...outputShape(graph)]);
  const values = Float32Array.from(await output.data());
  tf.dispose([x, output]);
  return values;
}

/** Mean cross-entropy of class probabilities. */
function lossOf(probabilities: tf.Tensor, labels: readonly number[]): tf.Scalar {
  const wanted = tf.oneHot(tf.tensor1d([...labels], "int32"), 3);
  return tf.neg(tf.div(tf.sum(tf.mul(tf.log(probabilities), wanted)), labels.length));
}

/** The derivative by a few of a parameter's elements, batch norm in training mode. */
function finiteDifferences(
  graph: Graph,
  weights: Weights,
  name: string,
  samples: Samples,
  labels: readonly number[],
): [index: number, derivative: number][] {
  const { shape, data } = weights.get(name)!;
  const step = 1e-3;
  const lossWith = (i: number, change: number) => {
    const changed = Float32Array.from(data);
    changed[i]! += change;
    const exact = changed[i]! - data[i]!;
    const output = interpret(
      graph,
      new Map([...weights, [name, { shape, data: changed }]]),
      samples,
      new Map(),
    );
    const loss = labels.reduce((sum, label, n) => sum - Math.log(output[n]![label]!), 0) / labels.length;
    return { loss, exact };
  };
  const indices = new Set([0, Math.floor(data.length / 2), data.length - 1]);
  return [...indices].map((i) => {
    const [up, down] = [lossWith(i, step), lossWith(i, -step)];
    return [i, (up.loss - down.loss) / (up.exact - down.exact)];
  });
}

function withoutDropout(graph: Graph): Graph {
  const layers = graph.layers.map((layer) => (layer.kind === "dropout" ? { ...layer, rate: 0 } : layer));
  return defineGraph(graph.name, layers);
}
