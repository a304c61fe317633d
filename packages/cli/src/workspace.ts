import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";

export const MANIFEST = "datasets.manifest.json";

export type DatasetStage = "generate" | "prepare" | "preprocess" | "describe";
export type BenchmarkStage =
  | "features"
  | "train"
  | "evaluate"
  | "robustness"
  | "activation-maps"
  | "export"
  | "report";

/** Where things are in a workspace: the folder that holds `datasets.manifest.json`. */
export interface Workspace {
  readonly root: string;
  readonly manifest: string;
  /** Raw data of a set, as imported. */
  rawDir(set: string): string;
  datasetDir(set: string, stage: DatasetStage): string;
  /** Finished runs that are kept. */
  readonly runsDir: string;
  benchmarkFile(name: string): string;
  benchmarkDir(name: string, stage: BenchmarkStage): string;
}

/** The workspace at `start`, or the nearest one above it. */
export function findWorkspace(start: string): Workspace {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, MANIFEST))) return workspaceAt(folder);
    if (folder === dirname(folder)) {
      throw new FerBenchError("missing", `no ${MANIFEST} here or in a folder above`, {
        file: resolve(start),
        remedy: "run fer-bench inside a workspace, or name one with --workspace",
      });
    }
  }
}

function workspaceAt(root: string): Workspace {
  return {
    root,
    manifest: join(root, MANIFEST),
    rawDir: (set) => join(root, "data", "raw", set),
    datasetDir: (set, stage) => join(root, "artifacts", "datasets", set, stage),
    runsDir: join(root, "runs"),
    benchmarkFile: (name) => join(root, "benchmarks", name, "benchmark.json"),
    benchmarkDir: (name, stage) => join(root, "artifacts", "benchmarks", name, stage),
  };
}
