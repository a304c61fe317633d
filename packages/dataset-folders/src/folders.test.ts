import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silent } from "@fer-bench/artifacts";
import { renderFace } from "@fer-bench/dataset-synthetic";
import { conformanceProblems, type Label, type RawSample } from "@fer-bench/datasets";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { folders } from "./folders.ts";

const LABELS: readonly Label[] = ["happy", "sad"];
let dir: string;
let faces: Buffer[];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-folders-"));
  const drawn = Array.from({ length: 20 }, async (_, i) => {
    const { data, width, height, channels } = renderFace(i >> 1, LABELS[i % 2]!, 48).image;
    return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
  });
  faces = await Promise.all(drawn);
});
afterAll(() => rm(dir, { recursive: true }));

async function put(path: string, bytes: Buffer | string): Promise<string> {
  const file = join(dir, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

async function bring(source: string, options: unknown, name: string): Promise<RawSample[]> {
  const rawDir = join(dir, "raw", name);
  const request = { rawDir, options: folders.options.parse(options), progress: silent };
  await folders.importRaw!({ ...request, source });
  const samples: RawSample[] = [];
  for await (const sample of folders.samples(request)) samples.push(sample);
  return samples;
}

test("class folders are a sound data set, with splits drawn by lot and with splits of their own", async () => {
  for (const [i, face] of faces.entries()) await put(`plain/${["Happiness", "sad"][i % 2]}/${i}.png`, face);
  expect(
    await conformanceProblems({
      dataset: folders,
      source: join(dir, "plain"),
      rawDir: join(dir, "raw/plain"),
      options: {},
      classes: LABELS,
      counts: { train: { happy: 7, sad: 7 }, validation: { happy: 1, sad: 1 }, test: { happy: 2, sad: 2 } },
      protocols: [
        {
          options: { classes: { Happiness: "a", sad: "b" }, holdOut: { test: 0.5, validation: 0 } },
          classes: ["a", "b"],
          counts: { train: { a: 5, b: 5 }, test: { a: 5, b: 5 } },
        },
      ],
    }),
  ).toEqual([]);
  for (const [i, face] of faces.entries()) {
    await put(`untested/${i < 16 ? "train" : "validation"}/${["happy", "bored"][i % 2]}/${i}.png`, face);
  }
  expect(
    await conformanceProblems({
      dataset: folders,
      source: join(dir, "untested"),
      rawDir: join(dir, "raw/untested"),
      options: { holdOut: { test: 0.25 } },
      classes: ["happy", "bored"],
      counts: {
        train: { happy: 6, bored: 6 },
        validation: { happy: 2, bored: 2 },
        test: { happy: 2, bored: 2 },
      },
    }),
  ).toEqual([]);
  for (const [i, face] of faces.entries()) {
    await put(`split/${i < 16 ? "Train" : "test"}/${["happy", "bored"][i % 2]}/${i}.png`, face);
  }
  expect(
    await conformanceProblems({
      dataset: folders,
      source: join(dir, "split"),
      rawDir: join(dir, "raw/split"),
      options: { holdOut: { validation: 0.25 } },
      classes: ["happy", "bored"],
      counts: {
        train: { happy: 6, bored: 6 },
        validation: { happy: 2, bored: 2 },
        test: { happy: 2, bored: 2 },
      },
    }),
  ).toEqual([]);
});

const line = (i: number, ...more: (string | number)[]): string =>
  [`faces/${i}.png`, LABELS[i % 2], ...more].join(",");

test("a table is a sound data set: subjects in one split each, boxes, columns of other names", async () => {
  for (const [i, face] of faces.entries()) await put(`table/faces/${i}.png`, face);
  const rows = faces.map((_, i) => line(i, `S${i >> 1}`, 4, 5, 30, 31.5));
  const source = await put(
    "table/list.csv",
    `file,emotion,person,left,top,width,height\n${rows.join("\n")}\n`,
  );
  const options = { layout: "csv", columns: { image: "file", label: "emotion", subject: "person" } };
  expect(
    await conformanceProblems({
      dataset: folders,
      source,
      rawDir: join(dir, "raw/table"),
      options,
      classes: LABELS,
      counts: { train: { happy: 7, sad: 7 }, validation: { happy: 1, sad: 1 }, test: { happy: 2, sad: 2 } },
    }),
  ).toEqual([]);
  const [sample] = await bring(join(dir, "table"), options, "from-folder");
  expect(sample).toMatchObject({ subject: "S0", box: { left: 4, top: 5, width: 30, height: 31.5 } });
});

test.each([
  ["no column", "picture,label\n", "it has no column image"],
  ["no picture", `image,label\n${line(99)}\n`, "a picture that is listed is not there"],
  ["a picture twice", `image,label\n${line(1)}\n${line(1)}\n`, "a picture is listed twice"],
  ["no label", "image,label\nfaces/1.png,\n", "a picture has no label"],
  ["a strange split", `image,label,split\n${line(1, "some")}\n`, '"some" is no split'],
  ["half a box", `image,label,left,top,width,height\n${line(1, 1, 2, 3, "")}\n`, "its box is not left"],
  [
    "a split for some",
    `image,label,split\n${line(1, "test")}\n${line(2, "")}\n`,
    "1 of 2 pictures are in no split",
  ],
])("%s is refused in words", async (_what, table, message) => {
  await rename(join(dir, "table/list.csv"), join(dir, "list.away")).catch(() => {});
  const source = await put("table/other.csv", table);
  await expect(bring(source, { layout: "csv" }, "refused")).rejects.toThrow(message);
});

test("a picture outside a class folder is refused", async () => {
  await put("loose/train/1.png", faces[0]!);
  await expect(bring(join(dir, "loose"), {}, "loose")).rejects.toThrow("a picture outside any class folder");
});
