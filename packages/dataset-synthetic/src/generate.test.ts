import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, readParquet, silent } from "@fer-bench/artifacts";
import { CANONICAL_LABELS, conformanceProblems, pixelSha256, type RawSample } from "@fer-bench/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SampleRow } from "./encode-sample.ts";
import { generate, IMAGES_FILE, OPTIONS_FILE, SAMPLES_FILE } from "./generate.ts";
import dataset, { type SyntheticOptions, syntheticOptions } from "./index.ts";
import { countSamples, planSamples } from "./plan.ts";

const SMALL = syntheticOptions.parse({ size: 64, identities: { train: 1, validation: 1, test: 1 } });

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "synthetic-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function make(name: string, options: SyntheticOptions, threads?: number): Promise<string> {
  const outDir = join(root, name);
  await generate({ outDir, options, progress: silent, ...(threads === undefined ? {} : { threads }) });
  return outDir;
}

async function checksums(dir: string): Promise<string[]> {
  const files = await Promise.all(
    [IMAGES_FILE, SAMPLES_FILE, OPTIONS_FILE].map((name) => readFile(join(dir, name))),
  );
  return files.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
}

async function readAll(rawDir: string, options: SyntheticOptions): Promise<RawSample[]> {
  const all: RawSample[] = [];
  for await (const sample of dataset.samples({ rawDir, options, progress: silent })) all.push(sample);
  return all;
}

describe("the plan", () => {
  it("has the default set's sizes, every class as often, and nobody in two splits", () => {
    const options = syntheticOptions.parse({});
    const plan = [...planSamples(options)];
    expect(plan).toHaveLength(countSamples(options));
    const splitsOf = new Map<number, Set<string>>();
    const counts = new Map<string, number>();
    for (const { person, split, label } of plan) {
      splitsOf.set(person, (splitsOf.get(person) ?? new Set()).add(split));
      counts.set(`${split} ${label}`, (counts.get(`${split} ${label}`) ?? 0) + 1);
    }
    expect([...splitsOf.values()].every((splits) => splits.size === 1)).toBe(true);
    for (const label of CANONICAL_LABELS) {
      expect(counts.get(`train ${label}`)).toBe(200);
      expect(counts.get(`validation ${label}`)).toBe(50);
      expect(counts.get(`test ${label}`)).toBe(50);
    }
    expect(new Set(plan.map((sample) => sample.id)).size).toBe(plan.length);
    expect(options.size).toBeGreaterThanOrEqual(160);
  });
});

describe("generate", () => {
  it("gives the same bytes for the same options, however many threads render", async () => {
    const one = await checksums(await make("one", SMALL, 1));
    expect(await checksums(await make("two", SMALL, 2))).toEqual(one);
  });

  it("gives other pictures for another seed", async () => {
    const options = { ...SMALL, seed: 2 };
    const [images] = await checksums(await make("seed 2", options));
    const [others] = await checksums(await make("seed 1", SMALL));
    expect(images).not.toBe(others);
  });

  it("reports its progress", async () => {
    const seen: number[] = [];
    const outDir = join(root, "progress");
    await generate({
      outDir,
      options: SMALL,
      progress: { note() {}, start: () => ({ update: (done) => void seen.push(done), end() {} }) },
    });
    expect(seen).toEqual(Array.from({ length: countSamples(SMALL) }, (_, i) => i + 1));
  });
});

describe("samples", () => {
  it("gives the generated pictures in plan order with box and landmarks", async () => {
    const rawDir = await make("read", SMALL);
    const all = await readAll(rawDir, SMALL);
    expect(all.map(({ id, split, label }) => ({ id, split, label }))).toEqual(
      [...planSamples(SMALL)].map(({ id, split, label }) => ({ id, split, label })),
    );
    const rows = await readParquet<SampleRow>(join(rawDir, SAMPLES_FILE));
    for (const [i, sample] of all.entries()) {
      expect(sample.subject).toBe(rows[i]!.subject);
      expect(sample.image.width).toBe(64);
      expect(sample.image.channels).toBe(3);
      expect(sample.landmarks).toHaveLength(136);
      expect(sample.box!.width).toBe(rows[i]!.boxWidth);
      expect(rows[i]!.faceTop).toBeLessThan(Math.min(...rows[i]!.landmarks.filter((_, at) => at % 2)));
    }
    const again = await readAll(rawDir, SMALL);
    expect(again.map((sample) => pixelSha256(sample.image))).toEqual(
      all.map((sample) => pixelSha256(sample.image)),
    );
  });

  it("keep the promises of every data set package", async () => {
    const rawDir = await make("conforms", SMALL);
    const one = Object.fromEntries(CANONICAL_LABELS.map((label) => [label, 1]));
    const problems = await conformanceProblems({
      dataset,
      options: SMALL,
      rawDir,
      classes: CANONICAL_LABELS,
      counts: { train: one, validation: one, test: one },
    });
    expect(problems).toEqual([]);
  });

  it("says so when nothing was generated", async () => {
    await expect(readAll(join(root, "nowhere"), SMALL)).rejects.toMatchObject({ code: "missing" });
  });

  it("refuses a set made with other options", async () => {
    const rawDir = await make("other", SMALL);
    await expect(readAll(rawDir, { ...SMALL, seed: 3 })).rejects.toMatchObject({
      code: "bad-data",
      file: join(rawDir, OPTIONS_FILE),
    });
  });

  it("refuses a truncated archive and one that is not its table's", async () => {
    const rawDir = await make("broken", SMALL);
    await truncate(join(rawDir, IMAGES_FILE), 40_000);
    await expect(readAll(rawDir, SMALL)).rejects.toMatchObject({
      name: "FerBenchError",
      file: expect.stringContaining(IMAGES_FILE),
    });
    const larger = await make("larger", { ...SMALL, identities: { ...SMALL.identities, train: 2 } });
    await writeFile(join(rawDir, IMAGES_FILE), await readFile(join(larger, IMAGES_FILE)));
    await expect(readAll(rawDir, SMALL)).rejects.toMatchObject({ code: "bad-data" });
  });
});

describe("options", () => {
  const parse = (value: unknown) => parseConfig(syntheticOptions, value, "datasets.manifest.json");

  it("name an unknown key and the one that was meant", () => {
    expect(() => parse({ sede: 1 })).toThrowError(
      expect.objectContaining({ code: "bad-config", field: "sede", remedy: expect.stringContaining("seed") }),
    );
  });

  it("refuse what cannot be drawn", () => {
    for (const bad of [{ size: 8 }, { seed: -1 }, { occlusion: 2 }, { identities: { train: 0 } }]) {
      expect(() => parse(bad)).toThrowError(expect.objectContaining({ code: "bad-config" }));
    }
  });
});
