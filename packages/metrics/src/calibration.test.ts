import { describe, expect, it } from "vitest";
import { calibration } from "./calibration.ts";

describe("calibration", () => {
  it("gives the worked example of M. Pavlovic, Understanding model calibration (ICLR blog posts 2025): 0.10444", () => {
    const confidences = [0.78, 0.64, 0.92, 0.58, 0.51, 0.85, 0.7, 0.63, 0.83];
    const isRight = [true, true, false, true, false, true, true, false, true];
    const { expectedError, largestError, bins } = calibration(confidences, isRight, 5);
    expect(expectedError).toBeCloseTo(0.10444, 5);
    expect(largestError).toBeCloseTo(0.2, 9);
    expect(bins.map(({ n }) => n)).toEqual([0, 0, 2, 4, 3]);
  });

  it("counts a confidence at the end of a bin into that bin, as scikit-learn does", () => {
    const { bins } = calibration([0, 0.1, 0.2, 0.3, 0.6, 0.7, 1], new Array(7).fill(true), 10);
    expect(bins.map(({ n }) => n)).toEqual([2, 1, 1, 0, 0, 1, 1, 0, 0, 1]);
  });

  it("is 0 for a model that is as sure as it is right", () => {
    const { expectedError } = calibration([0.5, 0.5, 1], [true, false, true]);
    expect(expectedError).toBe(0);
  });

  it.each([
    ["no samples", [], []],
    ["answers that are not as many", [0.5], [true, false]],
    ["a confidence above 1", [1.5], [true]],
    ["not-a-number", [Number.NaN], [true]],
  ])("refuses %s", (_, confidences, isRight) => {
    expect(() => calibration(confidences, isRight)).toThrow(RangeError);
  });
});
