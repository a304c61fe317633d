import type { EngineChoice } from "@fer-bench/models";
import { runEvaluateStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadRun } from "../load-benchmark.ts";

/** Evaluates a benchmark's checkpoint on the test split of every target, on its engine unless another is chosen. */
export async function evaluate(
  { workspace, progress, threads }: CommandContext,
  given: string,
  choice: EngineChoice,
): Promise<void> {
  const { name, features, benchmark } = await loadRun(workspace, given);
  await runEvaluateStage({
    benchmark: { ...benchmark, ...choice },
    name,
    featuresDir: workspace.benchmarkDir(features, "features"),
    trainDir: workspace.benchmarkDir(name, "train"),
    out: workspace.benchmarkDir(name, "evaluate"),
    threads,
    progress,
  });
}
