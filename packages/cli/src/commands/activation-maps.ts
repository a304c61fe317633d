import { runActivationMapsStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { datasetStages, loadRun } from "../load-benchmark.ts";

/** Works out where a benchmark's trained model looks in every test picture. */
export async function activationMaps(
  { workspace, progress, threads }: CommandContext,
  given: string,
): Promise<void> {
  const { name, features, benchmark } = await loadRun(workspace, given);
  await runActivationMapsStage({
    benchmark,
    name,
    datasets: datasetStages(workspace, benchmark),
    featuresDir: workspace.benchmarkDir(features, "features"),
    trainDir: workspace.benchmarkDir(name, "train"),
    evaluateDir: workspace.benchmarkDir(name, "evaluate"),
    out: workspace.benchmarkDir(name, "activation-maps"),
    threads,
    progress,
  });
}
