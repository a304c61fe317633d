import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FerBenchError, nearest, parseConfig, readJson } from "@fer-bench/artifacts";
import { type Benchmark, benchmarkSchema } from "@fer-bench/train";
import type { Workspace } from "./workspace.ts";

/** Reads `benchmarks/<name>/benchmark.json`, with an error that lists those there are. */
export async function loadBenchmark(workspace: Workspace, name: string): Promise<Benchmark> {
  const file = workspace.benchmarkFile(name);
  if (!existsSync(file)) {
    const folder = join(workspace.root, "benchmarks");
    const names = (await readdir(folder).catch(() => [])).filter((n) =>
      existsSync(workspace.benchmarkFile(n)),
    );
    const near = nearest(name, names);
    throw new FerBenchError("missing", `there is no benchmark "${name}"`, {
      file: dirname(file),
      remedy: near ? `did you mean "${near}"?` : `known: ${names.join(", ") || "none"}`,
    });
  }
  return parseConfig(benchmarkSchema, await readJson(file), file);
}

/** Every data set that a benchmark touches: its source first, then the other targets. */
export function dataSetsOf(benchmark: Benchmark): string[] {
  return [...new Set([benchmark.source, ...benchmark.targets])];
}

/** The stages of every data set that a benchmark touches, by data set. */
export function datasetStages(
  workspace: Workspace,
  benchmark: Benchmark,
): Record<string, { prepareDir: string; preprocessDir: string }> {
  return Object.fromEntries(
    dataSetsOf(benchmark).map((set) => [
      set,
      {
        prepareDir: workspace.datasetDir(set, "prepare"),
        preprocessDir: workspace.datasetDir(set, "preprocess"),
      },
    ]),
  );
}
