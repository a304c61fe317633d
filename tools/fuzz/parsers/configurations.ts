import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openArtifact, readJson, writeNpy } from "@fer-bench/artifacts";
import { readManifest } from "@fer-bench/datasets";
import { parseBenchmark, readFeaturesJson } from "@fer-bench/train";
import { artifactAt, sealArtifact } from "../../../packages/artifacts/src/artifact.ts";
import { readResults, readRun } from "../../../packages/cli/src/kept-runs.ts";
import { findWorkspace } from "../../../packages/cli/src/workspace.ts";
import { writeEvaluation, writeTraining } from "../../../packages/report/src/finished-stages.test.helper.ts";
import { readMetrics } from "../../../packages/report/src/read-evaluation.ts";
import { readTraining } from "../../../packages/report/src/read-training.ts";
import { oddJsonBytes, oddLines } from "../odd-json.ts";
import type { Parser } from "../parser.ts";
import { fromFolder, jsonExample, repositoryFile } from "./examples.ts";

/** The JSON that users write, and that stages hand on. */
export const configurations: readonly Parser[] = [
  {
    name: "datasets.manifest.json",
    file: "datasets.manifest.json",
    onDisk: true,
    async examples() {
      const { datasets } = JSON.parse(`${await readFile(repositoryFile("datasets.manifest.json"))}`) as {
        datasets: Record<string, unknown>;
      };
      const some = ["fer2013", "ferplus", "muxspace", "synthetic"];
      return [jsonExample({ datasets: Object.fromEntries(some.map((name) => [name, datasets[name]])) })];
    },
    grammar: oddJsonBytes,
    read: ({ path }) => readManifest(path),
  },
  {
    name: "benchmark.json",
    file: "benchmark.json",
    onDisk: true,
    examples: () =>
      Promise.all(
        ["fer2013-b0-frozen", "fer2013-efficientnets-frozen", "fer2013-efficientnetv2-48"].map((name) =>
          readFile(repositoryFile(`benchmarks/${name}/benchmark.json`)),
        ),
      ),
    grammar: oddJsonBytes,
    read: async ({ path }) => parseBenchmark(await readJson(path), path),
  },
  {
    name: "artifact.json",
    file: "artifact.json",
    onDisk: true,
    prepare: async (folder) => {
      await writeNpy(join(folder, "faces.npy"), new Uint8Array(4), [1, 2, 2]);
    },
    examples: () =>
      fromFolder(async (folder) => {
        await writeNpy(join(folder, "faces.npy"), new Uint8Array(4), [1, 2, 2]);
        await sealArtifact(folder, "preprocess");
        return ["artifact.json"];
      }),
    grammar: oddJsonBytes,
    read: ({ path }) => openArtifact(dirname(path), "preprocess"),
  },
  {
    name: "features.json",
    file: "features.json",
    onDisk: true,
    examples: async () => [
      jsonExample({
        backbone: { name: "efficientnet-b0.random", title: "EfficientNet-B0", note: "random" },
        input: { size: 48, channels: 3 },
        dimensions: 1280,
        batchSize: 32,
        calibration: { dataset: "set", images: 64, batchSize: 32, seed: 1 },
        datasets: { set: { classes: ["angry", "happy"], count: 3 } },
      }),
    ],
    grammar: oddJsonBytes,
    read: ({ folder }) =>
      readFeaturesJson(
        artifactAt(folder, {
          format: "fer-bench/artifact",
          version: 1,
          stage: "features",
          identity: "0".repeat(64),
          files: [{ path: "features.json", bytes: 0, sha256: "0".repeat(64) }],
        }),
      ),
  },
  {
    name: "metrics.json",
    file: "metrics.json",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        await writeEvaluation(folder, 1);
        return ["metrics.json"];
      }),
    grammar: oddJsonBytes,
    read: ({ folder }) => readMetrics(folder),
  },
  {
    name: "history.jsonl",
    file: "history.jsonl",
    onDisk: true,
    prepare: (folder) => writeTraining(folder),
    examples: () =>
      fromFolder(async (folder) => {
        await writeTraining(folder);
        return ["history.jsonl"];
      }),
    grammar: oddLines,
    beside: ["train.json"],
    read: ({ folder }) => readTraining(folder),
  },
  {
    name: "runs/results.jsonl",
    file: "runs/results.jsonl",
    onDisk: true,
    prepare: async (folder) => {
      await writeFile(join(folder, "datasets.manifest.json"), "{}");
      await mkdir(join(folder, "runs"));
    },
    examples: async () => {
      const line = {
        keptAt: "2026-01-02T03:04:05.678Z",
        benchmark: "b",
        hash: "0123456789ab",
        commit: "0123456789ab+",
        target: "set",
        split: "test",
        n: 10,
        accuracy: 0.5,
        low: 0.4,
        high: 0.6,
        balancedAccuracy: 0.5,
        macroF1: 0.5,
      };
      return [Buffer.from(`${JSON.stringify(line)}\n${JSON.stringify({ ...line, commit: null })}\n`)];
    },
    grammar: oddLines,
    read: ({ folder }) => readResults(findWorkspace(folder)),
  },
  {
    name: "run.json",
    file: "run.json",
    onDisk: true,
    examples: async () => [
      jsonExample({
        format: "fer-bench/run",
        version: 1,
        benchmark: "b",
        hash: "0123456789ab",
        keptAt: "2026-01-02T03:04:05.678Z",
        facts: {
          configuration: { backbone: "pixels" },
          data: { set: { checksums: { test: "0" } } },
          code: { commit: null, libraries: {} },
          machine: { cpu: "Example" },
        },
      }),
    ],
    grammar: oddJsonBytes,
    read: ({ folder }) => readRun(folder),
  },
];
