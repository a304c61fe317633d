import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { trustworthiness } from "./trustworthiness.ts";

/** Recorded by tools/fixtures/sklearn_embeddings.py. */
const fixture = JSON.parse(readFileSync(new URL("../test/sklearn-digits.json", import.meta.url), "utf8")) as {
  trustworthiness: { data: number[]; map: number[]; byNeighbours: Record<string, number> };
};
const features = { rows: 60, columns: 4, data: Float64Array.from(fixture.trustworthiness.data) };
const map = { rows: 60, columns: 2, data: Float64Array.from(fixture.trustworthiness.map) };

describe("trustworthiness", () => {
  it.each(Object.entries(fixture.trustworthiness.byNeighbours))(
    "agrees with scikit-learn for %s neighbours",
    (neighbours, expected) => {
      const [trust] = trustworthiness(features, [map], Number(neighbours));
      expect(trust).toBeCloseTo(expected, 12);
    },
  );

  it("is 1 for the data itself, and each map's own where there are several", () => {
    const [own, flat] = trustworthiness(features, [features, map], 5);
    expect(own).toBe(1);
    expect(flat).toBeCloseTo(fixture.trustworthiness.byNeighbours["5"]!, 12);
  });

  it("refuses half of the points or more as neighbours, and maps of other data", () => {
    expect(() => trustworthiness(features, [map], 30)).toThrow(RangeError);
    expect(() => trustworthiness(features, [{ ...map, rows: 59 }], 5)).toThrow(RangeError);
  });
});
