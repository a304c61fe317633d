import type { EngineChoice } from "@fer-bench/models";
import { runFeaturesStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { datasetStages, loadFeaturesRun } from "../load-benchmark.ts";
import { weightsFileOf } from "../weights-file.ts";

export interface FeaturesOptions extends EngineChoice {
  /** A file of weights for the backbone. */
  weights?: string;
}

/** Runs the backbone over the face chips of a benchmark's data sets, on its engine unless another is chosen. */
export async function features(
  context: CommandContext,
  given: string,
  { weights, ...choice }: FeaturesOptions,
): Promise<void> {
  const { workspace, offline, progress, threads } = context;
  const { features: name, benchmark: configured } = await loadFeaturesRun(workspace, given);
  const benchmark = { ...configured, ...choice };
  await runFeaturesStage({
    benchmark,
    name,
    datasets: datasetStages(workspace, benchmark),
    trainDir: workspace.benchmarkDir(name, "train"),
    weightsFile: weightsFileOf(workspace, benchmark, { weights }),
    offline,
    out: workspace.benchmarkDir(name, "features"),
    threads,
    progress,
  });
}
