import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy, writeParquet } from "@fer-bench/artifacts";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeDatasetReport } from "./dataset-report.ts";
import { HOSTILE } from "./finished-stages.test.helper.ts";
import { byWeight, exactGroups, pairCounts, repeatGroups, tellingMembers } from "./repeat-groups.ts";

const SIDE = 48;
const CLASSES = ["angry", "happy", HOSTILE];

/** Split, label, pixels, group: an exact copy across splits and labels, a near one within train, one alone, one blank. */
const ROWS = [
  ["train", "angry", "p0", 0],
  ["test", "happy", "p0", 0],
  ["train", "happy", "p1", 1],
  ["train", "happy", "p2", 1],
  ["train", HOSTILE, "p3", undefined],
  ["test", "angry", "p4", undefined],
] as const;

const RECORDS = ROWS.map(([split, label, pixelSha256, repeatGroup], index) => ({
  index,
  id: `${index}<i>`,
  split,
  label,
  path: `${index}.png`,
  pixelSha256,
  ...(repeatGroup !== undefined && { repeatGroup }),
}));

let root: string;
let prepareDir: string;
let preprocessDir: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-dataset-report-"));
  prepareDir = join(root, "prepare");
  preprocessDir = join(root, "preprocess");
  for (const dir of [prepareDir, preprocessDir]) await mkdir(dir);
  const summary = {
    name: "example",
    title: "Example & <set>",
    licence: { name: "CC0 <1.0>", redistributable: true },
    citation: "A. Author, 2020",
    homepage: "javascript:alert(1)",
    classes: CLASSES,
    counts: { train: { angry: 1, happy: 2, [HOSTILE]: 1 }, test: { angry: 1, happy: 1, [HOSTILE]: 0 } },
    checksums: { train: "feed", test: "beef" },
    dropped: [{ reason: "no label", count: 3 }],
    duplicates: { images: 2, acrossLabels: 2, acrossSplits: 2 },
    nearDuplicates: { images: 4, acrossLabels: 2, acrossSplits: 2, pairs: 1, mirrored: 0 },
    alsoInTrain: { test: { exactly: 1, nearly: 1 } },
    blank: ["5<i>"],
    warnings: [],
  };
  await writeFile(join(prepareDir, "dataset.json"), JSON.stringify(summary));
  const text = (name: string) => ({ name, type: "string" as const });
  const columns = [{ name: "index", type: "int32" as const }, ...["id", "split", "label", "path"].map(text)];
  await writeParquet(
    join(prepareDir, "records.parquet"),
    [...columns, text("pixelSha256"), { name: "repeatGroup", type: "int32", nullable: true }],
    RECORDS,
  );
  // The third has no face and was left out, the fifth has none and stands for one.
  const kept = RECORDS.filter((_, i) => i !== 2);
  await writeParquet(
    join(preprocessDir, "faces.parquet"),
    [text("id"), text("found")],
    kept.map(({ id, index }) => ({ id, found: index === 4 ? "whole-image" : "detected" })),
  );
  const faces = Uint8Array.from(
    { length: kept.length * SIDE * SIDE },
    (_, i) => 40 * kept[Math.floor(i / SIDE ** 2)]!.index,
  );
  await writeNpy(join(preprocessDir, "faces.npy"), faces, [kept.length, SIDE, SIDE, 1]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function write(name: string, images: boolean, faces = true): Promise<{ page: string; out: string }> {
  const out = join(root, name);
  await mkdir(out);
  const { page } = await writeDatasetReport({
    out,
    prepareDir,
    preprocessDir: faces ? preprocessDir : undefined,
    images,
    notes: ["A note & more."],
  });
  return { page: await readFile(page, "utf8"), out };
}

describe("a data set's report", () => {
  it("says how much occurs more than once, and where", async () => {
    const { page, out } = await write("whole", true);
    expect(await readdir(out)).toEqual(["dataset-report.html", "figures", "repeats.csv"]);
    expect(page).toContain("6 images of 3 classes: train 4, test 2.");
    expect(page).toMatch(/Test images also in train<\/dt><dd class="value">1</);
    expect(page).toMatch(/>test, train<\/th><td class="number">1<\/td><td class="number">1</);
    expect(page).toMatch(/>angry, happy<\/th><td class="number">1<\/td><td class="number">1</);
    expect(page).toMatch(/>1 \(50\.00%\)</);
    expect(page).toContain("detected 4, whole-image 1");
    expect(page).toContain("2 images hold none");
    const csv = (await readFile(join(out, "repeats.csv"), "utf8")).trim().split("\r\n");
    expect(csv[0]).toBe("group,kind,id,split,label,path,pixelSha256");
    expect(csv.slice(1).map((line) => line.split(",").slice(0, 4).join())).toEqual([
      "0,exact,0<i>,train",
      "0,exact,1<i>,test",
      "1,near,2<i>,train",
      "1,near,3<i>,train",
    ]);
  });

  it("asks for nothing from outside, runs only the page's own script, and takes no name for markup", async () => {
    const { page } = await write("hostile", true);
    const [script, ...others] = page.match(/<script>.*?<\/script>/gs)!;
    expect(others).toEqual([]);
    const hash = createHash("sha256").update(script!.slice("<script>".length, -"</script>".length));
    expect(page).toContain(`script-src &#39;sha256-${hash.digest("base64")}&#39;`);
    expect(page.replace(script!, "")).not.toMatch(
      /<script|<img|https?:\/\/(?!www\.w3\.org)|href="javascript/i,
    );
    expect(page).toContain("default-src &#39;none&#39;");
    expect(page).toContain("5&lt;i&gt;");
  });

  it("shows the faces of copies, of blank images and of those without a face, in this order", async () => {
    const { page } = await write("faces", true);
    const [, base64] = /--sprite: url\(data:image\/png;base64,([^)]+)\)/.exec(page)!;
    const pixels = sharp(Buffer.from(base64!, "base64")).toColourspace("b-w").raw();
    const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 5 * SIDE, height: SIDE });
    const levels = Array.from({ length: 5 }, (_, place) => data[place * SIDE * info.channels]);
    // The third was left out.
    expect(levels).toEqual([0, 1, 3, 5, 4].map((index) => 40 * index));
    expect(page.match(/class="face"/g)).toHaveLength(5);
    expect(page).toContain("background-position:-384px 0");
    expect(page).toContain("2&lt;i&gt;");
  });

  it("has no image where none may be shown, and says how to see them", async () => {
    const { page } = await write("licensed", false);
    expect(page).not.toMatch(/data:image|class="face"/);
    expect(page).toContain("fer-bench datasets report example --with-images");
    const { page: unprocessed } = await write("unprocessed", true, false);
    expect(unprocessed).not.toMatch(/data:image\/png/);
    expect(unprocessed).toContain("once the set is preprocessed");
  });

  it("is the same again", async () => {
    expect((await write("one", true)).page).toBe((await write("two", true)).page);
  });
});

describe("groups of copies", () => {
  it("are told exact from near, and weighed by what they do to a benchmark", () => {
    const groups = repeatGroups(RECORDS);
    expect(groups.map(({ exact, labels, splits }) => ({ exact, labels, splits }))).toEqual([
      { exact: true, labels: ["angry", "happy"], splits: ["train", "test"] },
      { exact: false, labels: ["happy"], splits: ["train"] },
    ]);
    expect(byWeight([...groups].reverse()).map(({ number }) => number)).toEqual([0, 1]);
    expect(exactGroups(RECORDS).map(({ members }) => members.map(({ index }) => index))).toEqual([[0, 1]]);
  });

  it("are shown by one member of each split and label before the others", () => {
    const member = (index: number, split: string, label: string) => ({ ...RECORDS[0]!, index, split, label });
    const members = [
      member(0, "train", "angry"),
      member(1, "train", "angry"),
      member(2, "train", "happy"),
      member(3, "test", "angry"),
    ];
    const group = { number: 0, exact: true, labels: [], splits: [], members };
    expect(tellingMembers(group, 3).map(({ index }) => index)).toEqual([0, 2, 3]);
    expect(tellingMembers(group, 9).map(({ index }) => index)).toEqual([0, 2, 3, 1]);
  });

  it("are counted by what they bring together", () => {
    expect(pairCounts(repeatGroups(RECORDS), ({ splits }) => splits)).toEqual([
      { pair: ["test", "train"], groups: 1, images: 2 },
    ]);
  });
});
