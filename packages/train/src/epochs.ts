import { FerBenchError } from "@fer-bench/artifacts";

/** Mean cross-entropy in nats, and the share of samples whose class is the most probable one. */
export interface Measures {
  loss: number;
  accuracy: number;
}

/** A line of history.jsonl. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  /** Of the epoch's first step. */
  learningRate: number;
  /** Over the epoch's batches, each before its own update, as Keras shows it. */
  train: Measures;
  /** Over the whole split after the epoch. */
  validation: Measures;
}

/** A batch's mean loss in nats, of which a blind guess costs ln C, at which no training comes back. */
const HOPELESS_LOSS = 1e6;

/** Which epoch is kept: the one of the highest validation accuracy; of equals that of the lower loss. */
export function isBetter(a: Measures, b: Measures): boolean {
  return a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
}

/** @throws FerBenchError "diverged" where the loss is no number, or beyond all that training comes back from */
export function checkLoss(loss: number, where: string, remedy: string): void {
  if (loss < HOPELESS_LOSS) return;
  throw new FerBenchError("diverged", `the loss is ${loss.toPrecision(3)} ${where}`, {
    field: "train.optimizer.learningRate",
    remedy,
  });
}

/** What a progress line says of an epoch under way. */
export function describeEpoch(
  epoch: number,
  epochs: number,
  learningRate: number,
  running: Measures,
  before: EpochRecord | undefined,
): string {
  const validated = before ? `, validation ${percent(before.validation.accuracy)}` : "";
  return (
    `epoch ${epoch + 1}/${epochs}, loss ${running.loss.toFixed(4)}, accuracy ${percent(running.accuracy)}` +
    `${validated}, lr ${learningRate.toPrecision(3)}`
  );
}

/** What the last progress line says. */
export function describeBest({ epoch, validation }: EpochRecord): string {
  return `best epoch ${epoch}, validation accuracy ${(100 * validation.accuracy).toFixed(2)}%`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
