import type { EngineChoice } from "@fer-bench/models";
import { runEvaluateStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadBenchmark } from "../load-benchmark.ts";

/** Evaluates a benchmark's checkpoint on the test split of every target, on its engine unless another is chosen. */
export async function evaluate(
  { workspace, progress, threads }: CommandContext,
  name: string,
  choice: EngineChoice,
): Promise<void> {
  await runEvaluateStage({
    benchmark: { ...(await loadBenchmark(workspace, name)), ...choice },
    name,
    featuresDir: workspace.benchmarkDir(name, "features"),
    trainDir: workspace.benchmarkDir(name, "train"),
    out: workspace.benchmarkDir(name, "evaluate"),
    threads,
    progress,
  });
}
