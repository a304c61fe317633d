import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createRandom,
  openArtifact,
  randomInt,
  readNpy,
  readParquet,
  runStage,
  silent,
  writeParquet,
} from "@fer-bench/artifacts";
import { pixelSha256, type RawSample, RECORD_COLUMNS, SPLITS, toRecord } from "@fer-bench/datasets";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resizeBicubic } from "./bicubic.ts";
import { contactSheetSize } from "./contact-sheet.ts";
import { cutChip } from "./face-chip.ts";
import { type PreprocessStageRequest, runPreprocessStage } from "./preprocess-stage.ts";
import type { FaceRow } from "./write-faces.ts";

const CLASSES = ["angry", "happy & <glad>"];
/** More than one batch of chips. */
const COUNT = 300;
const FACES = Array.from({ length: COUNT }, (_, i) => sampleOf(i));

function sampleOf(i: number): RawSample {
  const random = createRandom("preprocess-stage.test", i);
  const data = Uint8Array.from({ length: 60 * 50 * 3 }, () => randomInt(random, 256));
  return {
    id: `s${i}`,
    split: SPLITS[i % 3]!,
    label: CLASSES[i % 2]!,
    ...(i % 5 !== 0 && { subject: `p${i % 7}` }),
    path: `s${i}.png`,
    image: { width: 60, height: 50, channels: 3, data },
    box: { left: 10.5, top: 8.25, width: 30, height: 20 },
    landmarks: Float32Array.of(25.5 - 0.5, 18.25 - 0.5, 10.5 - 0.5, 3.25 - 0.5),
  };
}

async function* stream(samples: readonly RawSample[]): AsyncGenerator<RawSample> {
  yield* samples;
}

let root: string;
let request: PreprocessStageRequest;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "preprocess-stage-"));
  const prepareDir = join(root, "prepare");
  await runStage({ stage: "prepare", dir: prepareDir, config: {} }, async (out) => {
    const rows = FACES.map((sample, i) => ({ ...toRecord(sample, i, pixelSha256(sample.image)) }));
    await writeParquet(join(out, "records.parquet"), RECORD_COLUMNS, rows);
    await writeFile(join(out, "dataset.json"), JSON.stringify({ title: "Test set", classes: CLASSES }));
  });
  request = {
    dir: join(root, "preprocess"),
    prepareDir,
    samples: () => stream(FACES),
    face: { kind: "box", margin: 0 },
    grey: false,
    progress: silent,
  };
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("what the stage writes", () => {
  it("has the chip of every record, in record order", async () => {
    const artifact = await runPreprocessStage(request);
    const { data, shape, dtype } = await readNpy(artifact.path("faces.npy"));
    expect([dtype, shape]).toEqual(["uint8", [COUNT, 48, 48, 3]]);
    const box = { left: 10.5, top: 3.25, width: 30, height: 30 };
    for (const i of [0, 255, 256, COUNT - 1]) {
      const chip = cutChip(FACES[i]!.image, { box, found: "box" }, 48);
      expect(data.subarray(i * chip.data.length, (i + 1) * chip.data.length)).toEqual(chip.data);
    }
    const rows = await readParquet<FaceRow>(artifact.path("faces.parquet"));
    expect(rows.map(({ index, id }) => [index, id])).toEqual(FACES.map(({ id }, i) => [i, id]));
    const { landmarks, ...row } = rows[1]!;
    expect(row).toEqual({
      index: 1,
      id: "s1",
      split: "validation",
      label: "happy & <glad>",
      subject: "p1",
      ...box,
      found: "box",
    });
    expect(rows[0]!.subject).toBeUndefined();
    // The box's centre is the chip's; its corner lies half a pixel before the first pixel's centre.
    expect(Array.from(landmarks!)).toEqual([23.5, 23.5, -0.5, -0.5].map((v) => expect.closeTo(v, 4)));
  });

  it("sums up how faces were found, and their pixels by split", async () => {
    const artifact = await openArtifact(request.dir, "preprocess");
    const summary = JSON.parse(await readFile(artifact.path("preprocess.json"), "utf8"));
    expect(summary).toMatchObject({
      size: 48,
      channels: 3,
      count: COUNT,
      face: { kind: "box", margin: 0 },
      found: { box: COUNT },
    });
    const { data } = await readNpy(artifact.path("faces.npy"));
    const green: number[] = [];
    for (let i = 0; i < COUNT; i += 3) {
      for (let p = 0; p < 48 * 48; p++) green.push(data[(i * 48 * 48 + p) * 3 + 1]! / 255);
    }
    const mean = green.reduce((a, b) => a + b) / green.length;
    const variance = green.reduce((sum, value) => sum + (value - mean) ** 2, 0) / green.length;
    expect(summary.pixels.train.count).toBe(COUNT / 3);
    expect(summary.pixels.train.mean[1]).toBeCloseTo(mean, 10);
    expect(summary.pixels.train.std[1]).toBeCloseTo(Math.sqrt(variance), 10);
  });

  it("shows them on a contact sheet with a row for each class", async () => {
    const artifact = await openArtifact(request.dir, "preprocess");
    const { width, height } = await sharp(artifact.path("contact-sheet.png")).metadata();
    const rows = CLASSES.map((label) => ({ label, count: 0, chips: [] }));
    expect({ width, height }).toEqual({
      width: contactSheetSize({ rows, columns: 12, size: 48 }).width,
      height: contactSheetSize({ rows, columns: 12, size: 48 }).height,
    });
  });

  it("is the same every time", async () => {
    const first = await openArtifact(request.dir, "preprocess");
    const second = await runPreprocessStage({ ...request, dir: join(root, "again") });
    expect(second.identity).toBe(first.identity);
  });

  it("is grey and of another size where asked", async () => {
    const { identity: _, ...artifact } = await runPreprocessStage({
      ...request,
      dir: join(root, "grey"),
      face: { kind: "whole" },
      size: 24,
      grey: true,
      samples: stream(FACES),
    });
    expect((await readNpy(artifact.path("faces.npy"))).shape).toEqual([COUNT, 24, 24, 1]);
  });
});

it("passes chips of the wanted size through untouched", async () => {
  const chips = FACES.slice(0, 4).map((sample) => ({
    ...sample,
    image: resizeBicubic(sample.image, 48, 48),
  }));
  const prepareDir = join(root, "chips");
  await runStage({ stage: "prepare", dir: prepareDir, config: {} }, async (out) => {
    const rows = chips.map((sample, i) => ({ ...toRecord(sample, i, pixelSha256(sample.image)) }));
    await writeParquet(join(out, "records.parquet"), RECORD_COLUMNS, rows);
    await writeFile(join(out, "dataset.json"), JSON.stringify({ title: "Chips", classes: CLASSES }));
  });
  const artifact = await runPreprocessStage({
    ...request,
    dir: join(root, "untouched"),
    prepareDir,
    face: { kind: "whole" },
    samples: stream(chips),
  });
  const { data } = await readNpy(artifact.path("faces.npy"));
  expect(Buffer.from(data as Uint8Array).equals(Buffer.concat(chips.map(({ image }) => image.data)))).toBe(
    true,
  );
});

describe("raw data that changed since prepare", () => {
  const altered = { ...FACES[2]!.image, data: FACES[2]!.image.data.map((v, i) => (i === 7 ? v ^ 1 : v)) };
  it.each<[string, RawSample[], string, RegExp]>([
    ["one pixel", FACES.with(2, { ...FACES[2]!, image: altered }), "record 2", /pixels of s2 \(s2\.png\)/],
    ["a label", FACES.with(5, { ...FACES[5]!, label: "angry" }), "record 5", /s5 has label/],
    ["the order", FACES.with(0, FACES[1]!).with(1, FACES[0]!), "record 0", /s0 has id/],
    ["a sample less", FACES.slice(0, -1), `record ${COUNT - 1}`, /s299 .* gone/],
    ["a sample more", [...FACES, sampleOf(COUNT)], `record ${COUNT}`, /s300 comes after/],
  ])("is refused and leaves nothing: %s", async (_what, samples, field, message) => {
    const dir = join(root, "refused");
    await expect(runPreprocessStage({ ...request, dir, samples: stream(samples) })).rejects.toMatchObject({
      code: "bad-data",
      file: join(request.prepareDir, "records.parquet"),
      field,
      message: expect.stringMatching(message),
      remedy: "run prepare again",
    });
    await expect(access(dir)).rejects.toThrow();
  });
});
