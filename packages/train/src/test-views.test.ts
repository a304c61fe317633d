import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNpy, readParquet, silent } from "@fer-bench/artifacts";
import { expect, test } from "vitest";
import { benchmarkSchema } from "./benchmark.ts";
import { type Evaluation, runEvaluateStage } from "./evaluate-stage.ts";
import { openFaces } from "./faces.ts";
import { runFeaturesStage } from "./features-stage.ts";
import { makeDataset } from "./stage-data.test.helper.ts";
import { includesPicture, VIEW_SETS, viewedFaces, viewsOf } from "./test-views.ts";
import { runTrainStage } from "./train-stage.ts";

const SIZE = 16;

/** A picture whose level at x, y is 4x + 8y. */
const slope = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => 4 * (i % SIZE) + 8 * Math.floor(i / SIZE));
const at = (picture: Uint8Array, x: number, y: number) => picture[y * SIZE + x]!;

const oneFace = {
  count: 3,
  channels: 1,
  read: async (start: number) => (start === 2 ? slope : new Uint8Array(SIZE * SIZE)),
  close: async () => {},
} as const;

test("flip is the mirror image beside the picture, pixel by pixel", async () => {
  const views = viewedFaces(oneFace, {
    indices: Int32Array.of(2),
    size: SIZE,
    views: viewsOf("flip", SIZE),
  });
  expect(views.count).toBe(1);
  expect(VIEW_SETS.filter(includesPicture)).toEqual(["flip"]);
  const mirrored = await views.read(0, 1);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) expect(at(mirrored, x, y)).toBe(at(slope, SIZE - 1 - x, y));
  }
});

test("tenCrop enlarges the centre, the four corners, and the same of the mirror image", async () => {
  const views = viewsOf("tenCrop", SIZE);
  const faces = viewedFaces(oneFace, { indices: Int32Array.of(2), size: SIZE, views });
  const pictures = await faces.read(0, 10);
  // A crop of 14 of 16 pixels: its middle is the picture's, or a pixel from it to either side.
  const middles = views.map((_, i) => {
    const picture = pictures.subarray(i * slope.length, (i + 1) * slope.length);
    return (at(picture, 7, 7) + at(picture, 8, 7) + at(picture, 7, 8) + at(picture, 8, 8)) / 4;
  });
  const middle = 4 * 7.5 + 8 * 7.5;
  const offsets = [0, -4 - 8, 4 - 8, -4 + 8, 4 + 8, 0, 4 - 8, -4 - 8, 4 + 8, -4 + 8];
  expect(new Set(middles.slice(0, 5)).size).toBe(5);
  for (const [i, offset] of offsets.entries()) {
    expect(Math.abs(middles[i]! - middle - offset), String(i)).toBeLessThanOrEqual(0.5);
  }
  // Seven eighths of the levels' range.
  const [first, last] = [at(pictures, 2, 8), at(pictures, 13, 8)];
  expect(last - first).toBeCloseTo((4 * 11 * 7) / 8, -0.5);
});

test("an evaluation averages probabilities over the views of every test sample", async () => {
  const root = mkdtempSync(join(tmpdir(), "fer-bench-views-"));
  const home = await makeDataset(root, {
    name: "home",
    classes: ["angry", "happy"],
    labels: ["angry", "happy"],
    channels: 1,
    size: SIZE,
    perSplit: { train: 12, validation: 4, test: 10 },
  });
  const benchmark = benchmarkSchema.parse({
    title: "Views",
    source: "home",
    targets: ["home"],
    backbone: "pixels",
    input: { size: SIZE },
    train: { head: { hidden: null }, epochs: 2 },
    evaluate: { averaged: VIEW_SETS },
  });
  const [featuresDir, trainDir, out] = ["features", "train", "evaluate"].map((stage) =>
    join(root, stage),
  ) as [string, string, string];
  const common = { benchmark, name: "views", threads: 1, progress: silent };
  await runFeaturesStage({ ...common, datasets: { home }, out: featuresDir });
  await runTrainStage({ ...common, featuresDir, out: trainDir });
  await runEvaluateStage({ ...common, featuresDir, trainDir, out });

  const tests = await readParquet<{ index: number; split: string }>(
    join(featuresDir, "home.samples.parquet"),
  );
  const indices = Int32Array.from(tests.filter(({ split }) => split === "test").map(({ index }) => index));
  const plain = (await readNpy(join(featuresDir, "home.npy"))).data as Float32Array;
  const flipped = await readNpy(join(featuresDir, "home.flip.npy"));
  // The picture as it is was a picture of `home.npy` already.
  expect(flipped.shape).toEqual([indices.length, SIZE * SIZE]);
  const row = (index: number) => plain.subarray(index * SIZE * SIZE, (index + 1) * SIZE * SIZE);
  indices.forEach((index, i) => {
    const own = (flipped.data as Float32Array).subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE);
    const mirrored = row(index).map((_, p, all) => all[p - (p % SIZE) + (SIZE - 1 - (p % SIZE))]!);
    expect(own).toEqual(mirrored);
  });
  const faces = await openFaces(join(home.preprocessDir, "faces.npy"), SIZE);
  expect(faces.count).toBe(26);
  await faces.close();

  const { targets } = JSON.parse(readFileSync(join(out, "metrics.json"), "utf8")) as Evaluation;
  expect(targets[0]!.averaged.map(({ views }) => views)).toEqual(["flip", "tenCrop"]);
  for (const { metrics } of targets[0]!.averaged) {
    expect(metrics.n).toBe(indices.length);
    expect(metrics.bootstrap!.accuracy.value).toBe(metrics.accuracy.value);
    expect(metrics.logLoss).not.toBe(targets[0]!.metrics.logLoss);
  }
});
