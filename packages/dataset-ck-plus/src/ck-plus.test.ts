import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError, FerBenchError, silent } from "@fer-bench/artifacts";
import { conformanceProblems, type RawSample, type Split } from "@fer-bench/datasets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ckPlus } from "./ck-plus.ts";
import { EMOTIONS } from "./facts.ts";
import { PEOPLE, writeCkPlus, writeCkPlusArchives, writeFaces48 } from "./fixture.test.helper.ts";

let dir: string;
let source: string;
const rawDir = (): string => join(dir, "raw");
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-ck-plus-"));
  source = await writeCkPlus(join(dir, "handed-out"));
});
afterAll(() => rm(dir, { recursive: true }));

const CLASSES = EMOTIONS.filter((expression) => expression !== "contempt");
const WITHOUT_NEUTRAL = CLASSES.filter((expression) => expression !== "neutral");
const emotions = Object.values(PEOPLE)
  .flat()
  .filter((emotion) => emotion !== null);

/** Labelled sequences of each expression. */
function each(times: number, keepContempt = false): Record<string, number> {
  const kept = emotions
    .map((emotion) => EMOTIONS[emotion]!)
    .filter((one) => keepContempt || one !== "contempt");
  return Object.fromEntries(
    [...new Set(kept)].map((one) => [one, times * kept.filter((e) => e === one).length]),
  );
}

const all = { kind: "test" };
const folds = { kind: "folds", folds: 5, seed: 3 };
const countOf = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

test("it is a sound data set package, in every protocol", async () => {
  const peak = each(1);
  expect(
    await conformanceProblems({
      dataset: ckPlus,
      source,
      rawDir: rawDir(),
      options: { split: all },
      classes: WITHOUT_NEUTRAL,
      counts: { test: peak },
      protocols: [
        {
          options: { split: all, frames: "last-three" },
          classes: WITHOUT_NEUTRAL,
          counts: { test: each(3) },
        },
        {
          options: { split: all, neutral: true },
          classes: CLASSES,
          counts: { test: { ...peak, neutral: countOf(peak) } },
        },
        {
          options: { split: all, frames: "last-three", neutral: true, contempt: "keep" },
          classes: EMOTIONS,
          counts: { test: { ...each(3, true), neutral: emotions.length } },
        },
      ],
    }),
  ).toEqual([]);
});

async function samplesOf(options: unknown, from = rawDir()): Promise<RawSample[]> {
  const samples: RawSample[] = [];
  const request = { rawDir: from, options: ckPlus.options.parse(options), progress: silent };
  for await (const sample of ckPlus.samples(request)) samples.push(sample);
  return samples;
}

test("frames, labels and landmarks are the files'", async () => {
  const samples = await samplesOf({ split: all, frames: "last-three", neutral: true });
  expect(samples.slice(0, 4).map(({ id, label, subject, path }) => [id, label, subject, path])).toEqual([
    ["ck-plus-S005_001_00000009", "neutral", "S005", "cohn-kanade-images/S005/001/S005_001_00000009.png"],
    ["ck-plus-S005_001_00000011", "disgust", "S005", "cohn-kanade-images/S005/001/S005_001_00000011.png"],
    ["ck-plus-S005_001_00000012", "disgust", "S005", "cohn-kanade-images/S005/001/S005_001_00000012.png"],
    ["ck-plus-S005_001_00000013", "disgust", "S005", "cohn-kanade-images/S005/001/S005_001_00000013.png"],
  ]);
  const [, sample] = samples;
  const file = join(source, "Landmarks/S005/001/S005_001_00000011_landmarks.txt");
  const written = (await readFile(file, "utf8")).trim().split(/\s+/).map(Number);
  expect(sample!.landmarks).toEqual(Float32Array.from(written));
  const [x, y] = [0, 1].map((axis) => written.filter((_, i) => i % 2 === axis)) as [number[], number[]];
  const { left, top, width, height } = sample!.box!;
  expect(Math.max(width, height)).toBeCloseTo(
    Math.max(Math.max(...x) - Math.min(...x), Math.max(...y) - Math.min(...y)),
  );
  expect([left + width / 2, top + height / 2].map(Math.round)).toEqual(
    [x, y].map((of) => Math.round((Math.min(...of) + Math.max(...of)) / 2)),
  );
  expect(sample!.image).toMatchObject({ width: 64, height: 48, channels: 1 });
});

describe("folds", () => {
  test.each([
    { frames: "last" },
    { frames: "last-three" },
    { frames: "last-three", neutral: true },
    { frames: "last", neutral: true, contempt: "keep" },
  ])("%o has nobody in two splits, and tests everybody once", async (options) => {
    const everything = await samplesOf({ ...options, split: all });
    const tested: string[] = [];
    for (let fold = 0; fold < 5; fold++) {
      const samples = await samplesOf({ ...options, split: { ...folds, fold } });
      expect(samples.map(({ id }) => id)).toEqual(everything.map(({ id }) => id));
      const splits = new Map<string, Set<Split>>();
      for (const { subject, split } of samples) {
        splits.set(subject!, (splits.get(subject!) ?? new Set()).add(split));
      }
      expect([...splits.values()].map((of) => of.size)).toEqual([...splits].map(() => 1));
      expect(new Set(samples.map(({ split }) => split)).size).toBe(3);
      tested.push(...samples.filter(({ split }) => split === "test").map(({ id }) => id));
    }
    expect(tested.sort()).toEqual(everything.map(({ id }) => id).sort());
  });
});

test("the inventory counts sequences, subjects and what the protocol leaves out", async () => {
  const options = ckPlus.options.parse({});
  const inventory = await ckPlus.inventory!({ rawDir: rawDir(), options, progress: silent });
  expect(inventory).toEqual({
    tally: { subjects: 8, "sequences without an emotion": 2, ...each(1, true) },
    dropped: [
      { reason: "sequences without an emotion", count: 2 },
      { reason: "sequences of contempt", count: 1, examples: ["S037_001"] },
    ],
  });
});

test("the archives as they come give the same samples as what is unpacked from them", async () => {
  const archives = await writeCkPlusArchives(join(dir, "archives"));
  const raw = join(dir, "archives-raw");
  const options = ckPlus.options.parse({});
  const summary = await ckPlus.importRaw!({ source: archives, rawDir: raw, options, progress: silent });
  expect(summary).toMatchObject({ form: "14 sequences of 8 subjects, 12 with an emotion", warnings: [] });
  const neutral = { neutral: true, split: folds };
  expect(await samplesOf(neutral, raw)).toEqual(await samplesOf(neutral));
});

test("48x48 faces in class folders have the same people, last frames and folds", async () => {
  const faces = await writeFaces48(join(dir, "faces"));
  const raw = join(dir, "faces-raw");
  const count = { test: each(3) };
  const options = { frames: "last-three", split: all };
  const sound = {
    dataset: ckPlus,
    source: faces,
    rawDir: raw,
    options,
    classes: WITHOUT_NEUTRAL,
    counts: count,
  };
  expect(await conformanceProblems(sound)).toEqual([]);
  const of = (samples: RawSample[]) =>
    samples.map(({ id, split, label, subject }) => ({ id, split, label, subject }));
  const inFolds = { frames: "last-three", split: folds };
  expect(of(await samplesOf(inFolds, raw))).toEqual(of(await samplesOf(inFolds)));
  await expect(samplesOf({ neutral: true }, raw)).rejects.toThrow("have no first frames");
});

async function importError(from: string): Promise<string> {
  const request = {
    source: from,
    rawDir: join(dir, "other"),
    options: ckPlus.options.parse({}),
    progress: silent,
  };
  const error = await ckPlus.importRaw!(request).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FerBenchError);
  return describeError(error as FerBenchError);
}

test("what is missing or malformed is named, with where to ask and what to place where", async () => {
  const copy = await writeCkPlus(join(dir, "copy"), /^Emotion/);
  const unlabelled = await importError(copy);
  expect(unlabelled).toContain("Emotion");
  expect(unlabelled).toContain("http://www.jeffcohn.net/Resources/");
  expect(unlabelled).toContain("cohn-kanade-images/");
  const emotion = "Emotion/S010/001/S010_001_00000013_emotion.txt";
  const pictures = join(source, "cohn-kanade-images/S010/001");
  await rename(pictures, join(dir, "away"));
  expect(await importError(source)).toContain("sequence S010_001 has an emotion and no pictures");
  await rename(join(dir, "away"), pictures);
  const whole = await readFile(join(source, emotion));
  await writeFile(join(source, emotion), "   9.0000000e+00\n");
  expect(await importError(source)).toContain('"9.0000000e+00" is no emotion');
  await writeFile(join(source, emotion), whole);
  const landmarks = join(source, "Landmarks/S010/001/S010_001_00000013_landmarks.txt");
  await writeFile(landmarks, "1 2\n3\n");
  expect(await importError(source)).toContain("1.5 landmarks");
});

test("without landmarks the import says that the faces have no box", async () => {
  const copy = await writeCkPlus(join(dir, "without"), /^(Landmarks|FACS)/);
  const raw = join(dir, "without-raw");
  const options = ckPlus.options.parse({ split: all });
  const summary = await ckPlus.importRaw!({ source: copy, rawDir: raw, options, progress: silent });
  expect(summary.warnings).toEqual(["48 frames have no file in Landmarks: their faces have no box"]);
  expect((await samplesOf({ split: all }, raw)).every(({ box }) => box === undefined)).toBe(true);
});
