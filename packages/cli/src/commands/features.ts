import { runFeaturesStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { datasetStages, loadBenchmark } from "../load-benchmark.ts";
import { weightsFileOf } from "../weights-file.ts";

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
    datasets: datasetStages(workspace, benchmark),
    trainDir: workspace.benchmarkDir(name, "train"),
    weightsFile: weightsFileOf(workspace, benchmark, options),
    offline,
    out: workspace.benchmarkDir(name, "features"),
    threads,
    progress,
  });
}
