import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { averagePrecision, rocAuc, thresholdCounts } from "./ranking.ts";

describe("thresholdCounts", () => {
  it("counts samples of equal score together", () => {
    expect(thresholdCounts([true, false, true, false], [0.5, 0.5, 0.9, 0.1])).toEqual([
      { threshold: 0.9, hits: 1, falseAlarms: 0 },
      { threshold: 0.5, hits: 2, falseAlarms: 1 },
      { threshold: 0.1, hits: 2, falseAlarms: 2 },
    ]);
  });

  it("refuses lengths that differ, and scores that are not numbers", () => {
    expect(() => thresholdCounts([true], [0.5, 0.1])).toThrow(RangeError);
    expect(() => thresholdCounts([true], [Number.NaN])).toThrow(RangeError);
  });
});

describe("rocAuc", () => {
  it("is the share of pairs in the right order, ties counting half", () => {
    const samples = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 })), { maxLength: 40 });
    fc.assert(
      fc.property(samples, (drawn) => {
        const scoresOf = (positive: boolean) =>
          drawn.filter(([is]) => is === positive).map(([, score]) => score);
        const [positives, negatives] = [scoresOf(true), scoresOf(false)];
        const pairs = positives.flatMap((p) => negatives.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0)));
        const area = rocAuc(
          thresholdCounts(
            drawn.map(([is]) => is),
            drawn.map(([, score]) => score),
          ),
        );
        if (pairs.length === 0) expect(area).toBeNull();
        else expect(area).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 12);
      }),
    );
  });
});

describe("averagePrecision", () => {
  it("is scikit-learn's documented example: 0.83", () => {
    const counts = thresholdCounts([false, false, true, true], [0.1, 0.4, 0.35, 0.8]);
    expect(averagePrecision(counts)).toBeCloseTo(0.8333, 4);
    expect(rocAuc(counts)).toBeCloseTo(0.75, 12);
  });

  it("is undefined without samples of the class", () => {
    expect(averagePrecision(thresholdCounts([false], [0.5]))).toBeNull();
  });
});
