import { describe, expect, it } from "vitest";
import { majorityBaseline } from "./majority.ts";

const classes = ["angry", "happy", "sad"];

describe("majorityBaseline", () => {
  it("names the class most frequent in training, whatever the test set holds", () => {
    const baseline = majorityBaseline({ trainLabels: [0, 1, 1, 2], testLabels: [0, 0, 0, 1, 2], classes });
    expect(baseline.class).toBe("happy");
    expect(baseline.scores.accuracy.value).toBeCloseTo(1 / 5, 12);
    expect(baseline.scores.balancedAccuracy).toBeCloseTo(1 / 3, 12);
    // F1 of happy is 2*1/(1+5); the other two classes have samples and score 0.
    expect(baseline.scores.macroF1).toBeCloseTo(1 / 3 / 3, 12);
    expect(baseline.scores.confusion).toEqual([
      [0, 3, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
  });

  it("takes the first of equally frequent classes", () => {
    expect(majorityBaseline({ trainLabels: [2, 1, 1, 2], testLabels: [0], classes }).class).toBe("happy");
  });

  it("refuses an empty training set and labels that are no class", () => {
    expect(() => majorityBaseline({ trainLabels: [], testLabels: [0], classes })).toThrow(RangeError);
    expect(() => majorityBaseline({ trainLabels: [3], testLabels: [0], classes })).toThrow(RangeError);
    expect(() => majorityBaseline({ trainLabels: [0], testLabels: [], classes })).toThrow(RangeError);
  });
});
