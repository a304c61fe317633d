import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeParquet } from "@fer-bench/artifacts";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AccuracyRow } from "./accuracy-table.ts";
import { foundRows } from "./found-rows.ts";

const ROW: AccuracyRow = {
  kind: "measured",
  own: true,
  method: "A head",
  backbone: "A backbone",
  trainedOn: "A set",
  selectedOn: "validation",
  n: 5,
  accuracy: 0.6,
  low: 0.2,
  high: 0.9,
  bootstrap: null,
  balancedAccuracy: 0.5,
  macroF1: 0.5,
  caveat: "Said once",
  reference: null,
  seeds: 1,
  deviation: null,
  unseen: { exactly: 0.5, nearly: 0.4 },
};
/** Of the five test images, rows 1, 3, 4, 5 and 7 of the array, the first three are right. */
const PREDICTIONS = [1, 3, 4, 5, 7].map((index, i) => ({
  id: `${index}`,
  index,
  label: i % 2,
  predicted: i < 3 ? i % 2 : 1 - (i % 2),
  confidence: 0.9,
  probabilities: [0.1, 0.9],
}));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-found-rows-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function rowsOf(faceless: readonly number[], dropped: number): Promise<AccuracyRow[]> {
  const facesFile = join(root, `${faceless.join("-")}.parquet`);
  const found = (row: number): string =>
    faceless.includes(row) ? "whole-image" : row % 2 ? "detected" : "detected-upsampled";
  await writeParquet(
    facesFile,
    [{ name: "found", type: "string" }],
    Array.from({ length: 8 }, (_, row) => ({ found: found(row) })),
  );
  return foundRows(ROW, { facesFile, dropped }, PREDICTIONS, ["happy", "sad"]);
}

it("tells the accuracy with and without a face", async () => {
  const rows = await rowsOf([0, 5, 7], 0);
  expect(rows.map(({ method, n, accuracy }) => [method, n, accuracy])).toEqual([
    ["the same on the 3 test images in which a face was found", 3, 1],
    ["the same on the 2 test images in which none was", 2, 0],
  ]);
  expect(rows[0]).toMatchObject({
    own: false,
    backbone: "A backbone",
    caveat: "Said once",
    balancedAccuracy: 1,
  });
  expect(rows[0]!.unseen).toEqual({ exactly: null, nearly: null });
});

it("counts images left out as mistakes", async () => {
  const [row, ...others] = await rowsOf([], 3);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ n: 8, accuracy: 3 / 8, balancedAccuracy: null, macroF1: null });
  expect(row!.method).toBe("the same, the 3 test images left out for want of a face counted as mistakes");
  // Wilson's interval of 3 in 8, as statsmodels 0.13.5's proportion_confint gives it.
  expect(row!.low).toBeCloseTo(0.136844, 5);
  expect(row!.high).toBeCloseTo(0.694258, 5);
});

it("has nothing to tell where every image has a face, and one row where none has", async () => {
  expect(await rowsOf([], 0)).toEqual([]);
  expect((await rowsOf([1, 3, 4, 5, 7], 0)).map(({ n }) => n)).toEqual([5]);
});
