import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import type { WeightsFileOrigin } from "../backbones/backbone.ts";
import type { Graph } from "../graph/graph.ts";
import { parametersOf } from "../graph/parameters.ts";
import { findBackbone } from "../index.ts";
import { compareWithFile } from "./apply-layout.ts";
import { kerasOrderLayout } from "./layout.ts";
import type { TensorInfo } from "./tensor-file.ts";

const grey = { height: 48, width: 48, channels: 1 } as const;

/** As Keras 1 named them, which is how the published Xception's are named: nothing that a graph would know. */
function foreignNames(graph: Graph, without: readonly string[] = []): Map<string, TensorInfo> {
  return new Map(
    parametersOf(graph)
      .filter(({ name }) => !without.includes(name))
      .map(({ name, shape }, i) => [
        name.startsWith("predictions/") ? `dense_2/dense_2_${i}` : `layer_${i}/layer_${i}_W`,
        { shape, type: "F32" },
      ]),
  );
}

/**
 * The layers that have parameters in the order of TensorFlow.js's model, whose containers sort as Keras's do: a graph
 * joined as this one, of layers that do nothing.
 */
function orderInKeras(graph: Graph): string[] {
  const values = new Map<string, tf.SymbolicTensor>();
  for (const { kind, name, inputs } of graph.layers) {
    const read = inputs.map((input) => values.get(input)!);
    const [first] = read;
    if (first === undefined) values.set(name, tf.input({ shape: [1], name }));
    // Keras's separable convolution is one layer.
    else if (kind === "depthwiseConv2d") values.set(name, first);
    else {
      const layer =
        kind === "add" ? tf.layers.add({ name }) : tf.layers.activation({ activation: "linear", name });
      values.set(name, layer.apply(kind === "add" ? read : first) as tf.SymbolicTensor);
    }
  }
  const model = tf.model({
    inputs: values.get(graph.layers[0]!.name)!,
    outputs: values.get(graph.layers.at(-1)!.name)!,
  });
  const owners = new Set(parametersOf(graph).map(({ layer }) => layer));
  return model.layers.map(({ name }) => name).filter((name) => owners.has(name));
}

describe.each(["xception.imagenet", "resnet-34v2.imagenet", "mini-xception.fer2013"])("%s", (name) => {
  const { graph } = findBackbone(name);

  it("has its layers in Keras's order", () => {
    const layers = [...new Set(parametersOf(graph(grey)).map(({ layer }) => layer))];
    expect(layers.filter((layer) => !layer.endsWith("_depthwise"))).toEqual(orderInKeras(graph(grey)));
  });
});

describe("Keras's files by order", () => {
  it("gives each parameter of a file that Keras wrote what the names say", () => {
    const { graph, weights } = findBackbone("mini-xception.fer2013");
    const { layout } = weights as WeightsFileOrigin;
    // Made by tools/fixtures/keras_hdf5.py, in the file's order.
    const recorded: Record<string, { shape: number[] }> = JSON.parse(
      readFileSync(new URL("../../test/golden/keras/mini-xception.json", import.meta.url), "utf8"),
    );
    const file = {
      tensors: new Map(Object.entries(recorded).map(([key, { shape }]) => [key, { shape, type: "F32" }])),
    };
    expect(compareWithFile(graph(grey), file, layout)).toMatchObject({ problems: [], ignored: [] });
    const names = [...file.tensors.keys()];
    expect([...kerasOrderLayout().sources(graph(grey), names)]).toEqual([
      ...layout.sources(graph(grey), names),
    ]);
  });

  it.each([
    ["xception.imagenet", []],
    ["resnet-34v2.imagenet", ["bn_data/gamma"]],
  ])("takes %s whatever the names are, and leaves a classifier alone", (name, without) => {
    const { graph, weights } = findBackbone(name);
    const { layout } = weights as WeightsFileOrigin;
    const file = { tensors: foreignNames(graph(grey), without) };
    expect(compareWithFile(graph(grey), file, layout)).toMatchObject({ problems: [], ignored: [] });
    const top = [
      ["predictions/kernel", { shape: [2048, 1000], type: "F32" }],
      ["predictions/bias", { shape: [1000], type: "F32" }],
    ] as const;
    const whole = { tensors: new Map([...file.tensors, ...top]) };
    expect(compareWithFile(graph(grey), whole, layout)).toMatchObject({
      problems: [],
      ignored: ["predictions/kernel", "predictions/bias"],
    });
  });

  it("says which tensor does not fit, or is missing", () => {
    const { graph, weights } = findBackbone("xception.imagenet");
    const { layout } = weights as WeightsFileOrigin;
    const tensors = [...foreignNames(graph(grey))];
    const short = { tensors: new Map(tensors.slice(0, -1)) };
    expect(compareWithFile(graph(grey), short, layout).problems).toEqual([
      "missing block14_sepconv2_bn/moving_variance [2048]",
    ]);
    const exchanged = { tensors: new Map([tensors[1]!, tensors[0]!, ...tensors.slice(2)]) };
    expect(compareWithFile(graph(grey), exchanged, layout).problems).toEqual([
      "layer_1/layer_1_W is [32], expected [3, 3, 3, 32]",
      "layer_0/layer_0_W is [3, 3, 3, 32], expected [32]",
    ]);
  });
});
