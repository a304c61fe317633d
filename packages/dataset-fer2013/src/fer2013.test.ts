import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { FerBenchError, silent } from "@fer-bench/artifacts";
import {
  conformanceProblems,
  createTarWriter,
  type ImportSummary,
  pixelSha256,
  type RawSample,
  splitChecksum,
} from "@fer-bench/datasets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cropped,
  equalised,
  gammaCorrected,
  mirrored,
  png,
  resized,
  savedAsJpeg,
} from "./copies.test.helper.ts";
import { CLASSES, SIDE, SPLIT_OF_USAGE } from "./facts.ts";
import { fer2013Of } from "./fer2013.ts";
import type { Grey } from "./grey.ts";
import {
  asPng,
  csvText,
  type Encode,
  numberedNames,
  picture,
  smallRows,
  smallTable,
  usageNames,
  writeFolder,
} from "./small-set.test.helper.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-fer2013-"));
});
afterAll(() => rm(dir, { recursive: true }));

const rows = smallRows();
const table = smallTable();
const set = fer2013Of(async () => table);
let counter = 0;
const fresh = (name: string): string => join(dir, `${counter++}`, name);

const jpeg =
  (quality: number, change: (image: Grey) => Grey = (image) => image): Encode =>
  async (image) => ({ bytes: (await savedAsJpeg(change(image), { quality })).jpeg!, ending: "jpg" });

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = fresh(name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

interface Imported {
  readonly summary: ImportSummary;
  readonly samples: RawSample[];
  readonly rawDir: string;
}

async function importFrom(source: string, acceptAltered = false): Promise<Imported> {
  const rawDir = fresh("fer2013");
  const summary = await set.importRaw!({ source, rawDir, options: {}, acceptAltered, progress: silent });
  const folder = dirname(summary.files[0]!.path);
  const samples: RawSample[] = [];
  for await (const sample of set.samples({ rawDir: folder, options: {}, progress: silent }))
    samples.push(sample);
  return { summary, samples, rawDir };
}

/** What prepare makes of the samples, for each split. */
function checksums(samples: readonly RawSample[]): Record<string, string> {
  return Object.fromEntries(
    Object.values(SPLIT_OF_USAGE).map((split) => [
      split,
      splitChecksum(
        samples
          .filter((sample) => sample.split === split)
          .map(({ id, label, image }) => ({ id, label, pixelSha256: pixelSha256(image) })),
      ),
    ]),
  );
}

const EXPECTED = checksums(
  rows.map(({ label, usage, pixels }, row) => ({
    id: `fer2013-${String(row).padStart(5, "0")}`,
    split: SPLIT_OF_USAGE[usage],
    label: CLASSES[label]!,
    path: "",
    image: { width: SIDE, height: SIDE, channels: 1, data: pixels },
  })),
);

async function refusal(source: string, acceptAltered = false): Promise<FerBenchError> {
  const rawDir = fresh("fer2013");
  const request = { source, rawDir, options: {}, acceptAltered, progress: silent };
  const error = await set.importRaw!(request).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FerBenchError);
  expect(await readdir(rawDir).catch(() => undefined)).toBeUndefined();
  return error as FerBenchError;
}

async function packed(folder: string): Promise<string> {
  const path = fresh("copy.tar");
  await mkdir(dirname(path), { recursive: true });
  const tar = createTarWriter(path);
  for (const name of (await readdir(folder, { recursive: true })).sort().reverse()) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined); // undefined for a folder
    if (bytes) await tar.add(`archive/${name}`, bytes);
  }
  await tar.close();
  return path;
}

describe("every lossless form gives the same records", () => {
  test("both CSVs, plain, packed and inside an archive or a folder", async () => {
    const archive = fresh("challenge.tar");
    await mkdir(dirname(archive), { recursive: true });
    const tar = createTarWriter(archive);
    await tar.add("train.csv", Buffer.from("emotion,pixels\n0,1 2 3\n"));
    await tar.add("fer2013/README", Buffer.from("..."));
    await tar.add("fer2013/fer2013.csv", Buffer.from(csvText(rows)));
    await tar.close();
    const plain = await write("fer2013.csv", csvText(rows));
    for (const source of [
      plain,
      dirname(plain),
      archive,
      await write("fer2013.csv.gz", gzipSync(csvText(rows))),
      await write("icml_face_data.csv", csvText(rows, "icml")),
    ]) {
      const { summary, samples, rawDir } = await importFrom(source);
      expect(checksums(samples)).toEqual(EXPECTED);
      expect(samples.map(({ id }) => id)).toEqual(samples.map(({ id }) => id).sort());
      expect(summary.warnings).toEqual([]);
      expect(summary.as).toBeUndefined();
      expect(dirname(summary.files[0]!.path)).toBe(rawDir);
    }
  });

  test("PNG folders by number, and the same in an archive of another order", async () => {
    const folder = await writeFolder(fresh("png"), rows, numberedNames(rows), asPng);
    for (const source of [folder, await packed(folder)]) {
      const { summary, samples } = await importFrom(source);
      expect(checksums(samples)).toEqual(EXPECTED);
      expect(summary.warnings).toEqual([]);
      expect(summary.files.map(({ path }) => basename(path))).toEqual(["images.tar"]);
    }
  });

  test("a CSV whose rows were shuffled", async () => {
    const { samples } = await importFrom(await write("shuffled.csv", csvText([...rows].reverse())));
    expect(checksums(samples)).toEqual(EXPECTED);
  });

  test("PNGs whose names lost the splits, which the import says", async () => {
    const names = numberedNames(rows).map((name, row) => `${dirname(name)}/face${(row * 37) % 101}`);
    const { summary, samples } = await importFrom(await writeFolder(fresh("lost"), rows, names, asPng));
    expect(checksums(samples)).toEqual(EXPECTED);
    expect(summary.warnings).toHaveLength(1);
    expect(summary.warnings[0]).toMatch(/names lost what tells the splits apart.*28 of 70.*checksums/);
  });

  test("PNGs laid out in other splits, which the import says too", async () => {
    const names = usageNames(rows).map((name) => name.replace(/^train\/(.*)\/Training_/, "validation/$1/"));
    const { summary, samples } = await importFrom(await writeFolder(fresh("resplit"), rows, names, asPng));
    expect(checksums(samples)).toEqual(EXPECTED);
    expect(summary.warnings.join()).toMatch(/42 of 70 images lie in another split's folder/);
  });
});

describe("faithful JPEGs", () => {
  test.each([85, 90, 95])(
    "of quality %d are matched to their rows, and their distance is told",
    async (quality) => {
      const names = usageNames(rows);
      const { summary, samples } = await importFrom(
        await writeFolder(fresh("jpeg"), rows, names, jpeg(quality)),
      );
      expect(samples).toHaveLength(rows.length);
      let squares = 0;
      for (const [row, { id, label, split, path, image }] of samples.entries()) {
        expect({ id, label, split }).toEqual({
          id: `fer2013-${String(row).padStart(5, "0")}`,
          label: CLASSES[rows[row]!.label],
          split: SPLIT_OF_USAGE[rows[row]!.usage],
        });
        const own = names.indexOf(path.replace(".jpg", ""));
        expect(rows[own]!.pixels).toEqual(rows[row]!.pixels); // the row's image, or the very same one's
        squares +=
          image.data.reduce((sum, value, i) => sum + (value - rows[row]!.pixels[i]!) ** 2, 0) / SIDE ** 2;
      }
      const told = /off by ([\d.]+) grey levels of 255 \(root mean square/.exec(summary.warnings.join())?.[1];
      expect(Number(told) / Math.sqrt(squares / rows.length)).toBeCloseTo(1, 0.7);
      expect(summary.warnings).toHaveLength(1);
    },
  );

  test("numbered as the PNG folders are tell their splits by number", async () => {
    const source = await writeFolder(fresh("numbered"), rows, numberedNames(rows), jpeg(90));
    const { summary, samples } = await importFrom(source);
    expect(samples.map(({ split }) => split)).toEqual(rows.map(({ usage }) => SPLIT_OF_USAGE[usage]));
    expect(summary.warnings.join()).not.toMatch(/splits/);
  });

  test("may have been saved before, which the import says", async () => {
    const twice: Encode = async (image) => jpeg(95)((await savedAsJpeg(image, { quality: 90 })).grey);
    const { summary } = await importFrom(await writeFolder(fresh("twice"), rows, usageNames(rows), twice));
    expect(summary.as).toBeUndefined();
    expect(summary.warnings.join()).toMatch(/off by .* accounts for 1\.96 at most: they were saved before/);
  });

  test("are found without their splits' names, which the import says", async () => {
    const names = numberedNames(rows).map(
      (name, row) => `all/${basename(dirname(name))}/${(row * 37) % 101}`,
    );
    const { summary, samples } = await importFrom(await writeFolder(fresh("lost"), rows, names, jpeg(90)));
    expect(samples.map(({ split }) => split)).toEqual(rows.map(({ usage }) => SPLIT_OF_USAGE[usage]));
    expect(summary.warnings.join()).toMatch(/names lost .*70 of 70.*fingerprints/);
  });
});

describe("altered copies are refused, with what is different", () => {
  const square = (side: number) => (image: Grey) => resized(image, side, "linear");
  test.each<[string, Encode, RegExp[]]>([
    ["equalised", jpeg(90, equalised), [/histogram-equalised: .*contrast/, /only look like FER-2013's/]],
    ["lighter", jpeg(90, (image) => gammaCorrected(image, 1.3)), [/brightness changed/]],
    ["larger", jpeg(90, square(224)), [/size 224x224 \(70 images\) instead of 48x48/]],
    [
      "larger and small again",
      jpeg(95, (image) => resized(resized(image, 64, "cubic"), SIDE, "cubic")),
      [/smoothed, as by resizing and back/],
    ],
    [
      "cropped",
      jpeg(95, (image) => cropped(image, 4)),
      [/size 40x40/, /look like none .*cropped, about 4 of 48/],
    ],
    [
      "PNGs of JPEGs",
      async (image) => asPng((await savedAsJpeg(image, { quality: 90 })).grey),
      [/its files lose nothing/],
    ],
    ["mirrored", async (image) => ({ bytes: await png(mirrored(image)), ending: "png" }), [/: mirrored/]],
  ])("%s", async (_, encode, words) => {
    const error = await refusal(await writeFolder(fresh("altered"), rows, usageNames(rows), encode));
    for (const word of words) expect(error.message).toMatch(word);
    expect(error.remedy).toMatch(/--accept-altered/);
  });

  test("a part of the set, by what is missing", async () => {
    const folder = await writeFolder(fresh("part"), rows.slice(0, 60), numberedNames(rows), asPng);
    expect((await refusal(folder)).message).toMatch(
      /10 of 70 images missing: test \(PrivateTest\): angry \d of 2, .*\d of 2/,
    );
  });

  test("images in another class's folder, and twice", async () => {
    const names = usageNames(rows);
    const folder = await writeFolder(fresh("moved"), rows, names, asPng);
    await rename(join(folder, `${names[1]}.png`), join(folder, "train/angry/Training_1.png"));
    await cp(join(folder, `${names[2]}.png`), join(folder, `${dirname(names[2]!)}/Training_2.png`));
    const { message } = await refusal(folder);
    expect(message).toMatch(/1 images lie in another class's folder than FER-2013 has them in/);
    expect(message).toMatch(/1 images are there once too often/);
  });

  test("unless it is wanted: then it comes in beside, under another name", async () => {
    const some = rows.filter((_, row) => row % 3 === 0);
    const names = usageNames(rows).filter((_, row) => row % 3 === 0);
    const source = await writeFolder(fresh("wanted"), some, names, jpeg(90, equalised));
    const { summary, samples, rawDir } = await importFrom(source, true);
    expect(summary.as).toBe("fer2013-altered");
    expect(dirname(summary.files[0]!.path)).toBe(join(dirname(rawDir), "fer2013-altered"));
    expect(await readdir(dirname(rawDir))).toEqual(["fer2013-altered"]);
    expect(summary.warnings.join()).toMatch(/histogram-equalised/);
    expect(samples).toHaveLength(some.length);
    for (const { id, split, label, path } of samples) {
      const { usage, label: code } = some[names.indexOf(path.replace(".jpg", ""))]!;
      expect(id).toMatch(/^fer2013-altered-u?\d{5}$/);
      expect({ split, label }).toEqual({ split: SPLIT_OF_USAGE[usage], label: CLASSES[code] });
    }
  });

  test("and even then not where the splits are lost for good", async () => {
    const others = rows.map((row, n) => ({ ...row, pixels: picture("another set", n).data }));
    const folder = await writeFolder(
      fresh("others"),
      others,
      numberedNames(rows).map((name, n) => `${dirname(name)}/x${n}`),
      asPng,
    );
    const error = await refusal(folder, true);
    expect(error.message).toMatch(/the split of an image is lost/);
    expect(error.field).toMatch(/^test\//);
  });
});

describe("bad input is one error that names the file, and leaves nothing", () => {
  test("a short row", async () => {
    const source = await write("fer2013.csv", csvText(rows).replace(/^(\d),\d+ /m, "$1,"));
    expect(await refusal(source)).toMatchObject({ file: source, field: "fer2013.csv, row 0 (line 2)" });
  });

  test("a truncated gz", async () => {
    const whole = gzipSync(csvText(rows));
    const source = await write("fer2013.csv.gz", whole.subarray(0, whole.length - 5000));
    expect(await refusal(source)).toMatchObject({
      file: source,
      message: expect.stringMatching(/truncated/),
    });
  });

  test("an unknown class folder", async () => {
    const names = usageNames(rows).map((name) => name.replace("/neutral/", "/contempt/"));
    const source = await writeFolder(fresh("classes"), rows, names, asPng);
    const error = await refusal(source);
    expect(error.message).toMatch(/unknown class folder "contempt"/);
    expect(error).toMatchObject({
      file: source,
      field: expect.stringMatching(/contempt\/\w+_\d+\.png/),
    });
  });

  test("a text file named .jpg", async () => {
    const source = await writeFolder(fresh("text"), rows.slice(0, 9), usageNames(rows), jpeg(90));
    await writeFile(join(source, "train/happy/Training_7.jpg"), "not a picture");
    expect((await refusal(source)).file).toBe(join(source, "train/happy/Training_7.jpg"));
  });

  test("a CSV without Usage, an archive in a folder, nothing at all", async () => {
    const error = await refusal(await write("train.csv", "emotion,pixels\n0,1 2 3\n"));
    expect(error.message).toMatch(/without Usage the splits are lost/);
    const gz = await write("fer2013.csv.gz", gzipSync("x"));
    expect((await refusal(dirname(gz))).remedy).toMatch(/fer2013\.csv\.gz: unpack it/);
    expect((await refusal(await write("notes.txt", "hello"))).message).toMatch(/neither a CSV .* nor images/);
  });

  test("samples before an import, and of data that changed since", async () => {
    const read = async (rawDir: string) => {
      for await (const _ of set.samples({ rawDir, options: {}, progress: silent })) return;
    };
    await expect(read(fresh("none"))).rejects.toMatchObject({
      code: "missing",
      remedy: expect.stringMatching(/import/),
    });
    const { summary, rawDir } = await importFrom(await write("fer2013.csv", csvText(rows)));
    await writeFile(summary.files[0]!.path, "other");
    await expect(read(rawDir)).rejects.toMatchObject({ code: "bad-data", file: summary.files[0]!.path });
  });
});

test("the set keeps what every data set package promises", async () => {
  const { rawDir } = await importFrom(await writeFolder(fresh("jpeg"), rows, usageNames(rows), jpeg(90)));
  const counts = (n: number) => Object.fromEntries(CLASSES.map((name) => [name, n]));
  expect(
    await conformanceProblems({
      dataset: set,
      options: {},
      rawDir,
      classes: CLASSES,
      counts: { train: counts(6), validation: counts(2), test: counts(2) },
    }),
  ).toEqual([]);
});

test("a second import takes the first one's place, and what a killed one left goes", async () => {
  const { rawDir } = await importFrom(await write("fer2013.csv", csvText(rows)));
  const abandoned = join(rawDir, ".importing-999999999-x");
  await mkdir(abandoned);
  await writeFile(join(abandoned, "half"), "...");
  const source = await writeFolder(fresh("png"), rows, numberedNames(rows), asPng);
  await set.importRaw!({ source, rawDir, options: {}, progress: silent });
  expect((await readdir(rawDir)).sort()).toEqual(["images.tar", "import.json"]);
});

test("an import that fails leaves the one before as it was", async () => {
  const { rawDir, samples } = await importFrom(await write("fer2013.csv", csvText(rows)));
  const before = await readdir(rawDir);
  const part = await writeFolder(fresh("part"), rows.slice(0, 20), usageNames(rows), asPng);
  await expect(set.importRaw!({ source: part, rawDir, options: {}, progress: silent })).rejects.toThrow(
    /missing/,
  );
  expect(await readdir(rawDir)).toEqual(before);
  let count = 0;
  for await (const _ of set.samples({ rawDir, options: {}, progress: silent })) count++;
  expect(count).toBe(samples.length);
});

test("the same source gives the same bytes", async () => {
  const source = await writeFolder(fresh("png"), rows, numberedNames(rows), asPng);
  const [one, two] = [await importFrom(source), await importFrom(source)];
  expect(one.summary.files[0]!.sha256).toBe(two.summary.files[0]!.sha256);
});
