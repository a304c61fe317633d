import { join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import { runTrainStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadRun } from "../load-benchmark.ts";
import { weightsFileOf } from "../weights-file.ts";
import type { FeaturesOptions } from "./features.ts";

/** Trains a benchmark's head on its features, or its whole network on the face chips, on its engine unless another is chosen. */
export async function train(
  { workspace, offline, progress, threads }: CommandContext,
  given: string,
  { weights, ...choice }: FeaturesOptions = {},
): Promise<void> {
  const { name, features, benchmark: configured } = await loadRun(workspace, given);
  const chosen = Object.keys(choice)[0];
  if (chosen !== undefined && configured.train.mode !== "finetune") {
    throw new FerBenchError("bad-config", `${given} trains no backbone`, {
      field: `--${chosen}`,
      remedy:
        "leave it out: a head is trained by onnxruntime-node on the CPU; features and evaluate have the option",
    });
  }
  const benchmark = { ...configured, ...choice };
  // Of a job whose folder goes with it.
  const progressFolder = process.env.FER_BENCH_PROGRESS_DIR;
  const { source } = benchmark;
  await runTrainStage({
    benchmark,
    name,
    featuresDir: workspace.benchmarkDir(features, "features"),
    dataset: {
      prepareDir: workspace.datasetDir(source, "prepare"),
      preprocessDir: workspace.datasetDir(source, "preprocess"),
    },
    weightsFile: weightsFileOf(workspace, benchmark, { weights }),
    offline,
    ...(progressFolder && {
      resumeFile: join(progressFolder, `${encodeURIComponent(name)}.resume.safetensors`),
    }),
    out: workspace.benchmarkDir(name, "train"),
    threads,
    progress,
  });
}
