import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type McNemarTest, mcnemarTest } from "./mcnemar.ts";

/** Recorded by tools/fixtures/sklearn_metrics.py with statsmodels' `mcnemar`. */
const fixture = JSON.parse(
  readFileSync(new URL("../test/sklearn-metrics.json", import.meta.url), "utf8"),
) as { mcnemar: McNemarTest[] };

describe("mcnemarTest", () => {
  it.each(fixture.mcnemar)("agrees with statsmodels for $onlyFirst and $onlySecond", (expected) => {
    const test = mcnemarTest(expected.onlyFirst, expected.onlySecond);
    for (const kind of ["exact", "chiSquare"] as const) {
      expect(Math.abs(test[kind].p / expected[kind].p - 1)).toBeLessThan(1e-9);
    }
    expect(test.chiSquare.statistic).toBeCloseTo(expected.chiSquare.statistic, 9);
    // statsmodels takes 1 from a difference of 0, too, and so finds one where there is none.
    if (expected.onlyFirst !== expected.onlySecond) {
      expect(test.corrected.statistic).toBeCloseTo(expected.corrected.statistic, 9);
      expect(test.corrected.p).toBeCloseTo(expected.corrected.p, 9);
    }
  });

  it("gives the example of Fagerland, Lydersen and Laake 2013, table 1: airway hyper-responsiveness of 21 children", () => {
    const { exact, chiSquare, corrected } = mcnemarTest(1, 7);
    expect([exact.p, chiSquare.p, corrected.p].map((p) => p.toFixed(3))).toEqual(["0.070", "0.034", "0.077"]);
  });

  it("gives the example of Armitage and Berry 1994, page 127: two media for growing tubercle bacilli", () => {
    const { exact, corrected } = mcnemarTest(12, 2);
    expect(corrected.statistic).toBeCloseTo(5.785714, 6);
    expect([exact.p, corrected.p].map((p) => p.toFixed(4))).toEqual(["0.0129", "0.0162"]);
  });

  it("finds no difference where there is none, or nothing to differ in", () => {
    for (const count of [0, 5]) {
      const { exact, chiSquare, corrected } = mcnemarTest(count, count);
      expect([exact.p, chiSquare.p, corrected.p]).toEqual([1, 1, 1]);
    }
  });

  it.each([
    [-1, 2],
    [0.5, 2],
  ])("refuses %d and %d", (b, c) => {
    expect(() => mcnemarTest(b, c)).toThrow(RangeError);
  });
});
