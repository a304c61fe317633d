import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CANONICAL_LABELS } from "./labels.ts";
import { findDataset, readManifest } from "./manifest.ts";

const shipped = fileURLToPath(new URL("../../../datasets.manifest.json", import.meta.url));

test("the shipped manifest reads; its FER-2013 has the published numbers", async () => {
  const manifest = await readManifest(shipped);
  const { expected, classes, licence } = findDataset(manifest, "fer2013", shipped);
  const total = (counts: Record<string, number> = {}): number =>
    Object.values(counts).reduce((a, b) => a + b, 0);
  expect(classes).toEqual([...CANONICAL_LABELS]);
  expect(total(expected.counts.train)).toBe(28_709);
  expect(total(expected.counts.validation)).toBe(3_589);
  expect(total(expected.counts.test)).toBe(3_589);
  expect(licence.redistributable).toBe(false);
});

test.each([
  ["no JSON", "{", "bad-config", undefined],
  ["no data sets", "{}", "bad-config", "datasets"],
  ["a bad name", '{"datasets":{"Has Space":{}}}', "bad-config", "datasets.Has Space"],
  ["an unknown key", '{"datasets":{},"dataset":{}}', "bad-config", "dataset"],
])("%s is refused, naming the field", async (_what, text, code, field) => {
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-manifest-"));
  try {
    const file = join(folder, "datasets.manifest.json");
    await writeFile(file, text);
    await expect(readManifest(file)).rejects.toMatchObject({ code, file, ...(field && { field }) });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a set reads from sets that are there and have raw data of their own", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-manifest-"));
  try {
    const file = join(folder, "datasets.manifest.json");
    const { synthetic } = (await readManifest(shipped)).datasets;
    const read = async (change: object, generated = false) => {
      const votes = { ...synthetic, generated, reads: ["faces"] };
      const datasets = {
        faces: synthetic,
        votes,
        soft: { ...votes, raw: "votes" },
        last: { ...synthetic, ...change },
      };
      await writeFile(file, JSON.stringify({ datasets }));
      return readManifest(file);
    };
    expect((await read({})).datasets.soft).toMatchObject({ raw: "votes", reads: ["faces"] });
    for (const [change, field] of [
      [{ raw: "nothing" }, "raw"],
      [{ raw: "last" }, "raw"],
      [{ raw: "soft" }, "raw"],
      [{ reads: ["votes"] }, "reads"],
    ] as const) {
      await expect(read(change)).rejects.toMatchObject({
        code: "bad-config",
        field: `datasets.last.${field}`,
      });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a download has a checksum, and is of what may be passed on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-manifest-"));
  const file = join(folder, "datasets.manifest.json");
  const read = async (change: object, archive: object) => {
    const entry = {
      package: "tiny",
      title: "Tiny",
      licence: { name: "CC0", redistributable: true },
      citation: "none",
      source: { howToGet: "Ask." },
      archives: [{ file: "tiny.zip", ...archive }],
      classes: ["a", "b"],
      channels: 1,
      face: { kind: "whole" },
      expected: { counts: {} },
      ...change,
    };
    await writeFile(file, JSON.stringify({ datasets: { tiny: entry } }));
    return readManifest(file);
  };
  try {
    const urls = ["https://example.org/tiny.zip"];
    const sha256 = "0".repeat(64);
    expect((await read({}, { urls, sha256 })).datasets.tiny?.archives[0]?.urls).toEqual(urls);
    const commit = `https://example.org/archive/${"a1".repeat(20)}.zip`;
    expect((await read({}, { urls: [commit] })).datasets.tiny?.archives[0]?.urls).toEqual([commit]);
    await expect(read({}, { urls: [commit.replace("https", "http")] })).rejects.toMatchObject({
      field: "datasets.tiny.archives.0.sha256",
    });
    await expect(read({}, { urls })).rejects.toMatchObject({
      message: expect.stringMatching(/a download needs the sha256/),
      field: "datasets.tiny.archives.0.sha256",
    });
    await expect(read({}, { urls: ["file:///etc/passwd"], sha256 })).rejects.toMatchObject({
      field: "datasets.tiny.archives.0.urls.0",
    });
    const licence = { name: "on request", redistributable: false };
    expect((await read({ licence }, { urls, sha256, licence: "MIT" })).datasets).toHaveProperty("tiny");
    await expect(read({ licence }, { urls, sha256 })).rejects.toMatchObject({
      message: expect.stringMatching(/images that may not be passed on are not downloaded/),
      field: "datasets.tiny.archives.0.urls",
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("an unknown data set: the nearest name, or all there are", async () => {
  const manifest = await readManifest(shipped);
  expect(() => findDataset(manifest, "synthetik", shipped)).toThrow(
    expect.objectContaining({ remedy: 'did you mean "synthetic"?' }),
  );
  expect(() => findDataset(manifest, "toString", shipped)).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining("fer2013") }),
  );
});
