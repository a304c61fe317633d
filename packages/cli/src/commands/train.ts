import { runTrainStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadBenchmark } from "../load-benchmark.ts";

/** Trains a benchmark's head on its features. */
export async function train({ workspace, progress }: CommandContext, name: string): Promise<void> {
  await runTrainStage({
    benchmark: await loadBenchmark(workspace, name),
    name,
    featuresDir: workspace.benchmarkDir(name, "features"),
    out: workspace.benchmarkDir(name, "train"),
    progress,
  });
}
