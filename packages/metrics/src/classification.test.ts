import { describe, expect, it } from "vitest";
import { classificationScores } from "./classification.ts";
import { confusionMatrix } from "./confusion.ts";

describe("confusionMatrix", () => {
  it("has true classes as rows and predictions as columns", () => {
    expect(confusionMatrix([0, 0, 1, 2], [0, 1, 1, 0], 3)).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 0],
    ]);
  });

  it("refuses labels and predictions of different lengths", () => {
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow(/2 labels, but 1 predictions/);
  });
});

describe("classificationScores", () => {
  it("refuses a matrix that does not fit the classes, or has no samples", () => {
    expect(() => classificationScores([[1, 0]], ["a", "b"])).toThrow(RangeError);
    const empty = [
      [0, 0],
      [0, 0],
    ];
    expect(() => classificationScores(empty, ["a", "b"])).toThrow(RangeError);
  });
});
