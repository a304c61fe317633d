import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { defineGraph, type Graph, shapeOf } from "../graph/graph.ts";
import { relativeDifference } from "../graph/sample-data.test.support.ts";
import { findBackbone } from "../index.ts";
import { createPredictor } from "../run/predictor.ts";
import { applyLayout, compareWithFile } from "../weights/apply-layout.ts";
import type { WeightsLayout } from "../weights/layout.ts";
import type { TensorFile } from "../weights/tensor-file.ts";
import type { Weights } from "../weights/weights.ts";
import type { WeightsFileOrigin } from "./backbone.ts";
import { formulaPictures, formulaTensor } from "./formula.test.support.ts";

interface Network {
  name: string;
  gamma: number | null;
  /** Names and shapes of torchvision's state dict, with its classifier of 1000 classes. */
  state: [name: string, shape: number[]][];
  /** Features; of VGG-16 and AlexNet the first 64 units of the first dense layer, behind its ReLU. */
  cases: { count: number; height: number; width: number; features: number[][] }[];
}

/** Made by tools/fixtures/torchvision_backbones.py. */
const { networks } = JSON.parse(
  readFileSync(new URL("../../test/golden/torchvision-backbones.json", import.meta.url), "utf8"),
) as { networks: Network[] };

/** The state dict as a file, its numbers from the formula; `shapes` in place of those that it has. */
function stateFile(
  { name, gamma, state }: Network,
  shapes: Readonly<Record<string, number[]>> = {},
): TensorFile {
  const all = new Map(state.map(([key, shape]) => [key, shapes[key] ?? shape]));
  return {
    path: `${name}.safetensors`,
    format: "safetensors",
    tensors: new Map(
      [...all].map(([key, shape]) => [key, { shape, type: shape.length === 0 ? "I64" : "F32" }]),
    ),
    async read(key) {
      const shape = all.get(key)!;
      const fanIn = shape.slice(1).reduce((product, extent) => product * extent, 1);
      return formulaTensor(key, shape, { gamma, fanIn: shape.length > 1 ? fanIn : undefined });
    },
    close: async () => {},
  };
}

const UNITS = 64;

/** The graph up to the ReLU behind its first dense layer, of which only the first units are left; whole without one. */
function upToFirstUnits(graph: Graph): Graph {
  const dense = graph.layers.findIndex(({ kind }) => kind === "dense");
  if (dense < 0) return graph;
  const layers = graph.layers.slice(0, dense + 2);
  return defineGraph(
    graph.name,
    layers.map((layer) => (layer.kind === "dense" ? { ...layer, units: UNITS } : layer)),
  );
}

/** That graph's weights: the first rows of a matrix are the first numbers of its formula. */
async function weightsUpToFirstUnits(
  network: Network,
  graph: Graph,
  layout: WeightsLayout,
): Promise<Weights> {
  const shapes: Record<string, number[]> = {};
  const dense = graph.layers.find(({ kind }) => kind === "dense");
  if (dense !== undefined) {
    shapes[`${dense.name}.weight`] = [UNITS, shapeOf(graph, dense.inputs[0]!)[0]!];
    shapes[`${dense.name}.bias`] = [UNITS];
  }
  const file = stateFile(network, shapes);
  const isIgnored = (key: string) => /^(fc|classifier)\.|num_batches_tracked$/.test(key);
  return (await applyLayout(graph, file, { ...layout, isIgnored })).weights;
}

describe.each(networks)("$name", (network) => {
  const entry = findBackbone(`${network.name}.torchvision`);
  const { layout } = entry.weights as WeightsFileOrigin;
  const input = { height: 64, width: 64, channels: 3 } as const;
  let weights: Weights;

  beforeAll(async () => {
    weights = await weightsUpToFirstUnits(network, upToFirstUnits(entry.graph(input)), layout);
  }, 60_000);

  it("has a place for every tensor of torchvision's, with its classifier and without", () => {
    const file = stateFile(network);
    const without = compareWithFile(entry.graph(input), file, layout);
    expect(without.problems).toEqual([]);
    const counters = without.ignored.filter((key) => key.endsWith(".num_batches_tracked"));
    expect(without.ignored.length - counters.length).toBe(2);
    const whole = compareWithFile(entry.graph(input, { classes: 1000 }), file, layout);
    expect([whole.problems, whole.ignored]).toEqual([[], counters]);
  });

  it.each(network.cases)("gives torchvision's features at $height x $width", async (given) => {
    const { count, height, width, features } = given;
    const graph = upToFirstUnits(entry.graph({ height, width, channels: 3 }));
    const predictor = await createPredictor({ graph, weights, batchSize: count, threads: 1 });
    const result = await predictor.run(formulaPictures(count, height, width), count);
    await predictor.close();
    expect(relativeDifference(result, features.flat())).toBeLessThan(1e-4);
  });
});
