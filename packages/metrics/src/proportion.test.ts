import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wilsonProportion } from "./proportion.ts";

/** Recorded by tools/fixtures/sklearn_metrics.py with statsmodels' `proportion_confint`. */
const { wilson } = JSON.parse(
  readFileSync(new URL("../test/sklearn-metrics.json", import.meta.url), "utf8"),
) as { wilson: { successes: number; n: number; low: number; high: number }[] };

describe("wilsonProportion", () => {
  it.each(wilson)("agrees with statsmodels for $successes of $n", ({ successes, n, low, high }) => {
    const proportion = wilsonProportion(successes, n);
    expect(proportion.low).toBeCloseTo(low, 9);
    expect(proportion.high).toBeCloseTo(high, 9);
  });

  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("gives the intervals of Newcombe 1998, table I, method 3: %i of %i", (successes, n, low, high) => {
    const proportion = wilsonProportion(successes, n);
    expect(proportion.low).toBeCloseTo(low, 4);
    expect(proportion.high).toBeCloseTo(high, 4);
  });

  it("holds the value, stays in [0, 1] and mirrors successes and failures", () => {
    const trials = fc
      .integer({ min: 1, max: 100_000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(trials, ([successes, n]) => {
        const { low, value, high } = wilsonProportion(successes, n);
        const mirrored = wilsonProportion(n - successes, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(value);
        expect(value).toBeLessThanOrEqual(high);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeCloseTo(1 - mirrored.high, 12);
      }),
    );
  });

  it.each([
    [1, 0],
    [-1, 3],
    [4, 3],
    [0.5, 3],
  ])("refuses %d of %d", (successes, n) => {
    expect(() => wilsonProportion(successes, n)).toThrow(RangeError);
  });
});
