import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readNpy, readParquet, runStage, sha256File, silent, writeParquet } from "@fer-bench/artifacts";
import {
  type PixelImage,
  pixelSha256,
  type RawSample,
  RECORD_COLUMNS,
  SPLITS,
  toRecord,
} from "@fer-bench/datasets";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withChannels } from "./channels.ts";
import { contactSheetSize } from "./contact-sheet.ts";
import { cutChip, toChip } from "./face-chip.ts";
import { openFaceFinder } from "./find-faces.ts";
import { FaceSettings } from "./locate.ts";
import { collage, portraits, scaledTo } from "./portraits.test.helper.ts";
import { type PreprocessStageRequest, runPreprocessStage } from "./preprocess-stage.ts";
import type { FaceRow } from "./write-faces.ts";

const CLASSES = ["happy", "sad"];
const SHIPPED = fileURLToPath(new URL("../weights/five-points.safetensors", import.meta.url));
const TRAINED = fileURLToPath(new URL("../test/dlib-five-points.dat", import.meta.url));

const flat: PixelImage = { width: 90, height: 60, channels: 1, data: new Uint8Array(5400).fill(90) };
const colour = portraits.filter(({ channels }) => channels === 3);
/** A portrait, a picture of nothing, a portrait that has to be doubled, and a picture of two people, again and again. */
const SAMPLES: RawSample[] = Array.from({ length: 12 }, (_, i) => {
  const one = portraits[i % portraits.length]!;
  const [a, b] = [colour[i % colour.length]!, colour[(i + 1) % colour.length]!];
  const pictures = [
    () => scaledTo(one, 216),
    () => flat,
    () => scaledTo(one, 108),
    () =>
      collage(440, 240, [
        { image: scaledTo(a, 180), left: 10, top: 20 },
        { image: scaledTo(b, 216), left: 200, top: 10 },
      ]),
  ];
  return {
    id: `s${i}`,
    split: SPLITS[i % 3]!,
    label: CLASSES[i % 2]!,
    subject: `p${i}`,
    path: `s${i}.png`,
    image: pictures[i % 4]!(),
  };
});
const kind = (id: string): number => Number(/^s(\d+)/.exec(id)![1]) % 4;

async function* stream(samples: readonly RawSample[]): AsyncGenerator<RawSample> {
  yield* samples;
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "preprocess-search-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let runs = 0;
async function prepared(samples: readonly RawSample[]): Promise<string> {
  const dir = join(root, `prepare-${runs++}`);
  await runStage({ stage: "prepare", dir, config: {} }, async (out) => {
    const rows = samples.map((sample, i) => ({ ...toRecord(sample, i, pixelSha256(sample.image)) }));
    await writeParquet(join(out, "records.parquet"), RECORD_COLUMNS, rows);
    await writeFile(join(out, "dataset.json"), JSON.stringify({ title: "Photographs", classes: CLASSES }));
  });
  return dir;
}

async function preprocess(
  face: object,
  {
    samples = SAMPLES,
    ...more
  }: Partial<Omit<PreprocessStageRequest, "samples">> & { samples?: readonly RawSample[] } = {},
) {
  return runPreprocessStage({
    dir: join(root, `preprocess-${runs++}`),
    prepareDir: await prepared(samples),
    face: FaceSettings.parse({ kind: "dlib", ...face }),
    grey: true,
    threads: 2,
    progress: silent,
    ...more,
    samples: stream(samples),
  });
}

async function readSummary(dir: string) {
  return JSON.parse(await readFile(join(dir, "preprocess.json"), "utf8"));
}

describe("a data set of photographs", () => {
  let dir: string;
  beforeAll(async () => {
    ({ dir } = await preprocess({ mostUpsamplings: 1, ifNone: "drop" }));
  });

  it("has a chip for every picture with a face, cut as the finder says, and a list of the others", async () => {
    const rows = await readParquet<FaceRow>(join(dir, "faces.parquet"));
    const withFace = SAMPLES.filter(({ id }) => kind(id) !== 1);
    expect(rows.map(({ index, id }) => [index, id])).toEqual(withFace.map(({ id }, i) => [i, id]));
    expect(rows.map(({ found }) => found)).toEqual(
      withFace.map(({ id }) => (kind(id) === 2 ? "detected-upsampled" : "detected")),
    );
    const { data, shape } = await readNpy(join(dir, "faces.npy"));
    expect(shape).toEqual([9, 48, 48, 1]);
    const { find } = await openFaceFinder({ mostUpsamplings: 1 });
    for (const [i, { id, split, label, subject, image }] of withFace.entries()) {
      const [face] = find(image);
      const chip = cutChip(withChannels(image, 1), face!, 48);
      expect(data.subarray(i * chip.data.length, (i + 1) * chip.data.length)).toEqual(chip.data);
      const { landmarks, index: _, found: __, ...row } = rows[i]!;
      expect(row).toEqual({ id, split, label, subject, ...face!.box, score: face!.score, roll: face!.roll });
      expect(landmarks).toEqual(Array.from(toChip(face!.landmarks!, face!, 48)));
    }
    expect(await readParquet(join(dir, "dropped.parquet"))).toEqual(
      SAMPLES.filter(({ id }) => kind(id) === 1).map(({ id, split, label, path }) => ({
        id,
        split,
        label,
        path,
      })),
    );
  });

  it("is summed up: how faces were found, where there are none, by which landmarks", async () => {
    expect(await readSummary(dir)).toMatchObject({
      count: 9,
      face: { kind: "dlib", landmarks: "five-points", faces: "largest", ifNone: "drop", threshold: 0 },
      landmarks: { name: "five-points", sha256: await sha256File(SHIPPED) },
      found: { detected: 6, "detected-upsampled": 3 },
      search: {
        images: { train: { happy: 2, sad: 2 }, validation: { happy: 2, sad: 2 }, test: { happy: 2, sad: 2 } },
        withoutFace: { train: { sad: 1 }, validation: { sad: 1 }, test: { sad: 1 } },
        several: 3,
      },
    });
    const provenance = JSON.parse(await readFile(join(dir, "provenance.json"), "utf8"));
    expect(provenance).toMatchObject({ threads: 2, config: { landmarks: { name: "five-points" } } });
  });

  it("says on its contact sheet in which pictures it failed, before all others", async () => {
    const sheet = await sharp(join(dir, "contact-sheet.png")).metadata();
    const rows = CLASSES.map((label) => ({ label, count: 0, chips: [] }));
    const sources = ["no face", "several faces", "upsampled", "one face"].map((label) => ({
      label,
      count: 3,
      examples: [],
    }));
    const { width, height } = contactSheetSize({ sources, rows, columns: 12, size: 48 });
    expect([sheet.width, sheet.height]).toEqual([width, height]);
  });

  it("is the same by one thread and by three", async () => {
    const face = { mostUpsamplings: 1, ifNone: "whole", faces: "all" };
    const [one, three] = [await preprocess(face, { threads: 1 }), await preprocess(face, { threads: 3 })];
    expect(three.identity).toBe(one.identity);
  });

  it("keeps pictures without a face as they are, or every face of a picture, where that is wanted", async () => {
    const { dir } = await preprocess({ ifNone: "whole", faces: "all" });
    const rows = await readParquet<FaceRow>(join(dir, "faces.parquet"));
    expect(rows.map(({ id }) => id)).toEqual(
      SAMPLES.flatMap(({ id }) => (kind(id) === 3 ? [id, `${id}#2`] : [id])),
    );
    const { data } = await readNpy(join(dir, "faces.npy"));
    for (const { index, id, found, left, top, width, height } of rows.filter(({ id }) => kind(id) === 1)) {
      expect([found, left, top, width, height], id).toEqual(["whole-image", 0, 0, 90, 60]);
      expect(
        (data as Uint8Array).subarray(index * 48 * 48, (index + 1) * 48 * 48).every((v) => v === 90),
      ).toBe(true);
    }
    // Not one was doubled.
    expect((await readSummary(dir)).found).toEqual({ detected: 9, "whole-image": 6 });
    expect(await readParquet(join(dir, "dropped.parquet"))).toEqual([]);
  });
});

describe("landmarks", () => {
  it("are those of a file that the settings name, whose checksum is kept", async () => {
    const folder = fileURLToPath(new URL("../test", import.meta.url));
    const { dir } = await preprocess({ landmarks: "dlib-five-points.dat", ifNone: "drop" }, { folder });
    const sha256 = await sha256File(TRAINED);
    expect((await readSummary(dir)).landmarks).toEqual({ name: "dlib-five-points.dat", sha256 });
    const [row] = await readParquet<FaceRow>(join(dir, "faces.parquet"));
    const [face] = (await openFaceFinder({ landmarks: TRAINED })).find(SAMPLES[0]!.image);
    expect(row!.roll).toBe(face!.roll);
  });

  it("that are not here are named, before anything is written", async () => {
    const dir = join(root, "no-landmarks");
    await expect(preprocess({ landmarks: "no-such.dat", ifNone: "drop" }, { dir })).rejects.toMatchObject({
      code: "missing",
      file: join(process.cwd(), "no-such.dat"),
      remedy: expect.stringContaining("dlib-5-points"),
    });
    await expect(access(dir)).rejects.toThrow();
  });
});

describe("what stops the stage and leaves nothing", () => {
  it("is a set without any face", async () => {
    const dir = join(root, "faceless");
    const samples = SAMPLES.filter(({ id }) => kind(id) === 1);
    await expect(preprocess({ ifNone: "drop" }, { dir, samples })).rejects.toMatchObject({
      code: "bad-data",
      field: "face",
      message: expect.stringContaining("any of 3 images"),
    });
    await expect(access(dir)).rejects.toThrow();
  });

  it("is a picture that a thread cannot search, by its name", async () => {
    const dir = join(root, "broken");
    const broken = { ...SAMPLES[5]!, image: { ...flat, height: 61 } };
    await expect(
      preprocess({ ifNone: "drop" }, { dir, samples: SAMPLES.with(5, broken) }),
    ).rejects.toMatchObject({
      name: "FerBenchError",
      code: "bad-data",
      file: "s5.png",
      remedy: expect.any(String),
    });
    await expect(access(dir)).rejects.toThrow();
  });
});

describe("settings", () => {
  it("say what becomes of pictures without a face", () => {
    expect(FaceSettings.safeParse({ kind: "dlib" }).error!.issues).toMatchObject([{ path: ["ifNone"] }]);
    expect(FaceSettings.parse({ kind: "dlib", ifNone: "drop" })).toEqual({
      kind: "dlib",
      upsamplings: 0,
      threshold: 0,
      smallestFace: 0,
      enlarge: 1,
      border: 0,
      landmarks: "five-points",
      padding: 0.25,
      faces: "largest",
      ifNone: "drop",
    });
  });

  it.each([{ upsamplings: 1, mostUpsamplings: 0 }, { faces: "both" }, { enlarge: 1.5 }, { margin: 1 }])(
    "refuse %o",
    (settings) => {
      expect(FaceSettings.safeParse({ kind: "dlib", ifNone: "drop", ...settings }).success).toBe(false);
    },
  );
});
