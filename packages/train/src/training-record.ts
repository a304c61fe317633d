import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EpochRecord } from "./epochs.ts";
import type { Overlap } from "./overlap.ts";
import { openEventWriter } from "./tensorboard.ts";

/** What train.json says of a training. */
export interface TrainingSummary {
  /** The data set. */
  source: string;
  classes: readonly string[];
  backbone: { name: string; title: string; note?: string | undefined };
  samples: { train: number; validation: number };
  /** What became of training images that occur in other splits, where the benchmark says so. */
  overlap?: Overlap;
  /** Training images that were left out for it, by class. */
  dropped?: Record<string, number>;
  epochs: number;
  bestEpoch: number;
}

/** Writes `history.jsonl`, a line an epoch, and `train.json`. */
export async function writeTrainingRecord(
  dir: string,
  summary: TrainingSummary,
  history: readonly EpochRecord[],
): Promise<void> {
  const lines = history.map((record) => `${JSON.stringify(record)}\n`);
  await writeFile(join(dir, "history.jsonl"), lines.join(""));
  const { bestEpoch, ...rest } = summary;
  const train = { ...rest, selectedOn: "validation", bestEpoch, best: history[bestEpoch - 1] };
  await writeFile(join(dir, "train.json"), `${JSON.stringify(train, undefined, 2)}\n`);
}

/** Writes each epoch for TensorBoard, in `train` and `validation`, under the tags of Keras's callback. */
export function epochEvents(dir: string): (record: EpochRecord) => void {
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
