import { describe, expect, it } from "vitest";
import { bootstrapInterval } from "./bootstrap.ts";
import { classificationScores } from "./classification.ts";
import { confusionMatrix } from "./confusion.ts";
import { generator } from "./generator.test.helper.ts";
import { scoreIntervals } from "./score-intervals.ts";

const classes = ["a", "b", "c"];
const labels = Array.from({ length: 60 }, (_, i) => i % 3);
const predicted = labels.map((label, i) => (i % 5 === 0 ? (label + 1) % 3 : label));
const subjects = labels.map((_, i) => `subject ${Math.floor(i / 6)}`);

describe("scoreIntervals", () => {
  it.each([undefined, subjects])("are those of each score by itself", (groups) => {
    const intervals = scoreIntervals({ labels, predicted, classes, groups, random: generator(1) });
    const scoresOf = (indices: Int32Array) =>
      classificationScores(
        confusionMatrix(
          Array.from(indices, (i) => labels[i]!),
          Array.from(indices, (i) => predicted[i]!),
          3,
        ),
        classes,
      );
    const alone = (statistic: (indices: Int32Array) => number) =>
      bootstrapInterval({ count: 60, statistic, groups, random: generator(1) });
    expect(intervals).toEqual({
      accuracy: alone((indices) => scoresOf(indices).accuracy.value),
      balancedAccuracy: alone((indices) => scoresOf(indices).balancedAccuracy),
      macroF1: alone((indices) => scoresOf(indices).macroF1),
    });
    expect(intervals.accuracy).toMatchObject({ value: 0.8, groups: groups === undefined ? null : 10 });
  });

  it("refuse what is no prediction of every sample", () => {
    const random = generator(1);
    expect(() => scoreIntervals({ labels, predicted: [0], classes, random })).toThrow(RangeError);
    expect(() => scoreIntervals({ labels: [7], predicted: [0], classes, random })).toThrow(RangeError);
  });
});
