import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  appendFile,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import {
  type Artifact,
  abandonedPaths,
  explainDisk,
  FerBenchError,
  openArtifact,
  parseConfig,
  readJson,
  temporaryPath,
} from "@fer-bench/artifacts";
import { z } from "zod";
import { dataSetsOf, type Run } from "./load-benchmark.ts";
import type { Workspace } from "./workspace.ts";

/*
 * Finished runs, kept when the artifacts that made them are long replaced: runs/<benchmark>/<hash>/ has the metrics, the
 * predictions and run.json; runs/results.jsonl has a line a run and data set, to which lines are only added.
 */

/** What is kept of an evaluate stage; its test features can be made again, and are large. */
const isKept = (file: string) => file === "metrics.json" || file.endsWith(".predictions.parquet");

const runSchema = z.object({
  format: z.literal("fer-bench/run"),
  version: z.literal(1),
  benchmark: z.string(),
  hash: z.string(),
  /** ISO 8601 */
  keptAt: z.string(),
  facts: z.object({
    configuration: z.unknown(),
    data: z.unknown(),
    code: z.looseObject({ commit: z.string().nullable() }),
    machine: z.unknown(),
  }),
});

const resultSchema = z.object({
  keptAt: z.string(),
  benchmark: z.string(),
  hash: z.string(),
  commit: z.string().nullable(),
  target: z.string(),
  split: z.string(),
  n: z.int(),
  accuracy: z.number(),
  low: z.number(),
  high: z.number(),
  balancedAccuracy: z.number(),
  macroF1: z.number(),
  /** The bootstrap's interval of the accuracy; runs of old have none. */
  bootstrap: z.object({ low: z.number(), high: z.number(), groups: z.int().nullable() }).optional(),
});

/** Of an evaluate stage's metrics.json, what a line of results says. */
const metricsSchema = z.object({
  targets: z.array(
    z.object({
      target: z.string(),
      split: z.string(),
      metrics: z.object({
        n: z.int(),
        accuracy: z.object({ value: z.number(), low: z.number(), high: z.number() }),
        balancedAccuracy: z.number(),
        macroF1: z.number(),
        bootstrap: z.object({ accuracy: resultSchema.shape.bootstrap.unwrap() }).optional(),
      }),
    }),
  ),
});

/** A run's `run.json`, and where it is. */
export interface KeptRun extends z.output<typeof runSchema> {
  dir: string;
}

/** A line of `runs/results.jsonl`. */
export type KeptResult = z.output<typeof resultSchema>;

/** Fields of a benchmark that say what its page shows, or what else is asked of the model: they make no other run. */
const OF_THE_PAGE = ["title", "notes", "published", "report", "beside", "robustness", "activationMaps"];

/** Letters of a run's hash that name it. */
const HASH_LENGTH = 12;

/**
 * Keeps a benchmark's finished run under the hash of its metrics and predictions, unless it is kept already, and gives
 * what is kept of it. Where an earlier run was the last, a line says that this one is now.
 */
export async function keepRun(workspace: Workspace, run: Run): Promise<KeptRun> {
  const evaluated = await openArtifact(workspace.benchmarkDir(run.name, "evaluate"), "evaluate");
  const hash = evaluated.identity.slice(0, HASH_LENGTH);
  const parent = join(workspace.runsDir, run.name);
  const dir = join(parent, hash);
  try {
    if (!existsSync(join(dir, "run.json"))) await writeRun(workspace, run, evaluated, { parent, hash });
    const kept = await readRun(dir);
    await addResults(workspace, kept);
    return kept;
  } catch (error) {
    throw explainDisk(error, dir, "the finished run");
  }
}

/** Writes `<parent>/<hash>` whole or not at all. */
async function writeRun(
  workspace: Workspace,
  run: Run,
  evaluated: Artifact,
  { parent, hash }: { parent: string; hash: string },
): Promise<void> {
  const kept = {
    format: "fer-bench/run",
    version: 1,
    benchmark: run.name,
    hash,
    keptAt: new Date().toISOString(),
    facts: await factsOf(workspace, run),
  };
  await mkdir(parent, { recursive: true });
  for (const path of await abandonedPaths(parent, hash)) await rm(path, { recursive: true, force: true });
  const partial = temporaryPath(parent, hash);
  await mkdir(partial);
  try {
    for (const { path } of evaluated.files.filter((file) => isKept(file.path))) {
      await copyFile(evaluated.path(path), join(partial, path));
    }
    await writeFile(join(partial, "run.json"), `${JSON.stringify(kept, undefined, 2)}\n`);
    await rename(partial, join(parent, hash)).catch((error: unknown) => {
      // Another process may just have kept the same run.
      if (!existsSync(join(parent, hash, "run.json"))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function addResults(workspace: Workspace, kept: KeptRun): Promise<void> {
  const last = (await readResults(workspace)).findLast(({ benchmark }) => benchmark === kept.benchmark);
  if (last?.hash === kept.hash) return;
  const file = join(kept.dir, "metrics.json");
  const { targets } = parseConfig(metricsSchema, await readJson(file), file);
  const lines = targets.map(({ target, split, metrics }) => {
    const { n, accuracy, balancedAccuracy, macroF1, bootstrap } = metrics;
    const result: KeptResult = {
      keptAt: new Date().toISOString(),
      benchmark: kept.benchmark,
      hash: kept.hash,
      commit: kept.facts.code.commit,
      target,
      split,
      n,
      accuracy: accuracy.value,
      low: accuracy.low,
      high: accuracy.high,
      balancedAccuracy,
      macroF1,
      ...(bootstrap && { bootstrap: bootstrap.accuracy }),
    };
    return `${JSON.stringify(result)}\n`;
  });
  await appendWhole(resultsFile(workspace), lines.join(""));
}

/** Adds lines to a file, all or none. A line that breaks off there, as a machine that lost its power leaves it, goes. */
async function appendWhole(file: string, lines: string): Promise<void> {
  const before = existsSync(file) ? await readFile(file) : Buffer.alloc(0);
  const whole = before.lastIndexOf("\n") + 1;
  if (whole < before.length) await truncate(file, whole);
  await appendFile(file, lines).catch(async (error: unknown) => {
    await truncate(file, whole).catch(() => {});
    throw error;
  });
}

function resultsFile(workspace: Workspace): string {
  return join(workspace.runsDir, "results.jsonl");
}

/**
 * All lines of `runs/results.jsonl`, oldest first; none where nothing was kept yet. A last one that breaks off is not one
 * yet, and of two processes that kept the same run at once one has said so.
 */
export async function readResults(workspace: Workspace): Promise<KeptResult[]> {
  const file = resultsFile(workspace);
  if (!existsSync(file)) return [];
  const whole = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  const lines = whole.filter((line) => line.trim() !== "");
  const results = lines.map((line, i) => {
    try {
      return parseConfig(resultSchema, JSON.parse(line), file);
    } catch (cause) {
      throw new FerBenchError("bad-artifact", "a line of the results is not one of fer-bench", {
        file,
        field: `line ${i + 1}`,
        remedy: "take the line out",
        cause,
      });
    }
  });
  const last = new Map<string, string>();
  return results.filter(({ benchmark, target, hash }) => {
    const before = last.get(`${benchmark} ${target}`);
    last.set(`${benchmark} ${target}`, hash);
    return hash !== before;
  });
}

export async function readRun(dir: string): Promise<KeptRun> {
  const file = join(dir, "run.json");
  return { ...parseConfig(runSchema, await readJson(file), file), dir };
}

/** The folders of all kept runs whose hash begins so. */
export async function findRuns(workspace: Workspace, prefix: string): Promise<string[]> {
  if (!existsSync(workspace.runsDir)) return [];
  const entries = await readdir(workspace.runsDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((dir) => existsSync(join(dir, "run.json")))
    .sort();
}

/** What a run was made with, as far as its stages wrote it down: no times, no memory. */
async function factsOf(workspace: Workspace, { name, features, benchmark }: Run): Promise<KeptRun["facts"]> {
  const stages = {
    features: workspace.benchmarkDir(features, "features"),
    train: workspace.benchmarkDir(name, "train"),
    evaluate: workspace.benchmarkDir(name, "evaluate"),
  };
  const provenance = Object.fromEntries(
    await Promise.all(
      Object.entries(stages).map(async ([stage, dir]) => [
        stage,
        (await readJson(join(dir, "provenance.json"))) as Record<string, unknown>,
      ]),
    ),
  ) as Record<keyof typeof stages, Record<string, unknown>>;
  const ofEach = (field: string) =>
    Object.fromEntries(Object.entries(provenance).map(([stage, fields]) => [stage, fields[field] ?? null]));
  const sets = await Promise.all(
    dataSetsOf(benchmark).map(async (set) => {
      const card = (await readJson(join(workspace.datasetDir(set, "prepare"), "dataset.json"))) as {
        checksums: unknown;
      };
      return [set, { checksums: card.checksums }] as const;
    }),
  );
  return {
    configuration: Object.fromEntries(
      Object.entries(benchmark).filter(([field]) => !OF_THE_PAGE.includes(field)),
    ),
    data: Object.fromEntries(sets),
    code: { commit: commitOf(workspace.root), libraries: ofEach("versions") },
    machine: {
      ...(provenance.train.machine as object),
      threads: ofEach("threads"),
      device: ofEach("device"),
    },
  };
}

/** The commit of the workspace, with a plus where files differ from it; null outside version control. */
function commitOf(root: string): string | null {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return `${git("rev-parse", "--short=12", "HEAD")}${git("status", "--porcelain", "-uno") === "" ? "" : "+"}`;
  } catch {
    return null;
  }
}
