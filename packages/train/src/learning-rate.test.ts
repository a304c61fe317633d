import { describe, expect, it } from "vitest";
import { learningRateAt } from "./learning-rate.ts";

describe("learningRateAt", () => {
  it("multiplies by the factor after every so many epochs", () => {
    const optimizer = { learningRate: 0.001, decay: { factor: 0.9, everyEpochs: 10 } };
    const rates = [0, 9, 10, 19, 20, 59].map((epoch) => learningRateAt(optimizer, epoch));
    const expected = [0.001, 0.001, 0.0009, 0.0009, 0.00081, 0.00059049];
    rates.forEach((rate, i) => {
      expect(rate).toBeCloseTo(expected[i]!, 12);
    });
  });

  it("stays where it is with factor 1", () => {
    expect(learningRateAt({ learningRate: 0.05, decay: { factor: 1, everyEpochs: 1 } }, 1000)).toBe(0.05);
  });
});
