import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interpret } from "../graph/interpreter.test.support.ts";
import {
  calibratedEfficientNet,
  joined,
  pictures,
  relativeDifference,
} from "../graph/sample-data.test.support.ts";
import { classifierHead } from "../head.ts";
import type { Model } from "../onnx/fold.ts";
import { randomWeights } from "../weights/weights.ts";
import { createFeatureExtractor, createPredictor, type Predictor } from "./predictor.ts";

describe("a feature extractor", () => {
  let model: Model;
  let one: Predictor;
  let two: Predictor;

  beforeAll(async () => {
    model = await calibratedEfficientNet("b0", { height: 32, width: 32, channels: 1 });
    one = await createFeatureExtractor({ ...model, batchSize: 4, threads: 1 });
    two = await createFeatureExtractor({ ...model, batchSize: 4, threads: 2 });
  });
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
  });

  it("gives the same bytes on any number of threads, again and again", async () => {
    const data = joined(pictures(model.graph, 30));
    const first = await one.run(data, 30);
    expect(first.length).toBe(30 * one.dimensions);
    expect(await two.run(data, 30)).toEqual(first);
    expect(await one.run(data, 30)).toEqual(first);
    expect(data).toEqual(joined(pictures(model.graph, 30)));
  });

  it("does not let the filling of the last batch reach its pictures", async () => {
    const data = joined(pictures(model.graph, 5));
    const alone = await one.run(data.subarray(4 * 32 * 32), 1);
    const together = await one.run(data, 5);
    expect([...together.subarray(4 * one.dimensions)]).toEqual([...alone]);
  });

  it("answers overlapping calls, and nothing with nothing", async () => {
    const data = joined(pictures(model.graph, 8));
    const half = data.length / 2;
    const [left, right] = await Promise.all([
      two.run(data.subarray(0, half), 4),
      two.run(data.subarray(half), 4),
    ]);
    expect([...left, ...right]).toEqual([...(await two.run(data, 8))]);
    expect((await two.run(new Uint8Array(0), 0)).length).toBe(0);
  });

  it("refuses data of another size or type", async () => {
    await expect(one.run(new Uint8Array(10), 1)).rejects.toThrow(
      "efficientnet-b0 reads uint8 [1, 32, 32, 1], not 10 uint8 values",
    );
    await expect(one.run(new Float32Array(32 * 32), 1)).rejects.toThrow("not 1024 float32 values");
  });
});

describe("a predictor of a head", () => {
  it("reads feature vectors and gives probabilities", async () => {
    const graph = classifierHead({
      inputs: 20,
      classes: 7,
      hidden: 11,
      activation: "tanh",
      dropout: 0.5,
      standardize: true,
      softmax: true,
    });
    const weights = randomWeights(graph, 3);
    const predictor = await createPredictor({ graph, weights, batchSize: 16, threads: 1 });
    const features = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
    const result = await predictor.run(features, 3);
    await predictor.close();
    const rows = [0, 20, 40].map((start) => features.subarray(start, start + 20));
    expect(relativeDifference(result, interpret(graph, weights, rows).flat())).toBeLessThan(1e-6);
    expect(result.subarray(0, 7).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    await expect(createFeatureExtractor({ graph, weights })).rejects.toThrow("does not turn pictures into");
  });
});
