import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor as Stored, sha256, writeSafetensors } from "@fer-bench/artifacts";
import { afterAll, describe, expect, it } from "vitest";
import type { Graph } from "../graph/graph.ts";
import { parametersOf } from "../graph/parameters.ts";
import { relativeDifference } from "../graph/sample-data.test.support.ts";
import { createPredictor } from "../run/predictor.ts";
import { compareWithFile } from "../weights/apply-layout.ts";
import type { Tensor, Weights } from "../weights/weights.ts";
import { EFFICIENTNET_VARIANTS, type EfficientNetVariant } from "./efficientnet.ts";
import { formulaPictures, formulaWeights } from "./formula.test.support.ts";
import { type BackboneEntry, findBackbone } from "./registry.ts";
import "./efficientnet-entries.ts";

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../test/golden/${name}`, import.meta.url), "utf8"));

/** Made by tools/fixtures/torchvision_state_dicts.py. */
const recorded = golden("torch/state-dicts.json") as {
  gamma: number;
  models: Record<EfficientNetVariant, { tensors: number; listing: string }>;
  b0: Record<string, string>;
};
const dir = mkdtempSync(join(tmpdir(), "fer-bench-state-dicts-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

interface StateTensor {
  /** In the framework's order. */
  shape: number[];
  /** The parameter that it is; undefined for PyTorch's counters of batches. */
  parameter: string | undefined;
}

/** What a framework saves of a graph, by its names. Written down apart from the layouts, to test them. */
function stateDictOf(graph: Graph, module: (layer: string) => string): Map<string, StateTensor> {
  const names = {
    gamma: "weight",
    beta: "bias",
    moving_mean: "running_mean",
    moving_variance: "running_var",
  };
  const state = new Map<string, StateTensor>();
  for (const { name, layer, shape } of parametersOf(graph)) {
    if (layer === "normalization") continue;
    const own = name.slice(layer.length + 1);
    const ofTorch = names[own as keyof typeof names] ?? (own === "bias" ? "bias" : "weight");
    state.set(`${module(layer)}.${ofTorch}`, { shape: torchShape(shape), parameter: name });
    if (own === "moving_variance") {
      state.set(`${module(layer)}.num_batches_tracked`, { shape: [], parameter: undefined });
    }
  }
  return state;
}

/** Keras's [h, w, i, o], [h, w, c, 1] and [i, o] as PyTorch's [o, i, h, w], [c, 1, h, w] and [o, i]. */
function torchShape(shape: readonly number[]): number[] {
  if (shape.length === 2) return [shape[1]!, shape[0]!];
  if (shape.length !== 4) return [...shape];
  const [height, width, third, fourth] = shape as [number, number, number, number];
  return fourth === 1 ? [third, 1, height, width] : [fourth, third, height, width];
}

function torchOrder({ shape, data }: Tensor): Tensor {
  const order = torchShape(shape);
  if (shape.length < 2) return { shape: order, data };
  const [outputs, inputs, height = 1, width = 1] = order as [number, number, number?, number?];
  const turned = new Float32Array(data.length);
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < height * width; tap++) {
        turned[at++] = data[(tap * inputs + input) * outputs + output]!;
      }
    }
  }
  return { shape: order, data: turned };
}

/** The blocks by stage, in order, and what each of their layers is called. */
function torchvisionModule(layer: string): string {
  const ends: Record<string, string> = {
    stem_conv: "features.0.0",
    stem_bn: "features.0.1",
    top_conv: "features.8.0",
    top_bn: "features.8.1",
    predictions: "classifier.1",
  };
  if (layer in ends) return ends[layer]!;
  const [, stage, letter, role] = /^block(\d)([a-z])_(.+)$/.exec(layer)!;
  const parts = stage === "1" ? ["dwconv", "se", "project"] : ["expand", "dwconv", "se", "project"];
  const [part, module] = {
    expand_conv: ["expand", 0],
    expand_bn: ["expand", 1],
    dwconv: ["dwconv", 0],
    bn: ["dwconv", 1],
    se_reduce: ["se", "fc1"],
    se_expand: ["se", "fc2"],
    project_conv: ["project", 0],
    project_bn: ["project", 1],
  }[role!]!;
  return `features.${stage}.${"abcdefghijklm".indexOf(letter!)}.block.${parts.indexOf(String(part))}.${module}`;
}

/** The lines that the fixture's script hashes: a tensor each, sorted. */
function listing(state: ReadonlyMap<string, StateTensor>): string {
  const names = [...state.keys()].sort();
  return names.map((name) => `${name} [${state.get(name)!.shape}]\n`).join("");
}

async function save(
  file: string,
  state: ReadonlyMap<string, StateTensor>,
  weights: Weights,
): Promise<string> {
  const path = join(dir, file);
  const stored = new Map<string, Stored>();
  for (const [name, { parameter }] of state) {
    stored.set(
      name,
      parameter === undefined
        ? { dtype: "I64", shape: [], data: BigInt64Array.of(7n) }
        : { dtype: "F32", ...torchOrder(weights.get(parameter)!) },
    );
  }
  await writeSafetensors(path, stored);
  return path;
}

const variants = Object.keys(EFFICIENTNET_VARIANTS) as EfficientNetVariant[];
const input = { height: 48, width: 48, channels: 3 } as const;

function layoutOf(entry: BackboneEntry) {
  if (entry.weights.kind !== "file") throw new Error(`${entry.name} is read from no file`);
  return entry.weights.layout;
}

/** The state dict fits the entry's graph, without and with the classifier. */
function expectFit(entry: BackboneEntry, state: ReadonlyMap<string, StateTensor>): void {
  const tensors = new Map([...state].map(([name, { shape }]) => [name, { type: "F32", shape }]));
  const counters = [...state.keys()].filter((name) => name.endsWith(".num_batches_tracked"));
  const compare = (graph: Graph) => compareWithFile(graph, { tensors }, layoutOf(entry));
  expect(compare(entry.graph(input, { classes: 1000 }))).toMatchObject({ problems: [], ignored: counters });
  const classifier = [...state.keys()].filter((name) => name.startsWith("classifier"));
  expect(classifier).toHaveLength(2);
  const { problems, ignored } = compare(entry.graph(input));
  expect(problems).toEqual([]);
  expect(new Set(ignored)).toEqual(new Set([...counters, ...classifier]));
}

function expectSame(loaded: Weights, weights: Weights): void {
  expect([...loaded.keys()]).toEqual([...weights.keys()]);
  for (const [name, { shape, data }] of weights) {
    expect(loaded.get(name)!.shape).toEqual(shape);
    expect(Buffer.compare(Buffer.from(loaded.get(name)!.data.buffer), Buffer.from(data.buffer)), name).toBe(
      0,
    );
  }
}

describe("torchvision's state dicts", () => {
  it.each(variants)("of %s have the names and shapes of the layout", (variant) => {
    const entry = findBackbone(`efficientnet-${variant}.torchvision`);
    const state = stateDictOf(entry.graph(input, { classes: 1000 }), torchvisionModule);
    expect(state.size).toBe(recorded.models[variant].tensors);
    expect(sha256(listing(state))).toBe(recorded.models[variant].listing);
    expectFit(entry, state);
  });

  it("of B0, as torchvision saves it, load, and give torchvision's features", async () => {
    const entry = findBackbone("efficientnet-b0.torchvision");
    const graph = entry.graph(input);
    const state = stateDictOf(graph, torchvisionModule);
    const weights = formulaWeights(graph, recorded.gamma);
    for (const [name, digest] of Object.entries(recorded.b0)) {
      const { data } = torchOrder(weights.get(state.get(name)!.parameter!)!);
      expect(createHash("sha256").update(data).digest("hex").slice(0, 16), name).toBe(digest);
    }
    const weightsFile = await save("b0.safetensors", state, weights);
    const backbone = await entry.create({ input, seed: 1, weightsFile });
    expectSame(backbone.weights, weights);
    expect(backbone.weightsFile).toMatchObject({ framework: "torchvision", published: false });

    const { cases } = golden("torchvision-efficientnet.json") as {
      cases: {
        variant: string;
        height: number;
        width: number;
        padding: string;
        count: number;
        features: number[][];
      }[];
    };
    const sizes = cases.filter(({ variant, padding }) => variant === "b0" && padding === "symmetric");
    expect(sizes.length).toBeGreaterThan(1);
    for (const { height, width, count, features } of sizes) {
      const model = await entry.create({ input: { height, width, channels: 3 }, seed: 1, weightsFile });
      const predictor = await createPredictor({ ...model, batchSize: 1, threads: 1 });
      const result = await predictor.run(formulaPictures(count, height, width), count);
      await predictor.close();
      expect(relativeDifference(result, features.flat())).toBeLessThan(1e-4);
    }
  });

  it("of B5 have other constants than B0's", () => {
    const batchNorm = (variant: EfficientNetVariant) =>
      findBackbone(`efficientnet-${variant}.torchvision`)
        .graph(input)
        .layers.find(({ kind }) => kind === "batchNorm");
    for (const variant of variants) {
      const isLate = ["b5", "b6", "b7"].includes(variant);
      const constants = isLate ? { epsilon: 1e-3, momentum: 0.99 } : { epsilon: 1e-5, momentum: 0.9 };
      expect(batchNorm(variant)).toMatchObject(constants);
    }
  });
});

describe("timm's state dicts", () => {
  it("of B0 have these names", () => {
    const graph = findBackbone("efficientnet-b0.timm").graph(input, { classes: 1000 });
    expect([...stateDictOf(graph, timmModule).keys()].sort()).toEqual(timmNames().sort());
  });

  it.each(variants)("of %s fit the layout", (variant) => {
    const entry = findBackbone(`efficientnet-${variant}.timm`);
    expectFit(entry, stateDictOf(entry.graph(input, { classes: 1000 }), timmModule));
  });

  it("of B0 load tensor for tensor", async () => {
    const entry = findBackbone("efficientnet-b0.timm");
    const graph = entry.graph(input, { classes: 1000 });
    const weights = formulaWeights(graph, 0.16);
    const path = await save("timm.safetensors", stateDictOf(graph, timmModule), weights);
    const backbone = await entry.create({ input, seed: 1, weightsFile: path });
    const withoutTop = new Map([...weights].filter(([name]) => !name.startsWith("predictions/")));
    expectSame(backbone.weights, withoutTop);
    expect(backbone.weightsFile).toMatchObject({ framework: "timm" });
    for (const other of ["efficientnet-b0.torchvision", "efficientnet-b0.imagenet", "efficientnet-b1.timm"]) {
      await expect(findBackbone(other).create({ input, seed: 1, weightsFile: path })).rejects.toMatchObject({
        code: "bad-config",
        message: `this file is not for ${other} but for efficientnet-b0.timm`,
      });
    }
  });
});

function timmModule(layer: string): string {
  const ends: Record<string, string> = {
    stem_conv: "conv_stem",
    stem_bn: "bn1",
    top_conv: "conv_head",
    top_bn: "bn2",
    predictions: "classifier",
  };
  if (layer in ends) return ends[layer]!;
  const [, stage, letter, role] = /^block(\d)([a-z])_(.+)$/.exec(layer)!;
  // timm numbers the convolutions of a block and its batch norms in the order in which they run.
  const convolutions = stage === "1" ? ["dwconv", "project_conv"] : ["expand_conv", "dwconv", "project_conv"];
  const norms = stage === "1" ? ["bn", "project_bn"] : ["expand_bn", "bn", "project_bn"];
  const names = stage === "1" ? ["conv_dw", "conv_pw"] : ["conv_pw", "conv_dw", "conv_pwl"];
  const module = role!.startsWith("se_")
    ? `se.conv_${role!.slice("se_".length)}`
    : (names[convolutions.indexOf(role!)] ?? `bn${norms.indexOf(role!) + 1}`);
  return `blocks.${Number(stage) - 1}.${"abcdefghijklm".indexOf(letter!)}.${module}`;
}

/** The tensors of timm's tf_efficientnet_b0, by the repeats of its stages and the parts of their blocks. */
function timmNames(): string[] {
  const norm = (name: string) =>
    ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map((part) => `${name}.${part}`);
  const squeeze = ["conv_reduce", "conv_expand"].flatMap((name) => [`se.${name}.weight`, `se.${name}.bias`]);
  const separable = ["conv_dw.weight", ...norm("bn1"), ...squeeze, "conv_pw.weight", ...norm("bn2")];
  const inverted = [
    ...["conv_pw.weight", ...norm("bn1"), "conv_dw.weight", ...norm("bn2")],
    ...[...squeeze, "conv_pwl.weight", ...norm("bn3")],
  ];
  const blocks = [1, 2, 2, 3, 3, 4, 1].flatMap((repeats, stage) =>
    Array.from({ length: repeats }, (_, block) =>
      (stage === 0 ? separable : inverted).map((name) => `blocks.${stage}.${block}.${name}`),
    ).flat(),
  );
  const ends = ["conv_stem.weight", ...norm("bn1"), "conv_head.weight", ...norm("bn2")];
  return [...ends, ...blocks, "classifier.weight", "classifier.bias"];
}
