import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silent } from "@fer-bench/artifacts";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { openSource } from "../archives/open-source.ts";
import { createTarWriter } from "../archives/tar-writer.ts";
import { openNested } from "./open-nested.ts";
import { openPack, packContents, packedSamples, placePack } from "./packs.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-pack-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const dataset = { name: "tiny", title: "Tiny", howToImport: "import it again" };
const contents = z.strictObject({ labels: z.array(z.string()) });
const names = ["a.png", "with a space and ünïcode.png", `${"long/".repeat(40)}b.png`];

async function picture(value: number): Promise<Buffer> {
  const raw = { width: 2, height: 1, channels: 1 } as const;
  return sharp(Uint8Array.of(value, 0), { raw }).toColourspace("b-w").png().toBuffer();
}

const place = (rawDir: string, fail = false) =>
  placePack({ rawDir, dataset, source: "/from/here", progress: silent }, async (add) => {
    for (const [i, name] of names.entries()) await add(name, await picture(i));
    if (fail) throw new Error("interrupted");
    return { form: "three pictures", contents: { labels: ["x", "y", "z"] } };
  });

test("pictures come back by name in any order, also by any tar reader", async () => {
  const rawDir = join(dir, "raw");
  const summary = await place(rawDir);
  expect(summary).toMatchObject({ form: "three pictures", warnings: [] });
  const pack = await openPack(rawDir, dataset, contents);
  expect(pack.contents).toEqual({ labels: ["x", "y", "z"] });
  expect(await packContents(rawDir, dataset, contents)).toEqual(pack.contents);
  const plan = ({ labels }: typeof pack.contents) =>
    [2, 0, 1].map((i) => ({ path: names[i]!, i, label: labels[i] }));
  const decoded = [];
  for await (const { i, label, image } of packedSamples(rawDir, dataset, contents, plan)) {
    decoded.push([i, image.data[0]]);
    expect(label).toBe(pack.contents.labels[i]);
  }
  expect(decoded).toEqual([
    [2, 2],
    [0, 0],
    [1, 1],
  ]);
  await expect(pack.read("c.png")).rejects.toThrow("a picture is not in the import");
  await pack.close();
  const entries: Buffer[] = [];
  for await (const entry of openSource(join(rawDir, "images.tar"))) entries.push(await entry.bytes());
  expect(entries.slice(0, 3)).toEqual(await Promise.all(names.map((_, i) => picture(i))));
});

test("an import that fails leaves the one before; a damaged one is refused", async () => {
  const rawDir = join(dir, "raw");
  await expect(place(rawDir, true)).rejects.toThrow("interrupted");
  expect(await readdir(dir)).toEqual([]);
  await place(rawDir);
  const before = await readFile(join(rawDir, "import.json"), "utf8");
  await expect(place(rawDir, true)).rejects.toThrow("interrupted");
  expect(await readFile(join(rawDir, "import.json"), "utf8")).toBe(before);
  expect((await readdir(rawDir)).sort()).toEqual(["images.tar", "import.json"]);
  await expect(openPack(rawDir, dataset, z.strictObject({}))).rejects.toThrow("another version of fer-bench");
  await truncate(join(rawDir, "images.tar"), 100);
  await expect(openPack(rawDir, dataset, contents)).rejects.toThrow("it had");
});

test("archives in a folder are opened where they lie, and litter is passed over", async () => {
  const folder = join(dir, "source");
  await mkdir(join(folder, "Image", "__MACOSX"), { recursive: true });
  await writeFile(join(folder, "Image", ".DS_Store"), "x");
  await writeFile(join(folder, "Image", "__MACOSX", "a.txt"), "x");
  await writeFile(join(folder, "labels.txt"), "labels");
  const tar = createTarWriter(join(folder, "Image", "aligned.tar"));
  await tar.add("aligned/1.txt", Buffer.from("one"));
  await tar.add("._1.txt", Buffer.from("litter"));
  await tar.close();
  const found: [string, string][] = [];
  for await (const entry of openNested(folder)) found.push([entry.name, (await entry.bytes()).toString()]);
  expect(found).toEqual([
    ["Image/aligned/1.txt", "one"],
    ["labels.txt", "labels"],
  ]);
});

test("a record that names a file elsewhere, or one that is not there, is refused", async () => {
  const rawDir = join(dir, "raw");
  await place(rawDir);
  const record = JSON.parse(await readFile(join(rawDir, "import.json"), "utf8"));
  for (const [file, message] of [
    ["../raw/images.tar", /not the record of an import/],
    ["other.tar", /the imported file has gone/],
  ] as const) {
    await writeFile(
      join(rawDir, "import.json"),
      JSON.stringify({ ...record, data: { ...record.data, file } }),
    );
    await expect(openPack(rawDir, dataset, contents)).rejects.toThrow(message);
  }
});
