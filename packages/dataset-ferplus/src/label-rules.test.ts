import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EMOTIONS } from "./facts.ts";
import { majorityLabel, softLabel } from "./label-rules.ts";

//            neutral happy surprise sad angry disgust fear contempt unknown NF
const cast = (...votes: number[]): number[] => [...votes, ...Array<number>(10 - votes.length).fill(0)];

describe("majority", () => {
  test.each([
    ["more than half", cast(6, 0, 1, 1, 0, 0, 0, 0, 2), "neutral"],
    ["more than half of what single votes leave", cast(5, 4, 1), "neutral"],
    ["exactly half", cast(4, 4), "no majority"],
    ["exactly half of what single votes leave", cast(4, 2, 2, 1, 1), "no majority"],
    ["single votes alone", cast(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), "no majority"],
    ["unknown", cast(1, 2, 0, 0, 0, 0, 0, 0, 7), "unknown"],
    ["not a face", cast(0, 0, 0, 0, 0, 0, 0, 0, 0, 10), "not a face"],
    ["the first rows of the file: anger does not reach half", cast(4, 0, 0, 1, 3, 2), "no majority"],
  ])("%s", (_what, votes, expected) => {
    const verdict = majorityLabel(votes);
    expect("dropped" in verdict ? verdict.dropped : EMOTIONS[verdict.emotion]).toBe(expected);
    if (!("dropped" in verdict)) expect(verdict.votes).toEqual(votes.slice(0, 8));
  });
});

describe("soft", () => {
  test.each([
    ["the most voted until three quarters", cast(6, 2, 2), cast(6, 2, 2)],
    ["no more than needed", cast(8, 2), cast(8)],
    ["those of a number together", cast(4, 3, 3), cast(4, 3, 3)],
    ["single votes go", cast(5, 3, 1, 1), cast(5, 3)],
    ["unknown after an emotion ends it", cast(6, 0, 0, 2, 0, 0, 0, 0, 2), cast(6, 0, 0, 2)],
    ["unknown as often as an emotion stands back", cast(5, 0, 0, 0, 0, 0, 0, 0, 5), undefined],
    ["unknown first", cast(2, 2, 0, 0, 0, 0, 0, 0, 6), undefined],
    ["four classes", cast(3, 3, 2, 2), undefined],
    ["no more than half after an early end", cast(4, 0, 0, 0, 0, 0, 0, 0, 4, 2), undefined],
    ["single votes alone", cast(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), undefined],
  ])("%s", (_what, votes, expected) => {
    const verdict = softLabel(votes);
    expect("dropped" in verdict ? undefined : verdict.votes).toEqual(expected?.slice(0, 8));
  });
});

test("a label has the most votes, the distributions are of one to three of the emotions that were voted for", () => {
  const ten = fc
    .array(fc.nat(9), { minLength: 10, maxLength: 10 })
    .map((voters) =>
      Array.from({ length: 10 }, (_, column) => voters.filter((one) => one === column).length),
    );
  fc.assert(
    fc.property(ten, (votes) => {
      const majority = majorityLabel(votes);
      if (!("dropped" in majority)) {
        expect(votes[majority.emotion]).toBe(Math.max(...votes));
        const soft = softLabel(votes);
        // Whoever has a majority also leads the distribution.
        expect("dropped" in soft || soft.emotion === majority.emotion).toBe(true);
      }
      const soft = softLabel(votes);
      if ("dropped" in soft) return;
      const taken = soft.votes.filter((count) => count > 0);
      expect(taken.length).toBeGreaterThan(0);
      expect(taken.length).toBeLessThanOrEqual(3);
      expect(soft.votes.every((count, i) => count === 0 || count === votes[i])).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
