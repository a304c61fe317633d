import { parseConfig } from "@fer-bench/artifacts";
import { expect, test } from "vitest";
import { CORRUPTION_KINDS, CORRUPTIONS, robustnessSchema } from "./robustness-config.ts";

const parse = (value: unknown) => parseConfig(robustnessSchema, value, "benchmark.json");

test("robustness is off unless asked for, and then of every kind at its own levels", () => {
  expect(parse(undefined)).toBeNull();
  expect(parse(false)).toBeNull();
  const all = parse(true)!;
  for (const kind of CORRUPTION_KINDS) expect(all[kind]).toEqual(CORRUPTIONS[kind].values);
  expect(parse({})).toEqual(all);
});

test("kinds take levels of their own, or are left out", () => {
  expect(parse({ seed: 7, blur: [1, 4], jpeg: [] })).toMatchObject({ seed: 7, blur: [1, 4], jpeg: [] });
});

test("levels that are no levels are refused by name", () => {
  expect(() => parse({ blur: [2, 1] })).toThrow(/mild to severe: larger/);
  expect(() => parse({ jpeg: [10, 20] })).toThrow(/mild to severe: smaller/);
  expect(() => parse({ darkness: [1.5] })).toThrow(/1/);
  expect(() => parse({ fog: [1] })).toThrow(/fog/);
  expect(() => parse({ jpeg: [9.5] })).toThrow();
});
