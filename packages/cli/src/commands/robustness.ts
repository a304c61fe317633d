import type { EngineChoice } from "@fer-bench/models";
import { runRobustnessStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadRun, trainedModel } from "../load-benchmark.ts";

/** Tests a benchmark's trained model on corrupted test pictures, on its engine unless another is chosen. */
export async function robustness(
  { workspace, progress, threads }: CommandContext,
  given: string,
  choice: EngineChoice,
): Promise<void> {
  const { benchmark, ...model } = trainedModel(workspace, await loadRun(workspace, given));
  await runRobustnessStage({
    ...model,
    benchmark: { ...benchmark, ...choice },
    out: workspace.benchmarkDir(model.name, "robustness"),
    threads,
    progress,
  });
}
