import { join } from "node:path";
import { type Artifact, type Progress, runStage } from "@fer-bench/artifacts";
import { adoptClassifier } from "./adopt-classifier.ts";
import type { Benchmark, FrozenConfig } from "./benchmark.ts";
import { CHECKPOINT_FILE, writeHeadCheckpoint } from "./checkpoint.ts";
import { openFeatureRows } from "./feature-rows.ts";
import { datasetFeatures, readFeaturesJson } from "./features-artifact.ts";
import { finetune } from "./finetune/finetune-stage.ts";
import { selectTraining } from "./overlap.ts";
import { selectSplit, voteTargets } from "./samples.ts";
import { trainHead } from "./train-head.ts";
import { epochEvents, writeTrainingRecord } from "./training-record.ts";

export interface TrainStageRequest {
  benchmark: Benchmark;
  /** The benchmark's own name, its folder's. */
  name: string;
  /** The benchmark's finished features stage; unused where the backbone is trained, whose features come after. */
  featuresDir: string;
  /** The finished stages of the source, where the backbone is trained. */
  dataset?: { prepareDir: string; preprocessDir: string };
  /** The folder of the finished artifact. */
  out: string;
  /** Where fine-tuning keeps what it goes on from, default beside `out`. */
  resumeFile?: string;
  /** Of fine-tuning, default all cores; a head takes one. */
  threads?: number;
  /** The file of the backbone's weights, as for the features stage. */
  weightsFile?: string | undefined;
  offline?: boolean;
  progress: Progress;
}

/** The train stage of a benchmark, by its mode. */
export async function runTrainStage(request: TrainStageRequest): Promise<Artifact> {
  const { train } = request.benchmark;
  switch (train.mode) {
    case "none":
      return adoptClassifier(request);
    case "frozen":
      return trainOnFeatures(request, train);
    case "finetune":
      return finetune(request, train);
  }
}

/**
 * Trains the head on the source's training split and keeps the epoch that does best on its validation split:
 * `checkpoint.safetensors`, `history.jsonl` (a line an epoch), `train.json`, and TensorBoard events with Keras's tags
 * in `tensorboard/train` and `tensorboard/validation`.
 */
async function trainOnFeatures(request: TrainStageRequest, config: FrozenConfig): Promise<Artifact> {
  const { benchmark, name, featuresDir, out, progress } = request;
  const { source } = benchmark;
  const stage = {
    stage: "train",
    dir: out,
    config: { benchmark: name, source, train: config },
    inputs: { features: { dir: featuresDir, stage: "features" } },
    seed: config.seed,
    threads: 1,
    engine: "onnxruntime-node",
    device: "cpu",
    libraries: { names: ["onnxruntime-node"], from: import.meta.url },
  };
  return runStage(stage, async (dir, context) => {
    const input = context.inputs.features!;
    const features = await readFeaturesJson(input);
    const { path, samples, classes } = await datasetFeatures(input, features, source);
    const trainSplit = selectTraining(samples, classes, config.overlap);
    const validationSplit = selectSplit(samples, "validation", classes);
    const train = await openFeatureRows(path, trainSplit.indices);
    const validation = await openFeatureRows(path, validationSplit.indices);
    const onEpoch = epochEvents(join(dir, "tensorboard"));
    const started = performance.now();
    const trained = await trainHead({
      train: {
        rows: train,
        labels: trainSplit.labels,
        ...(config.targets === "votes" && { targets: voteTargets(trainSplit.samples, classes) }),
      },
      validation: { rows: validation, labels: validationSplit.labels },
      classes: classes.length,
      config,
      progress,
      onEpoch,
    }).finally(() => Promise.all([train.close(), validation.close()]));
    const seconds = (performance.now() - started) / 1000;
    context.note("samplesPerSecond", Math.round((config.epochs * train.count) / seconds));

    const { weights, bestEpoch, history } = trained;
    await writeHeadCheckpoint(join(dir, CHECKPOINT_FILE), {
      backbone: features.backbone.name,
      classes: [...classes],
      head: { inputs: features.dimensions, classes: classes.length, ...config.head },
      epoch: bestEpoch,
      weights,
    });
    const summary = {
      source,
      classes,
      backbone: features.backbone,
      samples: { train: train.count, validation: validation.count },
      ...(config.overlap && { overlap: config.overlap, dropped: trainSplit.dropped }),
      epochs: config.epochs,
      bestEpoch,
    };
    await writeTrainingRecord(dir, summary, history);
  });
}
