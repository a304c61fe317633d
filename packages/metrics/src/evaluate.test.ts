import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { evaluatePredictions, mostProbable } from "./evaluate.ts";

/** Recorded by tools/fixtures/sklearn_metrics.py. */
const fixture = JSON.parse(
  readFileSync(new URL("../test/sklearn-metrics.json", import.meta.url), "utf8"),
) as {
  cases: {
    name: string;
    classes: string[];
    labels: number[];
    probabilityUnits: number[];
    expected: {
      confusion: number[][];
      accuracy: number;
      balancedAccuracy: number;
      macroF1: number;
      precision: number[];
      recall: number[];
      f1: number[];
      support: number[];
      logLoss: number;
      macroPrecision: number;
      macroRecall: number;
      weightedPrecision: number;
      weightedF1: number;
      cohenKappa: number;
      matthewsCorrelation: number;
      brierScore: number;
      rocAuc: (number | null)[];
      averagePrecision: (number | null)[];
      calibration: {
        n: number[];
        accuracy: number[];
        confidence: number[];
        expectedError: number;
        largestError: number;
      };
    };
  }[];
};

describe("evaluatePredictions agrees with scikit-learn to 1e-9", () => {
  it.each(fixture.cases)("$name", ({ classes, labels, probabilityUnits, expected }) => {
    const metrics = evaluatePredictions({
      labels: Int32Array.from(labels),
      probabilities: Float32Array.from(probabilityUnits, (units) => units / 65536),
      classes,
    });
    expect(metrics.confusion).toEqual(expected.confusion);
    expect(metrics.n).toBe(labels.length);
    expect(metrics.accuracy.value).toBeCloseTo(expected.accuracy, 9);
    for (const name of [
      "balancedAccuracy",
      "macroPrecision",
      "macroRecall",
      "macroF1",
      "weightedPrecision",
      "weightedF1",
      "cohenKappa",
      "matthewsCorrelation",
      "logLoss",
      "brierScore",
    ] as const) {
      closeTo(metrics[name], expected[name]);
    }
    metrics.ranking.forEach(({ rocAuc, averagePrecision }, c) => {
      closeTo(rocAuc, expected.rocAuc[c]!);
      closeTo(averagePrecision, expected.averagePrecision[c]!);
    });
    closeTo(metrics.calibration.expectedError, expected.calibration.expectedError);
    closeTo(metrics.calibration.largestError, expected.calibration.largestError);
    const bins = metrics.calibration.bins.filter(({ n }) => n > 0);
    expect(bins.map(({ n }) => n)).toEqual(expected.calibration.n);
    bins.forEach(({ accuracy, confidence }, b) => {
      closeTo(accuracy, expected.calibration.accuracy[b]!);
      closeTo(confidence, expected.calibration.confidence[b]!);
    });
    metrics.perClass.forEach((scores, c) => {
      expect(scores.class).toBe(classes[c]);
      expect(scores.support).toBe(expected.support[c]);
      expect(scores.precision).toBeCloseTo(expected.precision[c]!, 9);
      expect(scores.recall).toBeCloseTo(expected.recall[c]!, 9);
      expect(scores.f1).toBeCloseTo(expected.f1[c]!, 9);
    });
  });
});

/** To 1e-9, or both null. */
function closeTo(value: number | null, expected: number | null): void {
  if (value === null || expected === null) expect(value).toBe(expected);
  else expect(Math.abs(value - expected)).toBeLessThan(1e-9);
}

describe("evaluatePredictions", () => {
  it("gives plain JSON", () => {
    const metrics = evaluatePredictions({ labels: [0, 1], probabilities: [1, 0, 0, 1], classes: ["a", "b"] });
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
  });

  it("keeps the loss of a saturated mistake finite: -ln 2^-23", () => {
    const { logLoss } = evaluatePredictions({ labels: [1], probabilities: [1, 0], classes: ["a", "b"] });
    expect(logLoss).toBeCloseTo(23 * Math.LN2, 12);
  });

  it.each([
    ["no samples", [], []],
    ["too few probabilities", [0, 1], [1, 0]],
    ["a row that sums to 0.9", [0], [0.5, 0.4]],
    ["a negative probability", [0], [1.5, -0.5]],
    ["not-a-number", [0], [Number.NaN, 1]],
    ["a label that is no class", [2], [0.5, 0.5]],
    ["a fractional label", [0.5], [0.5, 0.5]],
  ])("refuses %s", (_, labels, probabilities) => {
    expect(() => evaluatePredictions({ labels, probabilities, classes: ["a", "b"] })).toThrow(RangeError);
  });
});

describe("mostProbable", () => {
  it("takes the first of equals, as argmax does", () => {
    expect([...mostProbable([0.4, 0.4, 0.2, 0.2, 0.4, 0.4], 3)]).toEqual([0, 1]);
  });
});
