import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { parseConfig, readJson } from "@fer-bench/artifacts";
import { readManifest } from "@fer-bench/datasets";
import { type IndexedBenchmark, PAPER_DATA_SETS, writeIndexPage } from "@fer-bench/report";
import { z } from "zod";
import type { CommandContext } from "../context.ts";
import { readResults } from "../kept-runs.ts";
import { benchmarkNames, loadBenchmark, runsOf } from "../load-benchmark.ts";
import { stateOf } from "../load-dataset.ts";
import type { Workspace } from "../workspace.ts";

const evaluationSchema = z.object({
  backbone: z.object({ title: z.string() }),
  selectedOn: z.string().nullable(),
});

/** Writes the page over all benchmarks beside their reports, and says where it is. */
export async function writeIndex({ workspace, json, print }: CommandContext): Promise<void> {
  const out = join(workspace.root, "artifacts", "benchmarks");
  const index = await writeIndexPage({
    out,
    benchmarks: await benchmarksOf(workspace, out),
    runs: await readResults(workspace),
    unavailable: await unavailableSets(workspace),
  });
  const page = relative(workspace.root, index);
  print(json ? JSON.stringify({ index: page }) : `index: ${page}`);
}

async function benchmarksOf(workspace: Workspace, out: string): Promise<IndexedBenchmark[]> {
  const benchmarks: IndexedBenchmark[] = [];
  for (const name of await benchmarkNames(workspace)) {
    const loaded = await loadBenchmark(workspace, name);
    const report = join(workspace.benchmarkDir(name, "report"), "index.html");
    for (const run of runsOf(name, loaded)) {
      benchmarks.push({
        name: run.name,
        title: run.benchmark.title,
        source: run.benchmark.source,
        targets: run.benchmark.targets,
        ...(run.seedGroup !== undefined && { seedGroup: run.seedGroup }),
        ...(await evaluationFacts(workspace.benchmarkDir(run.name, "evaluate"))),
        // One report has all cells of a grid.
        report: existsSync(report) ? relative(out, report) : null,
      });
    }
  }
  return benchmarks;
}

/** What the evaluation says of its backbone, the weights it was given among it, and of the split that chose its epoch. */
async function evaluationFacts(dir: string): Promise<Pick<IndexedBenchmark, "backbone" | "selectedOn">> {
  const file = join(dir, "metrics.json");
  if (!existsSync(file)) return { backbone: null, selectedOn: null };
  const { backbone, selectedOn } = parseConfig(evaluationSchema, await readJson(file), file);
  return { backbone: backbone.title, selectedOn };
}

/** Why nothing can be measured on a data set of the paper. */
async function unavailableSets(workspace: Workspace): Promise<Record<string, string>> {
  const { datasets } = await readManifest(workspace.manifest);
  const reasons: Record<string, string> = {};
  for (const { name, title } of PAPER_DATA_SETS) {
    const entry = datasets[name];
    if (entry === undefined) reasons[name] = `${title} is not among the data sets of datasets.manifest.json`;
    else if (stateOf(workspace, name, entry) === "not here") {
      reasons[name] = `the data of ${title} are not here`;
    }
  }
  return reasons;
}
