import { resolve } from "node:path";
import { runFeaturesStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { dataSetsOf, loadBenchmark } from "../load-benchmark.ts";

/** Runs the backbone over the face chips of a benchmark's data sets. */
export async function features(
  context: CommandContext,
  name: string,
  options: { weights?: string } = {},
): Promise<void> {
  const { workspace, offline, progress, threads } = context;
  const benchmark = await loadBenchmark(workspace, name);
  await runFeaturesStage({
    benchmark,
    name,
    datasets: Object.fromEntries(
      dataSetsOf(benchmark).map((set) => [
        set,
        {
          prepareDir: workspace.datasetDir(set, "prepare"),
          preprocessDir: workspace.datasetDir(set, "preprocess"),
        },
      ]),
    ),
    weightsFile:
      options.weights ??
      (benchmark.weights === undefined ? undefined : resolve(workspace.root, benchmark.weights)),
    offline,
    out: workspace.benchmarkDir(name, "features"),
    threads,
    progress,
  });
}
