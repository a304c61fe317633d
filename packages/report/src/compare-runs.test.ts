import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readParquet } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Comparison, compareRuns } from "./compare-runs.ts";
import { comparisonText } from "./comparison-text.ts";
import { SAMPLES, writeEvaluation } from "./finished-stages.test.helper.ts";

let root: string;
let comparison: Comparison;

const run = (name: string, facts = {}) => ({ name, dir: join(root, name), facts });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-compare-"));
  await writeEvaluation(join(root, "six"), 1, 6);
  await writeEvaluation(join(root, "eight"), 1, 8);
  [comparison] = (await compareRuns(
    run("six", { configuration: { seed: 1, same: 2 }, code: { commit: "a" } }),
    [run("eight", { configuration: { seed: 2, same: 2, more: [1] }, code: { commit: "a" } })],
  )) as [Comparison];
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("compareRuns", () => {
  it("gives the differences of metrics on the samples in common", () => {
    const [first] = comparison.targets;
    expect(comparison.targets.map(({ target }) => target)).toEqual(["first", "second"]);
    expect(first).toMatchObject({ n: SAMPLES, onlyInFirst: 0, onlyInSecond: 0 });
    const accuracy = first!.metrics.find(({ metric }) => metric === "accuracy")!;
    expect(accuracy.first).toBeCloseTo(30 / 45, 12);
    expect(accuracy.second).toBeCloseTo(40 / 45, 12);
    expect(accuracy.difference).toBeCloseTo(10 / 45, 12);
  });

  it("tests them: ten samples that the second alone gets right are p = 2/2^10", () => {
    const { mcnemar, bootstrap } = comparison.targets[0]!;
    expect(mcnemar).toMatchObject({ onlyFirst: 0, onlySecond: 10 });
    expect(mcnemar.exact.p).toBeCloseTo(2 / 1024, 12);
    expect(bootstrap.map(({ metric }) => metric)).toEqual(["accuracy", "balancedAccuracy"]);
    for (const { difference } of bootstrap) {
      expect(difference.low).toBeGreaterThan(0);
      expect(difference.high).toBeGreaterThan(difference.value);
    }
  });

  it("draws subjects whole where everybody is known", () => {
    const groups = comparison.targets.map(({ bootstrap }) => bootstrap[0]!.difference.groups);
    expect(groups).toEqual([null, 9]);
    expect(comparisonText(comparison)).toContain("(paired bootstrap, 2000 resamples of 9 subjects).");
  });

  it("lists the samples that flipped, and who was right", async () => {
    const { flipped } = comparison.targets[0]!;
    const rows = await readParquet<{ id: string; label: string; predicted: string }>(
      join(root, "eight", "first.predictions.parquet"),
    );
    expect(flipped).toHaveLength(10);
    for (const { id, label, first, second, right } of flipped) {
      expect(rows.find((row) => row.id === id)).toMatchObject({ label, predicted: label });
      expect(second.predicted).toBe(label);
      expect(first).not.toEqual(second);
      expect(right).toBe("second");
    }
  });

  it("names what was different, and nothing else", () => {
    expect(comparison.differences).toEqual([
      { field: "configuration.more", first: null, second: [1] },
      { field: "configuration.seed", first: 1, second: 2 },
    ]);
  });

  it("finds no difference of a run from itself", async () => {
    const [same] = await compareRuns(run("six"), [run("six")]);
    expect(same!.differences).toEqual([]);
    expect(same!.targets[0]).toMatchObject({ flipped: [], mcnemar: { exact: { p: 1 } } });
    expect(same!.targets[0]!.bootstrap[0]!.difference).toMatchObject({ value: 0, low: 0, high: 0, p: 1 });
  });

  it("gives the same numbers again", async () => {
    const again = await compareRuns(run("six"), [run("eight"), run("six"), run("eight")]);
    expect(again.map(({ second }) => second)).toEqual(["eight", "six", "eight"]);
    expect(again[2]!.targets).toEqual(comparison.targets);
  });

  it("refuses runs that disagree about labels", async () => {
    const other = join(root, "other");
    await writeEvaluation(other, 1, 6, (label) => (label + 1) % 3);
    await expect(compareRuns(run("six"), [run("other")])).rejects.toMatchObject({ code: "bad-data" });
  });
});

describe("comparisonText", () => {
  it("says what a reader asks first, with class names as text", () => {
    const text = comparisonText(comparison);
    expect(text).toContain("six (first) and eight (second)");
    expect(text).toContain("McNemar: 0 right in six alone, 10 in eight alone; exact p 0.0020");
    expect(text).toContain("| Accuracy, % | 66.67 | 88.89 | +22.22 |");
    expect(text).toContain("| configuration.seed | 1 | 2 |");
    expect(text).not.toContain("<img");
  });
});
