import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type Progress, runStage } from "@fer-bench/artifacts";
import { adoptClassifier } from "./adopt-classifier.ts";
import type { Benchmark, FrozenConfig } from "./benchmark.ts";
import { CHECKPOINT_FILE, writeHeadCheckpoint } from "./checkpoint.ts";
import { openFeatureRows } from "./feature-rows.ts";
import { datasetFeatures, readFeaturesJson } from "./features-artifact.ts";
import { selectSplit } from "./samples.ts";
import { openEventWriter } from "./tensorboard.ts";
import { type EpochRecord, trainHead } from "./train-head.ts";

export interface TrainStageRequest {
  benchmark: Benchmark;
  /** The benchmark's own name, its folder's. */
  name: string;
  /** The benchmark's finished features stage. */
  featuresDir: string;
  /** The folder of the finished artifact. */
  out: string;
  progress: Progress;
}

/** The train stage of a benchmark, by its mode. */
export async function runTrainStage(request: TrainStageRequest): Promise<Artifact> {
  const { train } = request.benchmark;
  return train.mode === "none" ? adoptClassifier(request) : trainOnFeatures(request, train);
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
    const trainSplit = selectSplit(samples, "train", classes);
    const validationSplit = selectSplit(samples, "validation", classes);
    const train = await openFeatureRows(path, trainSplit.indices);
    const validation = await openFeatureRows(path, validationSplit.indices);
    const onEpoch = eventWriter(join(dir, "tensorboard"));
    const started = performance.now();
    const trained = await trainHead({
      train: { rows: train, labels: trainSplit.labels },
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
    await writeFile(
      join(dir, "history.jsonl"),
      history.map((record) => `${JSON.stringify(record)}\n`).join(""),
    );
    const summary = {
      source,
      classes,
      backbone: features.backbone,
      samples: { train: train.count, validation: validation.count },
      epochs: config.epochs,
      selectedOn: "validation",
      bestEpoch,
      best: history[bestEpoch - 1],
    };
    await writeFile(join(dir, "train.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
  });
}

/** Writes each epoch under the tags that Keras's TensorBoard callback uses. */
function eventWriter(dir: string): (record: EpochRecord) => void {
  const file = "events.out.tfevents.fer-bench";
  const train = openEventWriter(join(dir, "train", file));
  const validation = openEventWriter(join(dir, "validation", file));
  return (record) => {
    train.scalars(record.epoch, {
      epoch_loss: record.train.loss,
      epoch_accuracy: record.train.accuracy,
      epoch_learning_rate: record.learningRate,
    });
    validation.scalars(record.epoch, {
      epoch_loss: record.validation.loss,
      epoch_accuracy: record.validation.accuracy,
    });
  };
}
