import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silent } from "@fer-bench/artifacts";
import { renderFace } from "@fer-bench/dataset-synthetic";
import {
  CANONICAL_LABELS,
  conformanceProblems,
  createTarWriter,
  expressionOf,
  isCanonical,
} from "@fer-bench/datasets";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLegend, subjectOf } from "./legend.ts";
import { muxspace } from "./muxspace.ts";

/** Rows as legend.csv has them, with all that is messy in it. */
const ROWS = [
  "628,facial-expressions_2868588k.jpg,anger",
  "302,Aaron_Patterson_0001.jpg,neutral",
  "302,Aaron_Peirsol_0001.jpg,happiness",
  "302,Aaron_Peirsol_0002.jpg,happiness",
  "302,Aaron_Peirsol_0001.jpg,happiness",
  "jhamski,Avinash_30.jpg,SURPRISE",
  "jhamski,Avinash_30.jpg,SADNESS",
  "jhamski,Avinash_31.jpg,Fear",
  "jhamski,KatrinaKaif_65.jpg,DISGUST",
  "dwdii,Tony_Blair_0003.jpg,sadness",
  "dwdii,Tony_Blair_0004.jpg,contempt",
  "JN721,Vijay_7.jpg,SURPRISE",
  "JN721,Vijay_8.jpg,bored",
];
const FOLDER = "facial_expressions-master";

let dir: string;
let files: Map<string, Buffer>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-muxspace-"));
  files = new Map([
    [`${FOLDER}/LICENSE`, Buffer.from("Apache License")],
    [`${FOLDER}/data/legend.csv`, Buffer.from(`user.id,image,emotion\n${ROWS.join("\n")}\n`)],
  ]);
  for (const [i, row] of ROWS.entries()) {
    const [, image, emotion] = row.split(",") as [string, string, string];
    const expression = expressionOf(emotion) ?? "neutral";
    const face = renderFace(i, isCanonical(expression) ? expression : "disgust", 48).image;
    const raw = { width: face.width, height: face.height, channels: face.channels };
    // Most of the photographs are grey.
    const picture = sharp(face.data, { raw })
      .resize(70)
      .toColourspace(i % 3 === 0 ? "srgb" : "b-w");
    files.set(`${FOLDER}/images/${image}`, await picture.jpeg().toBuffer());
  }
});
afterAll(() => rm(dir, { recursive: true }));

async function writeFolder(name: string, leaveOut?: string): Promise<string> {
  for (const [path, bytes] of files) {
    if (leaveOut !== undefined && path.endsWith(leaveOut)) continue;
    await mkdir(dirname(join(dir, name, path)), { recursive: true });
    await writeFile(join(dir, name, path), bytes);
  }
  return join(dir, name);
}

const KEPT = { angry: 1, neutral: 1, happy: 2, fear: 1, disgust: 1, sad: 1, surprise: 1 };

test("it is a sound data set package, its labels cleaned, its people in one split each", async () => {
  const all = { kind: "test" };
  expect(
    await conformanceProblems({
      dataset: muxspace,
      source: await writeFolder("handed-out"),
      rawDir: join(dir, "raw"),
      options: { split: all },
      classes: CANONICAL_LABELS,
      counts: { test: KEPT },
      protocols: [
        {
          options: { split: all, contempt: "keep" },
          classes: [...CANONICAL_LABELS, "contempt"],
          counts: { test: { ...KEPT, contempt: 1 } },
        },
        {
          options: { split: { kind: "folds", folds: 3 } },
          classes: CANONICAL_LABELS,
          counts: {
            train: { neutral: 1, surprise: 1 },
            validation: { angry: 1, fear: 1, disgust: 1 },
            test: { happy: 2, sad: 1 },
          },
        },
      ],
    }),
  ).toEqual([]);
  const options = muxspace.options.parse({});
  const inventory = await muxspace.inventory!({ rawDir: join(dir, "raw"), options, progress: silent });
  expect(inventory).toEqual({
    tally: {
      angry: 1,
      neutral: 1,
      happy: 3,
      surprise: 2,
      sad: 2,
      fear: 1,
      disgust: 1,
      contempt: 1,
      bored: 1,
    },
    dropped: [
      {
        reason: "images listed with different labels",
        count: 1,
        examples: ["Avinash_30.jpg (surprise, sad)"],
      },
      {
        reason: "rows that list an image again with the same label",
        count: 1,
        examples: ["Aaron_Peirsol_0001.jpg"],
      },
      { reason: "labels that mean no expression", count: 1, examples: ["Vijay_8.jpg (bored)"] },
      { reason: "photographs of contempt", count: 1, examples: ["Tony_Blair_0004.jpg"] },
    ],
  });
});

test("the archive gives what the folder does, and the import says what it cleaned", async () => {
  const archive = join(dir, "archive.tar");
  const tar = createTarWriter(archive);
  for (const [path, bytes] of [...files].reverse()) await tar.add(path, bytes);
  await tar.close();
  const options = muxspace.options.parse({});
  const rawDir = join(dir, "from-archive");
  const { form, warnings } = await muxspace.importRaw!({
    source: archive,
    rawDir,
    options,
    progress: silent,
  });
  expect(form).toBe("legend.csv of 13 rows, 9 photographs");
  expect(warnings).toEqual([
    "10 labels are spelt otherwise than the class is called, and were read as it",
    "1 left out: images listed with different labels: Avinash_30.jpg (surprise, sad)",
    "1 left out: rows that list an image again with the same label: Aaron_Peirsol_0001.jpg",
    "1 left out: labels that mean no expression: Vijay_8.jpg (bored)",
  ]);
});

test("an image that is listed and not there is named", async () => {
  const source = await writeFolder("partly", "Vijay_7.jpg");
  const request = {
    source,
    rawDir: join(dir, "none"),
    options: muxspace.options.parse({}),
    progress: silent,
  };
  await expect(muxspace.importRaw!(request)).rejects.toMatchObject({
    message: "1 of the 9 listed images are not in images/",
    field: "images/Vijay_7.jpg",
  });
});

test.each([
  ["Aaron_Patterson_0001.jpg", "aaron_patterson"],
  ["KatrinaKaif_65.jpg", "katrinakaif"],
  ["facial-expressions_2868588k.jpg", "facial-expressions"],
  ["Kwong-wing_0001.JPG", "kwong-wing"],
  ["12.jpg", "12"],
])("%s shows %s", (image, subject) => {
  expect(subjectOf(image)).toBe(subject);
});

test("a legend without its columns is refused", async () => {
  expect(() => readLegend(Buffer.from("image,label\na.jpg,happy\n"), "legend.csv")).toThrow(
    "no column emotion",
  );
});

const subset = process.env.FER_BENCH_MUXSPACE;
const name =
  "the photographs themselves (set FER_BENCH_MUXSPACE to the zip of the repository, or of its subset)";
if (subset === undefined && process.env.FER_BENCH_REQUIRE !== "1") test.skip(name, () => {});
else {
  test(name, async () => {
    expect(subset, "FER_BENCH_REQUIRE=1, and FER_BENCH_MUXSPACE is not set").toBeDefined();
    const options = muxspace.options.parse({});
    const rawDir = join(dir, "real");
    await muxspace.importRaw!({ source: subset!, rawDir, options, progress: silent });
    const { tally } = await muxspace.inventory!({ rawDir, options, progress: silent });
    const manifest = JSON.parse(
      await readFile(new URL("../../../datasets.manifest.json", import.meta.url), "utf8"),
    );
    expect(
      ["muxspace", "muxspace-subset"].map((set) => manifest.datasets[set].expected.tally),
    ).toContainEqual(tally);
  });
}
