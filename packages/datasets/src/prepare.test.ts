import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readParquet, silent } from "@fer-bench/artifacts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { conformanceProblems } from "./conformance.ts";
import type { DatasetPackage } from "./dataset-package.ts";
import type { DatasetEntry } from "./manifest.ts";
import { type DatasetSummary, runPrepareStage } from "./prepare.ts";
import type { SampleRecord } from "./record.ts";
import type { RawSample } from "./sample.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-bench-prepare-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const image = (value: number): RawSample["image"] => ({
  width: 2,
  height: 1,
  channels: 1,
  data: Uint8Array.of(value, 0),
});
const samples: RawSample[] = [
  { id: "1", split: "train", label: "a", subject: "ann", path: "1.png", image: image(1) },
  {
    id: "2",
    split: "train",
    label: "b",
    subject: "bob",
    path: "2.png",
    image: image(1),
    box: { left: 0.5, top: 0, width: 1, height: 1 },
    landmarks: Float32Array.of(0, 0.5),
  },
  { id: "3", split: "test", label: "a", subject: "cid", path: "3.png", image: image(3), votes: [2, 1] },
];
const counts = { train: { a: 1, b: 1 }, validation: {}, test: { a: 1 } };

function packageOf(of: readonly RawSample[]): DatasetPackage {
  return {
    name: "tiny",
    options: z.strictObject({}),
    async *samples() {
      yield* of;
    },
  };
}

const entry: DatasetEntry = {
  package: "tiny",
  title: "Tiny",
  licence: { name: "none", redistributable: true },
  citation: "none",
  source: { howToGet: "made here" },
  creators: [],
  archives: [],
  generated: false,
  classes: ["a", "b"],
  channels: 1,
  options: {},
  face: { kind: "whole" },
  notes: [],
  expected: { counts },
};

const prepare = (of: readonly RawSample[], dir = join(folder, "prepare")) =>
  runPrepareStage({
    name: "tiny",
    entry,
    manifestFile: "datasets.manifest.json",
    dataset: packageOf(of),
    options: {},
    rawDir: folder,
    dir,
    progress: silent,
  });

test("records and summary say what the samples are", async () => {
  const artifact = await prepare(samples);
  const records = await readParquet<SampleRecord>(artifact.path("records.parquet"));
  expect(
    records.map(({ index, id, split, label, subject }) => ({ index, id, split, label, subject })),
  ).toEqual(samples.map(({ id, split, label, subject }, index) => ({ index, id, split, label, subject })));
  expect(records[1]).toMatchObject({ left: 0.5, boxWidth: 1, landmarks: [0, 0.5], width: 2, height: 1 });
  expect(records[2]).toMatchObject({ votes: [2, 1] });
  const summary = JSON.parse(await readFile(artifact.path("dataset.json"), "utf8")) as DatasetSummary;
  expect(summary.counts).toEqual({ train: { a: 1, b: 1 }, validation: { a: 0, b: 0 }, test: { a: 1, b: 0 } });
  expect(summary.duplicates).toEqual({ images: 2, acrossLabels: 2, acrossSplits: 0 });
  expect(summary.grey).toBe(true);
});

test("the same samples give the same artifact", async () => {
  const first = await prepare(samples, join(folder, "one"));
  const second = await prepare(samples, join(folder, "two"));
  expect(second.identity).toBe(first.identity);
});

test.each([
  ["a class that the manifest does not list", { ...samples[2]!, label: "c" }, /class "c"/],
  ["an id that comes twice", { ...samples[2]!, id: "1" }, /sample 1 comes twice/],
  [
    "a subject of two splits",
    { ...samples[2]!, subject: "ann" },
    /subject ann is in train and, with 3, in test/,
  ],
  ["a missing class", { ...samples[2]!, label: "b" }, /not what the manifest says/],
])("%s is an error and leaves nothing", async (_what, last, message) => {
  await expect(prepare([samples[0]!, samples[1]!, last])).rejects.toThrow(message);
  expect(await readdir(folder)).toEqual([]);
});

test("the conformance suite passes a sound package and names broken promises", async () => {
  const sound = { dataset: packageOf(samples), options: {}, rawDir: folder, classes: ["a", "b"], counts };
  expect(await conformanceProblems(sound)).toEqual([]);
  const wrong = [
    { ...samples[0]!, image: { ...image(1), width: 5 } },
    { ...samples[1]!, id: "1", split: "test" as const },
  ];
  expect(await conformanceProblems({ ...sound, dataset: packageOf(wrong) })).toEqual([
    "1 ids occur more than once",
    "1: 2 values for 5x1x1",
    "train has 0 of b, expected 1",
    "test has 0 of a, expected 1",
    "test has 1 of b, expected 0",
  ]);
});
