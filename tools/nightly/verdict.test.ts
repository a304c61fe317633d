import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { type AccuracyChange, judgeAccuracy, judgeSpeed, rankTest, type Speed } from "./verdict.ts";

const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`./test/${name}`, import.meta.url), "utf8"));
/** Answers of 21 seeds and of a worse learning rate, a digit a test picture (record-seeds.ts). */
const seeds: { labels: string; nights: string[]; worse: string } = await read("seeds.json");
/**
 * Speeds of 21 measurements on a machine of two cores that others kept busy, and one of a slower kernel, four pictures at a time
 * in place of 32 (speed.ts, with --batch 4).
 */
const speeds: { nights: Speed[]; slower: Speed } = await read("speeds.json");

function changeOf(before: string, now: string): AccuracyChange {
  const right = (answers: string) => [...seeds.labels].map((label, i) => answers[i] === label);
  const [first, second] = [right(before), right(now)];
  const count = (test: (i: number) => boolean) => first.filter((_, i) => test(i)).length;
  const n = seeds.labels.length;
  return {
    run: "demo",
    target: "synthetic",
    n,
    before: count((i) => first[i]!) / n,
    now: count((i) => second[i]!) / n,
    onlyBefore: count((i) => first[i]! && !second[i]),
    onlyNow: count((i) => !first[i] && second[i]!),
  };
}

describe("accuracy", () => {
  const [green, ...nights] = seeds.nights;

  it("is not worse in 20 nights that trained with other seeds, whichever was green", () => {
    expect(nights).toHaveLength(20);
    for (const night of nights) {
      expect(judgeAccuracy([changeOf(green!, night)])).toMatchObject([{ kind: "same" }]);
      expect(judgeAccuracy([changeOf(night, green!)])).toMatchObject([{ kind: "same" }]);
    }
  });

  it("is worse, and is said to be, with a learning rate that is", () => {
    const { before, now, ...change } = changeOf(green!, seeds.worse);
    const [line] = judgeAccuracy([{ before, now, ...change }]);
    expect(line!.kind).toBe("worse");
    const points = (100 * (now - before)).toFixed(2);
    expect(line!.text).toContain(
      `accuracy of demo on synthetic: ${(100 * before).toFixed(2)}% -> ${(100 * now).toFixed(2)}% (${points} points, n = 350, p = `,
    );
    expect(judgeAccuracy([changeOf(seeds.worse, green!)])).toMatchObject([{ kind: "better" }]);
  });

  it("is held to what so many comparisons bring by chance", () => {
    // p is 34 / 2^16, 0.00052.
    const change = { ...changeOf(green!, green!), before: 0.5, now: 0.4, onlyBefore: 15, onlyNow: 1 };
    expect(judgeAccuracy([change])).toMatchObject([{ kind: "worse" }]);
    expect(judgeAccuracy([change, change])).toMatchObject([{ kind: "same" }, { kind: "same" }]);
  });
});

describe("speed", () => {
  const [green, ...nights] = speeds.nights;

  it("is not worse in 20 nights of a busy machine, whichever was green", () => {
    expect(nights).toHaveLength(20);
    for (const night of nights) {
      expect(judgeSpeed(green, night)).toMatchObject({ kind: "same" });
      expect(judgeSpeed(night, green!)).toMatchObject({ kind: "same" });
    }
  });

  it("is worse, and is said to be, with a slower kernel", () => {
    const line = judgeSpeed(green, speeds.slower);
    expect(line.kind).toBe("worse");
    expect(line.text).toMatch(
      /^features of efficientnet-b0\.random at 48x48: \d+\.\d+% -> \d+\.\d+% of the reference kernel \(-\d+\.\d%, p = 0\.0000/,
    );
    expect(judgeSpeed(speeds.slower, green!).kind).toBe("better");
  });

  it("is not compared with nothing, nor with another processor's", () => {
    expect(judgeSpeed(undefined, green!).kind).toBe("not compared");
    expect(judgeSpeed({ ...green!, cpu: "Another" }, speeds.slower).kind).toBe("not compared");
  });
});

describe("the Mann-Whitney test", () => {
  // scipy 1.10.1: scipy.stats.mannwhitneyu(first, second, method="exact").pvalue
  it.each([
    [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0.007936507936507936],
    [[1, 4, 5, 8], [2, 3, 6, 7, 9], 0.7301587301587302],
    [[1.1, 2.2, 3.3, 9.9, 8.8, 7.7], [4.4, 5.5, 6.6], 1],
    [[1, 2, 3, 5, 8, 13, 21], [4, 6, 7, 9, 10, 11, 12, 14], 0.33566433566433573],
  ])("agrees with SciPy", (first, second, p) => {
    expect(rankTest(first, second)).toBeCloseTo(p, 12);
    expect(rankTest(second, first)).toBeCloseTo(p, 12);
  });
});
