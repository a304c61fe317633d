import { runFinetuneStage, runTrainStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadBenchmark } from "../load-benchmark.ts";

/** Trains a benchmark's head on its features, or its whole network on the face chips. */
export async function train(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress, threads } = context;
  const benchmark = await loadBenchmark(workspace, name);
  const out = workspace.benchmarkDir(name, "train");
  const { source, train: config } = benchmark;
  if (config.mode === "finetune") {
    const dataset = {
      prepareDir: workspace.datasetDir(source, "prepare"),
      preprocessDir: workspace.datasetDir(source, "preprocess"),
    };
    await runFinetuneStage({ benchmark, config, name, dataset, out, threads, progress });
    return;
  }
  await runTrainStage({
    benchmark,
    name,
    featuresDir: workspace.benchmarkDir(name, "features"),
    out,
    progress,
  });
}
