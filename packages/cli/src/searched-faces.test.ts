import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readParquet, silent } from "@fer-bench/artifacts";
import { CANONICAL_LABELS } from "@fer-bench/datasets";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describe as describeSet } from "./commands/describe.ts";
import { evaluate } from "./commands/evaluate.ts";
import { exportClassifier } from "./commands/export.ts";
import { features } from "./commands/features.ts";
import { generate } from "./commands/generate.ts";
import { prepare } from "./commands/prepare.ts";
import { preprocess } from "./commands/preprocess.ts";
import { report } from "./commands/report.ts";
import { train } from "./commands/train.ts";
import type { CommandContext } from "./context.ts";
import { findWorkspace } from "./workspace.ts";

/* A set in some of whose pictures no face is found, through every stage. */

const counts = Object.fromEntries(CANONICAL_LABELS.map((label) => [label, 2]));
const MANIFEST = {
  datasets: {
    portraits: {
      package: "@fer-bench/dataset-synthetic",
      title: "Portraits",
      licence: { name: "MIT", redistributable: true },
      citation: "Rendered.",
      source: { howToGet: "Rendered by its generate stage." },
      generated: true,
      classes: CANONICAL_LABELS,
      channels: 3,
      // Faces of about the least size that is found.
      options: { size: 128, variation: 1.2, identities: { train: 2, validation: 2, test: 2 } },
      face: { kind: "dlib", ifNone: "drop" },
      expected: { counts: { train: counts, validation: counts, test: counts } },
    },
  },
};
const BENCHMARK = {
  title: "Pixels",
  source: "portraits",
  targets: ["portraits"],
  backbone: "pixels",
  train: { head: { hidden: null }, epochs: 2 },
  report: { tsne: { points: 7, perplexity: 2 }, umap: { points: 7, neighbours: 3 } },
};

let context: CommandContext;
const printed: string[] = [];

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "fer-bench-searched-faces-"));
  await writeFile(join(root, "datasets.manifest.json"), JSON.stringify(MANIFEST));
  await mkdir(join(root, "benchmarks/pixels"), { recursive: true });
  await writeFile(join(root, "benchmarks/pixels/benchmark.json"), JSON.stringify(BENCHMARK));
  context = {
    workspace: findWorkspace(root),
    progress: silent,
    offline: true,
    threads: 2,
    json: false,
    print: (line) => void printed.push(line),
  };
});
afterAll(() => rm(context.workspace.root, { recursive: true, force: true }));

it("goes with the pictures that have a face, and says how many that are", { timeout: 300_000 }, async () => {
  const { workspace } = context;
  for (const stage of [generate, prepare, preprocess]) await stage(context, "portraits");
  const dir = workspace.datasetDir("portraits", "preprocess");
  const rows = await readParquet<{ id: string; split: string }>(join(dir, "faces.parquet"));
  const dropped = await readParquet<{ id: string }>(join(dir, "dropped.parquet"));
  expect(rows.length + dropped.length).toBe(42);
  expect(dropped.length).toBeGreaterThan(0);
  const test = rows.filter(({ split }) => split === "test").map(({ id }) => id);
  expect(test.length).toBeGreaterThan(7);

  await features(context, "pixels", {});
  await train(context, "pixels", {});
  await evaluate(context, "pixels", {});
  const evaluated = workspace.benchmarkDir("pixels", "evaluate");
  const { targets } = JSON.parse(await readFile(join(evaluated, "metrics.json"), "utf8"));
  expect(targets[0].n).toBe(test.length);
  const predictions = await readParquet<{ id: string }>(join(evaluated, "portraits.predictions.parquet"));
  expect(predictions.map(({ id }) => id)).toEqual(test);
  const made = await readFile(join(workspace.benchmarkDir("pixels", "features"), "features.json"), "utf8");
  expect(JSON.parse(made).datasets.portraits.count).toBe(rows.length);

  await exportClassifier(context, "pixels", { half: false });
  await report(context, "pixels");
  const page = await readFile(join(workspace.benchmarkDir("pixels", "report"), "index.html"), "utf8");
  const lost = 14 - test.length;
  expect(page).toContain(`In ${lost} of 14 test images no face was found: they are left out.`);
  expect(page).toContain("left out for want of a face counted as mistakes");
  const described = await readFile(await describeSet(context, "portraits"), "utf8");
  expect(described).toContain(`${dropped.length} images hold none`);
});
