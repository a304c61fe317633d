import type { EngineChoice } from "@fer-bench/models";
import { runRobustnessStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { datasetStages, loadRun } from "../load-benchmark.ts";

/** Tests a benchmark's trained model on corrupted test pictures, on its engine unless another is chosen. */
export async function robustness(
  { workspace, progress, threads }: CommandContext,
  given: string,
  choice: EngineChoice,
): Promise<void> {
  const { name, features, benchmark } = await loadRun(workspace, given);
  await runRobustnessStage({
    benchmark: { ...benchmark, ...choice },
    name,
    datasets: datasetStages(workspace, benchmark),
    featuresDir: workspace.benchmarkDir(features, "features"),
    trainDir: workspace.benchmarkDir(name, "train"),
    evaluateDir: workspace.benchmarkDir(name, "evaluate"),
    out: workspace.benchmarkDir(name, "robustness"),
    threads,
    progress,
  });
}
