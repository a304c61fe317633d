import { FerBenchError, type Progress } from "@fer-bench/artifacts";
import { classifierHead, randomWeights, type Weights } from "@fer-bench/models";
import type { FrozenConfig } from "./benchmark.ts";
import { classificationLoss } from "./classification-loss.ts";
import { epochOrder } from "./epoch-order.ts";
import {
  checkLoss,
  describeBest,
  describeEpoch,
  type EpochRecord,
  isBetter,
  type Measures,
} from "./epochs.ts";
import { featureBlocks } from "./feature-blocks.ts";
import { type FeatureRows, rowsInMemory } from "./feature-rows.ts";
import { createHeadTrainer, type HeadTrainer } from "./head-trainer.ts";
import { learningRateAt } from "./learning-rate.ts";
import { adaptStandardization } from "./standardization.ts";

export interface LabelledRows {
  rows: FeatureRows;
  /** The class of each row, [rows.count]. */
  labels: Int32Array;
  /** What the loss is taken against, where that is not the labels: [rows.count, classes], each row's sum 1. */
  targets?: Float32Array;
}

export interface TrainHeadRequest {
  train: LabelledRows;
  validation: LabelledRows;
  /** Number of classes. */
  classes: number;
  config: Pick<FrozenConfig, "head" | "epochs" | "batchSize" | "optimizer" | "seed">;
  progress: Progress;
  onEpoch?: (record: EpochRecord) => void;
}

export interface TrainedHead {
  /** Of the best epoch, by the names of `classifierHead`. */
  weights: Weights;
  bestEpoch: number;
  history: EpochRecord[];
}

/** Samples of a forward pass over the validation split. */
const VALIDATION_BATCH = 512;
const REMEDY = "lower the learning rate, or let the head standardize its features";
/** Milliseconds between progress lines. */
const PROGRESS_INTERVAL = 100;

/**
 * Trains a head on features by mini-batch SGD and keeps the epoch of the highest validation accuracy; of equals the
 * one of the lower validation loss, then the earlier. The same request gives the same bytes.
 *
 * @throws FerBenchError "bad-data" where a split is empty; "diverged" naming epoch and step where the loss is no
 *   number, or beyond all that training comes back from
 */
export async function trainHead(request: TrainHeadRequest): Promise<TrainedHead> {
  const { train, validation, config, progress } = request;
  for (const [split, { rows }] of Object.entries({ train, validation })) {
    if (rows.count === 0) {
      throw new FerBenchError("bad-data", `there are no ${split} samples to train with`, {
        remedy: `the source data set of the benchmark needs a ${split} split`,
      });
    }
  }
  const trainer = await startTrainer(request);
  const history: EpochRecord[] = [];
  let best: { record: EpochRecord; weights: Weights } | undefined;
  const task = progress.start("train", config.epochs * train.rows.count, "samples");
  try {
    for (let epoch = 0; epoch < config.epochs; epoch++) {
      const learningRate = learningRateAt(config.optimizer, epoch);
      const before = history.at(-1);
      const report = (done: number, running: Measures) =>
        task.update(
          epoch * train.rows.count + done,
          describeEpoch(epoch, config.epochs, learningRate, running, before),
        );
      const running = await trainEpoch(trainer, request, epoch, learningRate, report);
      const exact = await validate(trainer, validation, epoch);
      const record = { epoch: epoch + 1, learningRate, train: running, validation: exact };
      history.push(record);
      if (best === undefined || isBetter(exact, best.record.validation)) {
        best = { record, weights: trainer.weights() };
      }
      request.onEpoch?.(record);
      report(train.rows.count, running);
    }
  } finally {
    await trainer.close();
  }
  const { record, weights } = best!;
  task.end(describeBest(record));
  return { weights, bestEpoch: record.epoch, history };
}

async function startTrainer({ train, classes, config }: TrainHeadRequest): Promise<HeadTrainer> {
  const graph = classifierHead({ inputs: train.rows.width, classes, ...config.head, softmax: false });
  const drawn = randomWeights(graph, config.seed);
  const weights = config.head.standardize
    ? await adaptStandardization(drawn, "standardize", train.rows)
    : drawn;
  return createHeadTrainer({
    model: { graph, weights },
    momentum: config.optimizer.momentum,
    batchSize: config.batchSize,
    seed: config.seed,
  });
}

/** One pass over the training rows in the epoch's own order. */
async function trainEpoch(
  trainer: HeadTrainer,
  { train, classes, config }: TrainHeadRequest,
  epoch: number,
  learningRate: number,
  report: (done: number, running: Measures) => void,
): Promise<Measures> {
  const { count } = train.rows;
  const order = epochOrder(count, config.seed, epoch);
  const { batchSize } = config;
  let loss = 0;
  let correct = 0;
  let reported = performance.now();
  for (let done = 0; done < count; ) {
    const positions = order.subarray(done, done + trainer.capacity);
    await train.rows.gather(positions, trainer.features);
    const labels = positions.map((position) => train.labels[position]!);
    const targets = train.targets && new Float32Array(positions.length * classes);
    if (targets) await rowsInMemory(train.targets!, classes).gather(positions, targets);
    const logits = await trainer.train(targets ?? labels, learningRate, { epoch, step: done / batchSize });
    for (let start = 0; start < labels.length; start += batchSize) {
      const batch = labels.subarray(start, start + batchSize);
      const result = classificationLoss(
        logits.subarray(start * classes, (start + batch.length) * classes),
        batch,
        targets?.subarray(start * classes, (start + batch.length) * classes),
      );
      const step = (done + start) / batchSize;
      checkLoss(result.loss / batch.length, `at epoch ${epoch + 1}, step ${step + 1}`, REMEDY);
      loss += result.loss;
      correct += result.correct;
    }
    done += labels.length;
    if (performance.now() - reported > PROGRESS_INTERVAL) {
      reported = performance.now();
      report(done, { loss: loss / done, accuracy: correct / done });
    }
  }
  return { loss: loss / count, accuracy: correct / count };
}

async function validate(
  trainer: HeadTrainer,
  { rows, labels }: LabelledRows,
  epoch: number,
): Promise<Measures> {
  let loss = 0;
  let correct = 0;
  let start = 0;
  for await (const block of featureBlocks(rows, VALIDATION_BATCH)) {
    const count = block.length / rows.width;
    const result = classificationLoss(
      await trainer.predict(block, count),
      labels.subarray(start, start + count),
    );
    loss += result.loss;
    correct += result.correct;
    start += count;
  }
  checkLoss(loss / rows.count, `on the validation split after epoch ${epoch + 1}`, REMEDY);
  return { loss: loss / rows.count, accuracy: correct / rows.count };
}
