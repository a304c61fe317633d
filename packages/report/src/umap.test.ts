import { createRandom, normal } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import type { Matrix } from "./matrix.ts";
import { trustworthiness } from "./trustworthiness.ts";
import { umap } from "./umap.ts";

function twoGroups(): Matrix<Float64Array> {
  const random = createRandom("two groups", 1);
  const data = Float64Array.from({ length: 80 * 5 }, (_, i) => normal(random) + (i < 200 ? 0 : 10));
  return { rows: 80, columns: 5, data };
}

describe("umap", () => {
  const options = { neighbours: 10, minDistance: 0.1, seed: 1 };

  it("gives the same bytes for a seed and others for another", () => {
    const first = umap(twoGroups(), options);
    expect(umap(twoGroups(), options)).toEqual(first);
    expect(umap(twoGroups(), { ...options, seed: 2 }).data).not.toEqual(first.data);
  });

  it("keeps neighbourhoods", () => {
    const features = twoGroups();
    expect(trustworthiness(features, [umap(features, options)], 5)[0]).toBeGreaterThan(0.85);
  });

  it("refuses fewer points than neighbours", () => {
    expect(() => umap({ rows: 3, columns: 2, data: new Float64Array(6) }, options)).toThrow(RangeError);
  });
});
