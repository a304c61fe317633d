import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FerBenchError, readParquet, silent } from "@fer-bench/artifacts";
import sharp from "sharp";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { CommandContext } from "../context.ts";
import { findWorkspace } from "../workspace.ts";
import { type AddOptions, addDataset } from "./add-dataset.ts";
import { prepare } from "./prepare.ts";
import { preprocess } from "./preprocess.ts";

const base = mkdtempSync(join(tmpdir(), "fer-bench-add-"));
afterAll(() => rmSync(base, { recursive: true }));

let root: string;
let faces: string;
let printed: string[];
let pictures = 0;

beforeEach(() => {
  root = mkdtempSync(join(base, "workspace-"));
  faces = join(root, "handed out");
  printed = [];
  pictures = 0;
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(join(root, "datasets.manifest.json"), '{ "datasets": {} }\n');
});

const context = (options: Partial<CommandContext> = {}): CommandContext => ({
  workspace: findWorkspace(root),
  progress: silent,
  offline: false,
  threads: 1,
  json: false,
  print: (line) => void printed.push(line),
  ...options,
});

/** A picture of its own: stripes that differ from one to the next. */
async function putPicture(path: string, channels: 1 | 3 = 1): Promise<void> {
  const seed = ++pictures;
  const size = 24;
  const data = Uint8Array.from({ length: size * size * channels }, (_, i) => (i * (seed + 3) * 7) % 251);
  mkdirSync(dirname(join(faces, path)), { recursive: true });
  const picture = sharp(data, { raw: { width: size, height: size, channels } });
  await picture
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png()
    .toFile(join(faces, path));
}

async function putFolders(): Promise<void> {
  for (const split of ["train", "test"]) {
    for (const label of ["Happiness", "sad", "puzzled"]) {
      for (const number of [1, 2, 3, 4]) await putPicture(`${split}/${label}/${number}.png`);
    }
  }
}

const add = (name: string, options: Partial<AddOptions> = {}, json = false) =>
  addDataset(context({ json }), name, { layout: "folders", path: faces, redistributable: false, ...options });

const manifest = () => JSON.parse(readFileSync(join(root, "datasets.manifest.json"), "utf8"));

async function refusal(of: Promise<unknown>): Promise<FerBenchError> {
  const error = await of.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FerBenchError);
  return error as FerBenchError;
}

describe("class folders", () => {
  test("become an entry whose chain runs", async () => {
    await putFolders();
    await add("my-set", { title: "Mine", licence: "CC BY 4.0", redistributable: true });
    const entry = manifest().datasets["my-set"];
    expect(entry).toMatchObject({
      package: "@fer-bench/dataset-folders",
      title: "Mine",
      licence: { name: "CC BY 4.0", redistributable: true },
      classes: ["happy", "sad", "puzzled"],
      channels: 1,
      face: { kind: "whole" },
    });
    expect(entry.expected.counts.test).toEqual({ happy: 4, sad: 4, puzzled: 4 });
    expect(printed.join("\n")).toMatch(/my-set: .*happy, sad, puzzled\n {2}train +\d+\n/);
    for (const stage of [prepare, preprocess]) await stage(context(), "my-set");
    const rows = await readParquet<{ split: string; label: string }>(
      join(root, "artifacts", "datasets", "my-set", "preprocess", "faces.parquet"),
    );
    expect(rows).toHaveLength(24);
    expect(rows.filter(({ split, label }) => split === "test" && label === "puzzled")).toHaveLength(4);
  });

  test("that change afterwards are told from what was added", async () => {
    await putFolders();
    await add("my-set");
    const counted = manifest();
    counted.datasets["my-set"].expected.counts.test.sad = 5;
    writeFileSync(join(root, "datasets.manifest.json"), JSON.stringify(counted));
    const error = await refusal(prepare(context(), "my-set"));
    expect(error.message).toMatch(/sad/);
  });

  test("of one class are refused, and nothing is left of them", async () => {
    for (const number of [1, 2, 3, 4, 5]) await putPicture(`happy/${number}.png`);
    const error = await refusal(add("my-set"));
    expect(error.message).toBe("every picture is of the one class happy");
    expect(existsSync(join(root, "data", "raw", "my-set"))).toBe(false);
    expect(manifest().datasets).toEqual({});
  });

  test("with a picture that is none are refused by its name, and nothing is left of them", async () => {
    await putFolders();
    writeFileSync(join(faces, "train", "sad", "5.png"), "no picture");
    const error = await refusal(add("my-set"));
    expect(`${error.file} ${error.message}`).toContain("sad/5.png");
    expect(existsSync(join(root, "data", "raw", "my-set"))).toBe(false);
    expect(manifest().datasets).toEqual({});
  });
});

describe("a table", () => {
  const COLUMNS = { image: "file", label: "emotion", subject: "who" };

  async function putTable(rows: readonly string[], header = "file,emotion,who,left,top,width,height") {
    writeFileSync(join(faces, "list.csv"), [header, ...rows, ""].join("\n"));
  }

  test("has its columns named, its words told, its boxes and its people kept", async () => {
    const rows: string[] = [];
    for (const who of Array.from({ length: 10 }, (_, i) => `p${i}`)) {
      for (const [word, number] of [
        [1, 1],
        [2, 2],
      ] as const) {
        await putPicture(`${who}-${number}.png`, 3);
        rows.push(`${who}-${number}.png,${word},${who},4,4,16,16`);
      }
    }
    await putTable(rows);
    await add(
      "listed",
      { layout: "csv", path: join(faces, "list.csv"), columns: COLUMNS, classes: { 1: "happy", 2: "blink" } },
      true,
    );
    const { name, entry } = JSON.parse(printed.join("\n"));
    expect(name).toBe("listed");
    expect(entry).toEqual(manifest().datasets.listed);
    expect(entry).toMatchObject({
      classes: ["happy", "blink"],
      channels: 3,
      face: { kind: "box", margin: 0.1 },
      options: { layout: "csv", columns: COLUMNS },
    });
    for (const stage of [prepare, preprocess]) await stage(context(), "listed");
    const records = await readParquet<{ subject: string; split: string }>(
      join(root, "artifacts", "datasets", "listed", "prepare", "records.parquet"),
    );
    const people = new Set(records.map(({ subject }) => subject));
    expect(people.size).toBe(10);
    const placed = new Set(records.map(({ subject, split }) => `${subject} ${split}`));
    expect(placed.size).toBe(people.size);
  });

  test("without the column that is named is refused in words", async () => {
    await putPicture("a.png");
    await putTable(["a.png,happy"], "picture,emotion");
    const error = await refusal(
      add("listed", { layout: "csv", path: join(faces, "list.csv"), columns: COLUMNS }),
    );
    expect(`${error.field} ${error.message}`).toContain("file");
    expect(manifest().datasets).toEqual({});
  });

  test("with columns that nobody knows is refused", async () => {
    await putFolders();
    const error = await refusal(add("listed", { columns: { picture: "file" } }));
    expect(error).toMatchObject({ code: "bad-config", field: "--columns" });
  });
});

describe("what is refused before anything is read", () => {
  test("a name that is taken, one that is none, a path where nothing is, raw data of that name", async () => {
    await putFolders();
    await add("my-set");
    const before = readFileSync(join(root, "datasets.manifest.json"), "utf8");
    expect((await refusal(add("my-set"))).message).toBe('there is a data set "my-set" already');
    expect((await refusal(add("../my set"))).message).toContain("cannot name a data set");
    expect((await refusal(add("new", { path: join(faces, "nowhere") }))).message).toBe(
      "there is nothing to add",
    );
    mkdirSync(join(root, "data", "raw", "left"), { recursive: true });
    expect((await refusal(add("left"))).message).toBe("there are raw data of that name already");
    expect(existsSync(join(root, "data", "raw", "left"))).toBe(true);
    expect(readFileSync(join(root, "datasets.manifest.json"), "utf8")).toBe(before);
  });
});
