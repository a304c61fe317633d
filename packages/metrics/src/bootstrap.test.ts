import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bootstrapInterval, pairedBootstrap } from "./bootstrap.ts";
import { generator } from "./generator.test.helper.ts";
import { wilsonProportion } from "./proportion.ts";

/** Recorded by tools/fixtures/sklearn_metrics.py: intervals by numpy from uniform numbers that it wrote down. */
const { bootstrap } = JSON.parse(
  readFileSync(new URL("../test/sklearn-metrics.json", import.meta.url), "utf8"),
) as {
  bootstrap: {
    right: number[];
    rightSecond: number[];
    groups: number[];
    resamples: number;
    millionths: number[];
    mean: [number, number];
    byGroup: [number, number];
    difference: [number, number];
    p: number;
  };
};

/** The recorded numbers; of each resample's twelve, the first `used`. */
function recorded(used = 12) {
  const uniforms = bootstrap.millionths.filter((_, i) => i % 12 < used).map((millionth) => millionth / 1e6);
  let next = 0;
  return { next: () => uniforms[next++]! };
}

const meanOf = (values: readonly number[]) => (indices: Int32Array) =>
  indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;

describe("bootstrapInterval", () => {
  const { right, groups, resamples } = bootstrap;
  const statistic = meanOf(right);

  it("agrees with numpy on the same random numbers", () => {
    const interval = bootstrapInterval({ count: 12, statistic, resamples, random: recorded() });
    expect(interval).toMatchObject({ value: 8 / 12, resamples, groups: null, method: "bootstrap" });
    expect(interval.low).toBeCloseTo(bootstrap.mean[0], 9);
    expect(interval.high).toBeCloseTo(bootstrap.mean[1], 9);
  });

  it("draws groups whole, and agrees with numpy", () => {
    const interval = bootstrapInterval({ count: 12, statistic, groups, resamples, random: recorded(4) });
    expect(interval.groups).toBe(4);
    expect(interval.low).toBeCloseTo(bootstrap.byGroup[0], 9);
    expect(interval.high).toBeCloseTo(bootstrap.byGroup[1], 9);
  });

  it("comes near Wilson's interval for a proportion of many samples", () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i % 10 < 7 ? 1 : 0));
    const { low, high } = bootstrapInterval({
      count: 1000,
      statistic: meanOf(values),
      random: generator(1),
    });
    const wilson = wilsonProportion(700, 1000);
    expect(Math.abs(low - wilson.low)).toBeLessThan(0.004);
    expect(Math.abs(high - wilson.high)).toBeLessThan(0.004);
  });

  it("is wider where the samples of a group are alike", () => {
    const values = Array.from({ length: 400 }, (_, i) => (Math.floor(i / 20) % 2 === 0 ? 1 : 0));
    const subjects = values.map((_, i) => `subject ${Math.floor(i / 20)}`);
    const width = (of: string[] | undefined) => {
      const { low, high } = bootstrapInterval({
        count: 400,
        statistic: meanOf(values),
        groups: of,
        random: generator(2),
      });
      return high - low;
    };
    // Twenty samples that always agree are worth one: the deviation grows by their number's root.
    expect(width(subjects) / width(undefined)).toBeCloseTo(Math.sqrt(20), 0);
  });

  it("refuses no samples, and groups that are not one a sample", () => {
    const random = generator(1);
    expect(() => bootstrapInterval({ count: 0, statistic, random })).toThrow(RangeError);
    expect(() => bootstrapInterval({ count: 12, statistic, groups: [1], random })).toThrow(RangeError);
  });
});

describe("pairedBootstrap", () => {
  const { right, rightSecond, resamples } = bootstrap;

  it("agrees with numpy on the same random numbers", () => {
    const test = pairedBootstrap({
      count: 12,
      first: meanOf(right),
      second: meanOf(rightSecond),
      resamples,
      random: recorded(),
    });
    expect(test.value).toBeCloseTo(1 / 12, 12);
    expect(test.low).toBeCloseTo(bootstrap.difference[0], 9);
    expect(test.high).toBeCloseTo(bootstrap.difference[1], 9);
    expect(test.p).toBeCloseTo(bootstrap.p, 9);
  });

  it("finds nothing where the models are the same", () => {
    const same = meanOf(right);
    const test = pairedBootstrap({ count: 12, first: same, second: same, random: generator(3) });
    expect(test).toMatchObject({ value: 0, low: 0, high: 0, p: 1 });
  });
});
