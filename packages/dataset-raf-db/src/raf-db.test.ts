import { appendFile, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError, FerBenchError, silent } from "@fer-bench/artifacts";
import { CANONICAL_LABELS, conformanceProblems, type RawSample } from "@fer-bench/datasets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeRafDb } from "./fixture.test.helper.ts";
import { rafDb } from "./raf-db.ts";

let dir: string;
let source: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-raf-db-"));
  source = await writeRafDb(join(dir, "handed-out"));
});
afterAll(() => rm(dir, { recursive: true }));

const rawDir = (): string => join(dir, "raw");
const each = (count: number) => Object.fromEntries(CANONICAL_LABELS.map((label) => [label, count]));

test("it is a sound data set package, in every protocol", async () => {
  const of = (train: number, validation: number) => ({
    classes: CANONICAL_LABELS,
    counts: { train: each(train), validation: each(validation), test: each(1) },
  });
  expect(
    await conformanceProblems({
      dataset: rafDb,
      source,
      rawDir: rawDir(),
      options: {},
      ...of(4, 1),
      protocols: [
        { options: { images: "original" }, ...of(4, 1) },
        { options: { validation: { share: 0.4, seed: 7 } }, ...of(3, 2) },
      ],
    }),
  ).toEqual([]);
});

async function samplesOf(options: unknown): Promise<RawSample[]> {
  const samples: RawSample[] = [];
  const request = { rawDir: rawDir(), options: rafDb.options.parse(options), progress: silent };
  for await (const sample of rafDb.samples(request)) samples.push(sample);
  return samples;
}

test("labels, splits and annotations are the files'", async () => {
  const samples = await samplesOf({ images: "original" });
  expect(samples[4]).toMatchObject({
    id: "raf-db-train_00005",
    label: "sad",
    path: "Image/original/train_00005.jpg",
  });
  const [sample] = samples;
  expect(sample!.image).toMatchObject({ width: 180, height: 140, channels: 3 });
  const file = join(source, "basic/Annotation/manual/train_00001_manu_attri.txt");
  const written = (await readFile(file, "utf8")).split(/\s+/).slice(0, 10).map(Number);
  expect([...sample!.landmarks!]).toEqual([...Float32Array.from(written)]);
  const { left, top, width, height } = sample!.box!;
  const [x, y] = written as [number, number];
  expect(x > left && x < left + width && y > top && y < top + height).toBe(true);
  expect(samples.filter(({ split }) => split === "test").map(({ id }) => id)).toHaveLength(7);
  const [aligned] = await samplesOf({});
  expect(aligned!.image).toMatchObject({ width: 100, height: 100 });
  expect(aligned!.landmarks).toBeUndefined();
});

test("another seed holds out others, and none of the test images", async () => {
  const held = async (seed: number) =>
    (await samplesOf({ validation: { seed } }))
      .filter(({ split }) => split === "validation")
      .map(({ id }) => id);
  expect(await held(1)).toEqual(await held(1));
  expect(await held(2)).not.toEqual(await held(1));
  expect((await held(2)).every((id) => id.startsWith("raf-db-train_"))).toBe(true);
});

async function importError(from: string): Promise<string> {
  const request = {
    source: from,
    rawDir: join(dir, "other"),
    options: rafDb.options.parse({}),
    progress: silent,
  };
  const error = await rafDb.importRaw!(request).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FerBenchError);
  return describeError(error as FerBenchError);
}

test("what is missing is named, with where to ask and what to place where", async () => {
  const copy = await writeRafDb(join(dir, "copy"), { originals: false });
  const image = join(copy, "basic/Image/aligned/test_00003_aligned.jpg");
  await rename(image, `${image}.away`);
  const text = await importError(copy);
  expect(text).toContain(
    "1 of the 42 listed images are not in Image/aligned, the first is test_00003_aligned.jpg",
  );
  expect(text).toContain("http://www.whdeng.cn/RAF/model1.html");
  expect(text).toContain("basic/");
  await rename(`${image}.away`, image);
  const list = join(copy, "basic/EmoLabel/list_patition_label.txt");
  const whole = await readFile(list, "utf8");
  await appendFile(list, "train_00036.jpg 8\n");
  expect(await importError(copy)).toContain("line 43: train_00036.jpg 8");
  await writeFile(list, whole.replace("train_00002", "train_00001"));
  expect(await importError(copy)).toContain("listed before");
  await rename(list, `${list}.away`);
  expect(await importError(copy)).toContain("EmoLabel/list_patition_label.txt");
});

test("without the originals the aligned images do, and the option that needs them says so", async () => {
  const copy = await writeRafDb(join(dir, "aligned-only"), { originals: false });
  const options = rafDb.options.parse({ images: "original" });
  const raw = join(dir, "aligned-raw");
  const summary = await rafDb.importRaw!({ source: copy, rawDir: raw, options, progress: silent });
  expect(summary.warnings).toEqual([expect.stringContaining("original images are not in it")]);
  await expect(async () => {
    for await (const _ of rafDb.samples({ rawDir: raw, options, progress: silent })) break;
  }).rejects.toThrow("the original images were not imported");
});
