import { describe, expect, it } from "vitest";
import { efficientnet } from "../backbones/efficientnet.ts";
import "../backbones/register-all.ts";
import { listBackbones } from "../backbones/registry.ts";
import { classifierHead } from "../head.ts";
import { defineGraph, type Graph } from "./graph.ts";
import { decodeGraph, encodeGraph } from "./graph-json.ts";
import { GLOROT_UNIFORM } from "./initializers.ts";
import { NO_PADDING } from "./padding.ts";

const input = { height: 48, width: 48, channels: 1 } as const;

/** Kinds of layer, and choices in them, that no architecture below has. */
const OTHERS = defineGraph("others", [
  { kind: "input", name: "input", inputs: [], shape: [6, 5, 3], dtype: "float32" },
  { kind: "rescaling", name: "rescaling", inputs: ["input"], scale: [1, 0.5, -2] },
  {
    kind: "conv2d",
    name: "conv",
    inputs: ["rescaling"],
    filters: 2,
    kernel: [3, 1],
    strides: [2, 1],
    padding: { ...NO_PADDING, bottom: 1 },
    bias: true,
    activation: "tanh",
    initializer: { kind: "constant", value: 0.5 },
  },
  { kind: "globalAveragePool", name: "pool", inputs: ["conv"] },
  {
    kind: "dense",
    name: "dense",
    inputs: ["pool"],
    units: 4,
    bias: false,
    activation: "sigmoid",
    initializer: GLOROT_UNIFORM,
  },
]);

const GRAPHS: Graph[] = [
  ...listBackbones().map(({ name, graph, classes }) => ({
    ...graph(input, { classes: classes?.length ?? 7 }),
    name,
  })),
  efficientnet({ variant: "b0", input: { ...input, channels: 3 }, secondRescaling: [1, 2, 3] }),
  classifierHead({
    inputs: 9,
    classes: 7,
    hidden: 8,
    activation: "relu",
    dropout: 0.5,
    standardize: true,
    softmax: true,
  }),
  OTHERS,
];

describe("a graph as JSON", () => {
  it.each(GRAPHS.map((graph) => [graph.name, graph] as const))("is the same graph again: %s", (_, graph) => {
    expect(decodeGraph(JSON.parse(encodeGraph(graph)), "file")).toEqual(graph);
  });

  const text = encodeGraph(OTHERS);
  const changed = (change: (layers: Record<string, unknown>[]) => void): unknown => {
    const json = JSON.parse(text);
    change(json.layers);
    return json;
  };
  const at = (layers: Record<string, unknown>[], name: string) =>
    layers.find((layer) => layer.name === name)!;

  it.each<[string, unknown, Record<string, unknown>]>([
    ["no object", null, { file: "f" }],
    ["no layers", { name: "g", layers: [] }, { field: "layers" }],
    ["a further field", { ...JSON.parse(text), version: 2 }, { field: "version" }],
    [
      "a layer of another kind",
      changed((layers) => Object.assign(at(layers, "conv"), { kind: "attention" })),
      { field: "conv", message: expect.stringContaining('"attention"'), remedy: "update @fer-bench/models" },
    ],
    [
      "a kind that every object has",
      changed((layers) => Object.assign(at(layers, "conv"), { kind: "constructor" })),
      { field: "conv" },
    ],
    [
      "a field that changes what a layer does",
      changed((layers) => Object.assign(at(layers, "conv"), { dilation: [2, 2] })),
      { file: "f#conv", field: "dilation" },
    ],
    [
      "a missing field",
      changed((layers) => delete at(layers, "conv").strides),
      { file: "f#conv", field: "strides" },
    ],
    [
      "a stride of 0",
      changed((layers) => Object.assign(at(layers, "conv"), { strides: [0, 1] })),
      { file: "f#conv", field: "strides.0" },
    ],
    [
      "an input that is not before it",
      changed((layers) => Object.assign(at(layers, "pool"), { inputs: ["dense"] })),
      { file: "f", message: expect.stringContaining("reads dense, which is not before it") },
    ],
    [
      "shapes that do not fit",
      changed((layers) => Object.assign(at(layers, "dense"), { inputs: ["conv"] })),
      { file: "f", message: expect.stringContaining("dense") },
    ],
  ])("is refused with %s", (_, json, error) => {
    expect(() => decodeGraph(json, "f")).toThrow(
      expect.objectContaining({ name: "FerBenchError", code: "bad-config", ...error }),
    );
  });
});
