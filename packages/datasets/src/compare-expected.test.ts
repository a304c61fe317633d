import { expect, test } from "vitest";
import { compareExpected, type Found } from "./compare-expected.ts";
import type { DatasetEntry } from "./manifest.ts";

const sum = (digit: string): string => digit.repeat(64);
const found: Found = {
  counts: { train: { a: 3, b: 0 }, validation: { a: 1, b: 1 }, test: { a: 2, b: 2 } },
  checksums: { train: sum("1"), validation: sum("2"), test: sum("3") },
};
const entry = (change: Partial<DatasetEntry>): DatasetEntry => ({
  package: "p",
  title: "T",
  licence: { name: "L", redistributable: true },
  citation: "C",
  source: { howToGet: "H" },
  creators: [],
  archives: [],
  generated: false,
  classes: ["a", "b"],
  channels: 1,
  options: {},
  face: { kind: "whole" },
  notes: [],
  expected: { counts: found.counts, checksums: found.checksums },
  ...change,
});

test("what is expected passes without a word", () => {
  expect(compareExpected("set", entry({}), found, "m.json")).toEqual([]);
});

test("splits and checksums that the manifest leaves out are not compared", () => {
  expect(
    compareExpected("set", entry({ expected: { counts: { test: { a: 2, b: 2 } } } }), found, "m.json"),
  ).toEqual([]);
});

test("every wrong count is a line of the difference, absent classes too", () => {
  const expected = { counts: { train: { a: 5, b: 0, c: 1 }, test: { a: 2, b: 1 } } };
  expect(() =>
    compareExpected("set", entry({ expected }), found, "m.json"),
  ).toThrowErrorMatchingInlineSnapshot(`
    [FerBenchError: set is not what the manifest says:
      split       class         manifest     found  difference
      train       a                    5         3          -2
      train       c                    1         0          -1
      test        b                    1         2          +1]
  `);
});

test("the whole set's counts, and those of the raw data, are compared where they are given", () => {
  const whole = { counts: { all: { a: 6, b: 3 } }, tally: { a: 9, "b, listed twice": 1 } };
  const as = (tally: Found["tally"]) => () =>
    compareExpected("set", entry({ expected: whole }), { ...found, ...(tally && { tally }) }, "m.json");
  expect(as({ a: 9, "b, listed twice": 1 })()).toEqual([]);
  expect(as({ a: 8, c: 1 })).toThrowErrorMatchingInlineSnapshot(`
    [FerBenchError: set is not what the manifest says:
      split       class              manifest     found  difference
      raw data    a                         9         8          -1
      raw data    b, listed twice           1         0          -1
      raw data    c                         0         1          +1]
  `);
  expect(as(undefined)).toThrow("raw data");
  const expected = { counts: { all: { a: 6, b: 4 } } };
  expect(() => compareExpected("set", entry({ expected }), found, "m.json")).toThrow(/all +b +4 +3 +-1/);
});

test("other images under the right counts are an error that shows both checksums", () => {
  const expected = { ...entry({}).expected, checksums: { ...found.checksums, validation: sum("f") } };
  expect(() => compareExpected("set", entry({ expected }), found, "m.json")).toThrow(
    `  validation: manifest ${sum("f")}, found ${sum("2")}`,
  );
});

test("a set made by code may differ in pixels from the reference rendering: a warning", () => {
  const expected = { ...entry({}).expected, checksums: { test: sum("f") } };
  const warnings = compareExpected("set", entry({ expected, generated: true }), found, "m.json");
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("pixels of test");
});

test("a faithful re-encoding has the rows and other pixels: a warning", () => {
  const expected = { ...entry({}).expected, checksums: { test: sum("f") } };
  const compare = (pixels: "exact" | "re-encoded" | "altered") =>
    compareExpected("set", entry({ expected }), found, "m.json", pixels);
  expect(compare("re-encoded")).toHaveLength(1);
  expect(() => compare("exact")).toThrow("other images or labels");
  expect(() => compare("altered")).toThrow("other images or labels");
});
