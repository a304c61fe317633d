import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FerBenchError, nearest, readJson } from "@fer-bench/artifacts";
import { type Benchmark, type BenchmarkFile, type GridCell, parseBenchmark } from "@fer-bench/train";
import type { Workspace } from "./workspace.ts";

/** What the stages before the report run: a benchmark, or one cell of a grid. */
export interface Run {
  /** `<benchmark>`, or `<benchmark>/<cell>`; its stages' folders and its Nx project are called so. */
  readonly name: string;
  /** The name under which its features are. */
  readonly features: string;
  readonly benchmark: Benchmark;
  /** Runs of the same one are cells that differ in their seed alone; absent where the grid varies none. */
  readonly seedGroup?: string;
}

/** Reads `benchmarks/<name>/benchmark.json`, with an error that lists those there are. */
export async function loadBenchmark(workspace: Workspace, name: string): Promise<BenchmarkFile> {
  const file = workspace.benchmarkFile(name);
  if (!existsSync(file)) {
    const names = await benchmarkNames(workspace);
    const near = nearest(name, names);
    throw new FerBenchError("missing", `there is no benchmark "${name}"`, {
      file: dirname(file),
      remedy: near ? `did you mean "${near}"?` : `known: ${names.join(", ") || "none"}`,
    });
  }
  return parseBenchmark(await readJson(file), file);
}

/** The folders of benchmarks/ that hold a benchmark, by name. */
export async function benchmarkNames(workspace: Workspace): Promise<string[]> {
  const folders = await readdir(join(workspace.root, "benchmarks")).catch(() => []);
  return folders.sort().filter((name) => existsSync(workspace.benchmarkFile(name)));
}

/** All that a benchmark runs: itself, or its cells. */
export function runsOf(name: string, loaded: BenchmarkFile): readonly [Run, ...Run[]] {
  if (loaded.kind === "single") return [{ name, features: name, benchmark: loaded.benchmark }];
  const [first, ...others] = loaded.cells;
  return [runOf(name, first), ...others.map((cell) => runOf(name, cell))];
}

function runOf(name: string, { name: cell, features, benchmark, values }: GridCell): Run {
  const others = Object.entries(values).filter(([field]) => !isSeed(field));
  const hasSeeds = others.length < Object.keys(values).length;
  return {
    name: `${name}/${cell}`,
    features: `${name}/${features}`,
    benchmark,
    ...(hasSeeds && { seedGroup: [name, ...others.map((field) => field.join("="))].join("/") }),
  };
}

function isSeed(field: string): boolean {
  return field.endsWith(".seed");
}

/**
 * The run that a user named: `<benchmark>`, or `<benchmark>/<cell>` where that is a grid. A cell may be named by those
 * words that no other has: `b3` for `efficientnet-b3.random`.
 */
export async function loadRun(workspace: Workspace, given: string): Promise<Run> {
  return chooseRun(workspace, given, (run) => run.name);
}

/** The same for the features stage, which cells that differ in training alone have in common. */
export async function loadFeaturesRun(workspace: Workspace, given: string): Promise<Run> {
  return chooseRun(workspace, given, (run) => run.features);
}

async function chooseRun(workspace: Workspace, given: string, nameOf: (run: Run) => string): Promise<Run> {
  const [name, cell] = given.split(/\/(.*)/, 2) as [string, string | undefined];
  const loaded = await loadBenchmark(workspace, name);
  const runs = runsOf(name, loaded);
  if (loaded.kind === "single") {
    if (cell === undefined) return runs[0];
    throw new FerBenchError("bad-config", `${name} is no grid: it has no cell "${cell}"`, {
      file: workspace.benchmarkFile(name),
      remedy: `name the benchmark alone: ${name}`,
    });
  }
  const exact = runs.find((run) => run.name === given || nameOf(run) === given);
  if (exact) return exact;
  const alike = cell === undefined ? [] : runs.filter((run) => hasWords(run.name.slice(name.length), cell));
  const names = new Set((alike.length > 0 ? alike : runs).map(nameOf));
  if (names.size === 1 && alike.length > 0) return alike[0]!;
  const what =
    cell === undefined ? `${name} is a grid` : `"${cell}" names ${alike.length || "no"} cells of ${name}`;
  throw new FerBenchError("bad-config", what, {
    file: workspace.benchmarkFile(name),
    field: "grid",
    remedy: `name one of its cells: ${[...names].join(", ")}`,
  });
}

function hasWords(name: string, some: string): boolean {
  const apart = (text: string) =>
    `.${text
      .split(/[^A-Za-z0-9]+/)
      .filter(Boolean)
      .join(".")}.`;
  return apart(name).includes(apart(some));
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

/** What is asked of a stage that looks at a run's trained model again: its name, what it is, and its finished stages. */
export function trainedModel(workspace: Workspace, { name, features, benchmark }: Run) {
  return {
    benchmark,
    name,
    datasets: datasetStages(workspace, benchmark),
    featuresDir: workspace.benchmarkDir(features, "features"),
    trainDir: workspace.benchmarkDir(name, "train"),
    evaluateDir: workspace.benchmarkDir(name, "evaluate"),
  };
}
