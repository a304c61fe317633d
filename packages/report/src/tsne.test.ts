import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createRandom, normal } from "@fer-bench/artifacts";
import { afterEach, describe, expect, it, vi } from "vitest";
import { jointProbabilities } from "./affinities.ts";
import { klDivergence } from "./kl-divergence.ts";
import type { Matrix } from "./matrix.ts";
import { nearestNeighbours } from "./neighbours.ts";
import { squaredDistances } from "./squared-distances.test.helper.ts";
import { trustworthiness } from "./trustworthiness.ts";
import { tsne } from "./tsne.ts";
import { createDescent } from "./tsne-descent.ts";

/** Recorded by tools/fixtures/sklearn_embeddings.py. */
const { digits } = JSON.parse(
  readFileSync(new URL("../test/sklearn-digits.json", import.meta.url), "utf8"),
) as {
  digits: {
    rows: number;
    columns: number;
    data: number[];
    tsne: { perplexity: number; klDivergence: number; trustworthiness: number };
  };
};
const digitFeatures: Matrix = { ...digits, data: Float64Array.from(digits.data) };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Groups of `size` points around corners of a cube of the given side, in six dimensions. */
function groups(count: number, size: number, side: number): Matrix<Float64Array> {
  const random = createRandom("groups", 5);
  const columns = 6;
  const data = Float64Array.from({ length: count * size * columns }, (_, i) => {
    const group = Math.floor(i / columns / size);
    return normal(random) + (i % columns === group ? side : 0);
  });
  return { rows: count * size, columns, data };
}

describe("jointProbabilities", () => {
  it("sum to one half over pairs, each once", () => {
    const { values, starts } = jointProbabilities(nearestNeighbours(groups(3, 20, 4), 59), 15);
    expect(values.length).toBe((60 * 59) / 2);
    expect(starts.at(-1)).toBe(values.length);
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(0.5, 12);
  });

  it("of points all equally far apart are all equal", () => {
    const corners: Matrix = { rows: 5, columns: 5, data: new Float64Array(25) };
    for (let i = 0; i < 5; i++) corners.data[i * 5 + i] = 1;
    const { values } = jointProbabilities(nearestNeighbours(corners, 4), 2);
    expect(values).toHaveLength(10);
    for (const p of values) expect(p).toBeCloseTo(1 / 20, 12);
  });

  it("are those of neighbours alone, where not all points are neighbours", () => {
    const points = groups(3, 20, 4);
    const { starts, columns, values } = jointProbabilities(nearestNeighbours(points, 10), 3);
    const { indices } = nearestNeighbours(points, 10);
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(0.5, 12);
    const isNeighbour = (i: number, j: number) => indices.subarray(10 * i, 10 * i + 10).includes(j);
    for (let i = 0; i < 60; i++) {
      for (const j of columns.subarray(starts[i], starts[i + 1])) {
        expect(j).toBeGreaterThan(i);
        expect(isNeighbour(i, j) || isNeighbour(j, i)).toBe(true);
      }
    }
  });
});

describe("the t-SNE gradient", () => {
  it("is a quarter of the divergence's finite differences", () => {
    const features = groups(2, 8, 3);
    const p = jointProbabilities(nearestNeighbours(features, 15), 5);
    const random = createRandom("map", 1);
    const points = Float64Array.from({ length: 32 }, () => normal(random));
    const descent = createDescent(points, p);
    descent.fillGradient(1, 0);
    const step = 1e-5;
    for (let i = 0; i < points.length; i++) {
      const moved = (by: number) => klDivergence(points.with(i, points[i]! + by), p);
      expect(4 * descent.gradient[i]!).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 8);
    }
  });
});

describe("tsne", () => {
  it("is as good as scikit-learn's exact method on the same digits", () => {
    const map = tsne(digitFeatures, { perplexity: digits.tsne.perplexity, seed: 1 });
    expect(Math.abs(map.klDivergence / digits.tsne.klDivergence - 1)).toBeLessThan(0.03);
    const [trust] = trustworthiness(digitFeatures, [map.points], 5);
    expect(trust).toBeGreaterThan(digits.tsne.trustworthiness - 0.01);
  });

  it("is no worse than tsne-js on groups of points", () => {
    const random = createRandom("tsne-js", 1);
    vi.spyOn(Math, "random").mockImplementation(() => random.next());
    const features = groups(3, 20, 8);
    const map = tsne(features, { perplexity: 10, seed: 1 });
    const peer = tsneJs(features, 10);
    const [ours, theirs] = trustworthiness(features, [map.points, peer], 5);
    expect(ours).toBeGreaterThan(theirs! - 0.01);
  });

  it("keeps well-separated groups apart: a point's nearest neighbour is of its group", () => {
    const { points } = tsne(groups(3, 20, 12), { perplexity: 10, seed: 1 });
    const distances = squaredDistances(points);
    for (let i = 0; i < 60; i++) {
      const row = Array.from(distances.subarray(i * 60, (i + 1) * 60), (d, j) => (j === i ? Infinity : d));
      expect(Math.floor(row.indexOf(Math.min(...row)) / 20)).toBe(Math.floor(i / 20));
    }
  });

  it("gives the same bytes again, and is centred", () => {
    const features = groups(3, 10, 4);
    const options = { perplexity: 5, seed: 3, iterations: 300 };
    const first = tsne(features, options);
    expect(tsne(features, options)).toEqual(first);
    for (const axis of [0, 1]) {
      const mean = first.points.data.filter((_, i) => i % 2 === axis).reduce((a, b) => a + b, 0) / 30;
      expect(mean).toBeCloseTo(0, 9);
    }
  });

  it("is the same with neighbours that are known, and more of them", () => {
    const features = groups(3, 340, 4);
    const options = { perplexity: 8, seed: 3, iterations: 20 };
    const known = nearestNeighbours(features, 40);
    expect(tsne(features, options, known)).toEqual(tsne(features, options));
  });

  it("caps the perplexity at a third of the other points, and says so", () => {
    expect(tsne(groups(1, 10, 0), { perplexity: 30, seed: 1, iterations: 10 }).perplexity).toBe(3);
    expect(() => tsne(groups(1, 3, 0), { perplexity: 30, seed: 1 })).toThrow(RangeError);
  });

  it("survives points that are all the same", () => {
    const same: Matrix = { rows: 8, columns: 3, data: new Float64Array(24).fill(2) };
    const map = tsne(same, { perplexity: 2, seed: 1, iterations: 20 });
    expect(map.points.data.every(Number.isFinite)).toBe(true);
  });
});

function tsneJs(features: Matrix, perplexity: number): Matrix<Float64Array> {
  interface Model {
    init(options: { data: number[][]; type: "dense" }): void;
    run(): [error: number, iterations: number];
    getOutput(): number[][];
  }
  const Model = createRequire(import.meta.url)("tsne-js") as new (options: object) => Model;
  const model = new Model({ dim: 2, perplexity, learningRate: 100, nIter: 300, metric: "euclidean" });
  const { rows, columns, data } = features;
  const points = Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
  model.init({ data: points, type: "dense" });
  model.run();
  return { rows, columns: 2, data: Float64Array.from(model.getOutput().flat()) };
}
