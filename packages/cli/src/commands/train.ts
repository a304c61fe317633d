import { runTrainStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadRun } from "../load-benchmark.ts";
import { weightsFileOf } from "../weights-file.ts";

/** Trains a benchmark's head on its features, or its whole network on the face chips. */
export async function train(
  { workspace, offline, progress, threads }: CommandContext,
  given: string,
  options: { weights?: string } = {},
): Promise<void> {
  const { name, features, benchmark } = await loadRun(workspace, given);
  const { source } = benchmark;
  await runTrainStage({
    benchmark,
    name,
    featuresDir: workspace.benchmarkDir(features, "features"),
    dataset: {
      prepareDir: workspace.datasetDir(source, "prepare"),
      preprocessDir: workspace.datasetDir(source, "preprocess"),
    },
    weightsFile: weightsFileOf(workspace, benchmark, options),
    offline,
    out: workspace.benchmarkDir(name, "train"),
    threads,
    progress,
  });
}
