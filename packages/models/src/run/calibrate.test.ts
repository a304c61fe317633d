import { describe, expect, it } from "vitest";
import { efficientnet } from "../backbones/efficientnet.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { type BatchStatistics, interpret } from "../graph/interpreter.test.support.ts";
import { rgbInput } from "../graph/picture-input.ts";
import { joined, pictures, relativeDifference, scatteredWeights } from "../graph/sample-data.test.support.ts";
import { calibrateBatchNorm } from "./calibrate.ts";

const graph = efficientnet({ variant: "b0", input: { height: 32, width: 32, channels: 1 } });
const weights = scatteredWeights(graph);

describe("batch-norm calibration", () => {
  it("averages every layer's batch means and variances in training mode", async () => {
    const samples = pictures(graph, 16);
    const batches = [samples.slice(0, 8), samples.slice(8)];
    const calibrated = await calibrateBatchNorm({
      graph,
      weights,
      batches: batches.map(joined),
      batchSize: 8,
      threads: 2,
    });

    const statistics = batches.map((batch) => {
      const ofBatch: BatchStatistics = new Map();
      interpret(graph, weights, batch, ofBatch);
      return ofBatch;
    });
    const layers = graph.layers.filter(({ kind }) => kind === "batchNorm");
    expect(layers.length).toBe(49);
    for (const { name } of layers) {
      for (const moment of ["mean", "variance"] as const) {
        const [first, second] = statistics.map((ofBatch) => ofBatch.get(name)![moment]);
        const expected = first!.map((value, i) => (value + second![i]!) / 2);
        const actual = calibrated.get(`${name}/moving_${moment}`)!.data;
        expect(relativeDifference(actual, expected), `${name} ${moment}`).toBeLessThan(1e-3);
      }
    }
  });

  it("does so of every kind of layer, the pictures' own batch norm included", async () => {
    const net = new GraphBuilder({
      initializer: GLOROT_UNIFORM,
      batchNorm: { epsilon: 1e-3, momentum: 0.99 },
    });
    let x = rgbInput(net, { height: 6, width: 5, channels: 1 }, { height: 9, width: 8 });
    x = net.batchNorm("of_pictures", x);
    x = net.maxPool("pool", net.conv("conv", x, { filters: 4, kernel: 3 }), { window: 3, stride: 2 });
    const shortcut = net.conv("shortcut", x, { filters: 6, kernel: 1 });
    x = net.batchNorm("inner", net.separable("separable", net.relu("relu", net.batchNorm("before", x)), 6));
    x = net.batchNorm("after", net.addition("add", x, shortcut));
    x = net.add({ kind: "adaptiveAveragePool2d", name: "bins", inputs: [x], size: [2, 2] });
    net.batchNorm("of_bins", x);
    const small = net.finish("small");
    const given = scatteredWeights(small);
    const samples = pictures(small, 8);
    const statistics: BatchStatistics = new Map();
    interpret(small, given, samples, statistics);
    const calibrated = await calibrateBatchNorm({
      graph: small,
      weights: given,
      batches: [joined(samples)],
      batchSize: 8,
      threads: 1,
    });
    expect([...statistics.keys()]).toEqual(["of_pictures", "before", "inner", "after", "of_bins"]);
    for (const [name, { mean, variance }] of statistics) {
      const [means, variances] = ["mean", "variance"].map((m) => calibrated.get(`${name}/moving_${m}`)!.data);
      expect(relativeDifference(means!, mean), name).toBeLessThan(1e-5);
      expect(relativeDifference(variances!, variance), name).toBeLessThan(1e-5);
    }
  });

  it("leaves the other weights, and those given, alone", async () => {
    const before = new Map([...weights].map(([name, { data }]) => [name, [...data]]));
    const batches = [joined(pictures(graph, 4))];
    const calibrated = await calibrateBatchNorm({ graph, weights, batches, batchSize: 4, threads: 1 });
    for (const [name, { data }] of weights) {
      expect([...data]).toEqual(before.get(name));
      if (!name.includes("/moving_")) expect(calibrated.get(name)).toBe(weights.get(name));
    }
    expect([...calibrated.keys()]).toEqual([...weights.keys()]);
  });

  it("gives the same bytes on one thread and two, and reports how far it is", async () => {
    const samples = pictures(graph, 20);
    const batches = [0, 4, 8, 12, 16].map((start) => joined(samples.slice(start, start + 4)));
    const seen: number[] = [];
    const common = { graph, weights, batches, batchSize: 4 };
    const one = await calibrateBatchNorm({ ...common, threads: 1, onProgress: (count) => seen.push(count) });
    const two = await calibrateBatchNorm({ ...common, threads: 2 });
    expect(two).toEqual(one);
    expect(seen).toEqual([4, 8, 12, 16, 20]);
  });

  it("refuses no batches and broken ones", async () => {
    const common = { graph, weights, batchSize: 4, threads: 1 };
    await expect(calibrateBatchNorm({ ...common, batches: [] })).rejects.toThrow("at least one full batch");
    await expect(calibrateBatchNorm({ ...common, batches: [new Uint8Array(5)] })).rejects.toThrow(
      "not 5 bytes",
    );
  });
});
