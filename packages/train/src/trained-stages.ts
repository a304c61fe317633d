import type { Progress } from "@fer-bench/artifacts";
import type { Benchmark } from "./benchmark.ts";

/** What a stage is given that looks at a trained model again, on the test faces of every target. */
export interface TrainedModelRequest {
  benchmark: Benchmark;
  /** The benchmark's own name, its folder's. */
  name: string;
  /** The finished preprocess stage of every target, by data set. */
  datasets: Readonly<Record<string, { preprocessDir: string }>>;
  /** The benchmark's finished stages. */
  featuresDir: string;
  trainDir: string;
  evaluateDir: string;
  /** The folder of the finished artifact. */
  out: string;
  threads: number;
  progress: Progress;
}

/** Its inputs, for `runStage`: `features`, `train`, `evaluate`, and `<set>/preprocess`. */
export function trainedInputs({
  benchmark,
  datasets,
  featuresDir,
  trainDir,
  evaluateDir,
}: TrainedModelRequest): Record<string, { dir: string; stage: string }> {
  const faces = benchmark.targets.map((set) => [
    `${set}/preprocess`,
    { dir: datasets[set]!.preprocessDir, stage: "preprocess" },
  ]);
  return {
    ...Object.fromEntries(faces),
    features: { dir: featuresDir, stage: "features" },
    train: { dir: trainDir, stage: "train" },
    evaluate: { dir: evaluateDir, stage: "evaluate" },
  };
}
