import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { silent } from "@fer-bench/artifacts";
import { renderFace } from "@fer-bench/dataset-synthetic";
import { CANONICAL_LABELS, conformanceProblems, type RawSample, type Split } from "@fer-bench/datasets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLASSES, COLUMNS } from "./facts.ts";
import { ferPlusOf } from "./ferplus.ts";

const HEADER = ["Usage", "Image name", ...COLUMNS].join(",");
/** Rows as the file has them: usage, name, votes. */
const LINES = [
  "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0",
  "Training,fer0000001.png,6,0,1,1,0,0,0,0,2,0",
  "Training,fer0000002.png,0,9,1,0,0,0,0,0,0,0",
  "Training,fer0000003.png,0,0,0,0,2,1,0,7,0,0",
  "PublicTest,fer0000004.png,0,0,0,8,0,0,2,0,0,0",
  "PublicTest,,0,0,0,0,0,0,0,0,0,10",
  "PrivateTest,fer0000005.png,0,0,5,0,0,0,5,0,0,0",
  "PrivateTest,fer0000006.png,1,0,0,0,2,0,0,0,7,0",
  "PrivateTest,fer0000007.png,0,0,6,1,1,0,2,0,0,0",
];
const SPLITS: Readonly<Record<string, Split>> = {
  Training: "train",
  PublicTest: "validation",
  PrivateTest: "test",
};

/** FER-2013's images, as its package gives them. */
const images: RawSample[] = LINES.map((line, row) => ({
  id: `fer2013-${String(row).padStart(5, "0")}`,
  split: SPLITS[line.split(",")[0]!]!,
  label: CANONICAL_LABELS[row % 7]!,
  path: `fer2013.csv#${row}`,
  image: { ...renderFace(row, CANONICAL_LABELS[row % 7]!, 48).image },
}));
const readsOf = (of: readonly RawSample[]) => ({
  async *fer2013() {
    yield* of;
  },
});

const ferPlus = ferPlusOf(LINES.length);
let dir: string;
const rawDir = (): string => join(dir, "raw");
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-ferplus-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function votesFile(name: string, lines: readonly string[] = LINES): Promise<string> {
  const path = join(dir, name);
  const text = `${[HEADER, ...lines].join("\r\n")}\r\n`;
  await writeFile(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

test("it is a sound data set package, by majority and soft, with contempt and without", async () => {
  const seven = CLASSES.slice(0, 7);
  expect(
    await conformanceProblems({
      dataset: ferPlus,
      source: await votesFile("fer2013new.csv"),
      rawDir: rawDir(),
      reads: readsOf(images),
      options: {},
      classes: CLASSES,
      counts: {
        train: { neutral: 1, happy: 1, contempt: 1 },
        validation: { sad: 1 },
        test: { surprise: 1 },
      },
      protocols: [
        {
          options: { labels: "soft" },
          classes: CLASSES,
          counts: {
            train: { neutral: 2, happy: 1, contempt: 1 },
            validation: { sad: 1 },
            test: { surprise: 2 },
          },
        },
        {
          options: { contempt: "drop" },
          classes: seven,
          counts: { train: { neutral: 1, happy: 1 }, validation: { sad: 1 }, test: { surprise: 1 } },
        },
      ],
    }),
  ).toEqual([]);
});

async function samplesOf(options: unknown, of: readonly RawSample[] = images): Promise<RawSample[]> {
  const samples: RawSample[] = [];
  const request = {
    rawDir: rawDir(),
    options: ferPlus.options.parse(options),
    reads: readsOf(of),
    progress: silent,
  };
  for await (const sample of ferPlus.samples(request)) samples.push(sample);
  return samples;
}

test("votes are in the order of the classes, and images are FER-2013's by row", async () => {
  const [first, second] = await samplesOf({});
  expect(first).toMatchObject({ id: "ferplus-00001", label: "neutral", path: "fer2013.csv#1" });
  expect(first!.image).toBe(images[1]!.image);
  //                           angry disgust fear happy sad surprise neutral contempt
  expect(first!.votes).toEqual([0, 0, 0, 0, 1, 1, 6, 0]);
  expect(second!.votes).toEqual([0, 0, 0, 9, 0, 1, 0, 0]);
  const [soft] = await samplesOf({ labels: "soft" });
  expect(soft!.votes).toEqual([3, 0, 0, 0, 0, 0, 4, 0]);
  const reversed = await samplesOf({}, [...images].reverse());
  expect(reversed.map(({ id }) => id).sort()).toEqual((await samplesOf({})).map(({ id }) => id));
});

test("what is left out is counted by reason", async () => {
  const options = ferPlus.options.parse({ contempt: "drop" });
  const inventory = await ferPlus.inventory!({ rawDir: rawDir(), options, progress: silent });
  expect(inventory.tally).toEqual({ train: 4, validation: 2, test: 3 });
  expect(Object.fromEntries(inventory.dropped.map(({ reason, examples }) => [reason, examples]))).toEqual({
    "no majority": ["ferplus-00000", "ferplus-00006"],
    contempt: ["ferplus-00003"],
    "not a face": ["ferplus-00005"],
    unknown: ["ferplus-00007"],
  });
});

test("a join that does not fit is refused, naming the image", async () => {
  await expect(samplesOf({}, images.slice(1))).rejects.toThrow("9 rows of votes, and 8 images");
  const renamed = images.map((image, row) =>
    row === 2 ? { ...image, id: "fer2013-altered-u00002" } : image,
  );
  await expect(samplesOf({}, renamed)).rejects.toThrow("image fer2013-altered-u00002 has no row");
  const moved = images.map((image, row) => (row === 2 ? { ...image, split: "test" as const } : image));
  await expect(samplesOf({}, moved)).rejects.toThrow("image fer2013-00002 is of test, its row of train");
  await expect(async () => {
    const options = ferPlus.options.parse({});
    for await (const _ of ferPlus.samples({ rawDir: rawDir(), options, progress: silent })) break;
  }).rejects.toThrow("FER+ has no images of its own");
});

test("the votes are found packed and under other names; a part, or another table, is refused", async () => {
  const bring = (source: string) =>
    ferPlus.importRaw!({
      source,
      rawDir: join(dir, "other"),
      options: ferPlus.options.parse({}),
      progress: silent,
    });
  expect((await bring(await votesFile("votes.csv.gz"))).form).toBe("fer2013new.csv, 9 rows");
  await expect(bring(await votesFile("short.csv", LINES.slice(1)))).rejects.toThrow("it has 8 rows");
  const broken = LINES.with(3, "Training,fer0000003.png,0,x,0,0,2,1,0,7,0,0");
  await expect(bring(await votesFile("broken.csv", broken))).rejects.toMatchObject({
    field: expect.stringContaining("row 3"),
  });
  await writeFile(join(dir, "fer2013.csv"), "emotion,pixels,Usage\n0,1 2 3,Training\n");
  await expect(bring(join(dir, "fer2013.csv"))).rejects.toThrow("it has no column neutral");
});
