import { createRandom, FerBenchError } from "@fer-bench/artifacts";
import type { Model, Tensor } from "@fer-bench/models";
import type { Floats } from "./flat-parameters.ts";
import type { StepOptions } from "./lower-step.ts";
import type { NoiseInput } from "./step-builder.ts";

export interface NetworkTrainerOptions extends Omit<StepOptions, "average"> {
  /** A network from samples to logits, and the weights it starts from. */
  model: Model;
  /** Decay a step of the parameters' moving average, which is what `weights` gives; null for none. */
  averageDecay: number | null;
  /** Of dropout and stochastic depth. */
  seed: number;
  /** Cores; the last digits may depend on their number. */
  threads: number;
}

/** The samples of one step: `accumulate` batches of N, one after the other; M of them in all. */
export interface TrainingBatch {
  /** [M, ...input shape] */
  samples: Uint8Array | Float32Array;
  /** Distributions over the classes, [M, classes]. */
  targets: Float32Array;
  /** Of the samples in the loss, [M]; 1 where absent. */
  weights?: Float32Array;
}

/** All that a trainer has learnt: it goes on from it as if it had not stopped. */
export interface TrainerState {
  /** Steps so far. */
  steps: number;
  vectors: Map<string, Floats>;
}

/** SGD steps on a network's parameters, which stay here in between. */
export interface NetworkTrainer {
  /** Steps so far. */
  readonly steps: number;
  /** One step; the mean loss and logits [M, classes] are from before its update, valid until the next call. */
  step(batch: TrainingBatch, rate: number): Promise<{ loss: number; logits: Float32Array }>;
  /** The model's weights as they are now, in Keras's layout; their average where one is kept. */
  weights(): Promise<Map<string, Tensor>>;
  /** A copy of the state. */
  state(): Promise<TrainerState>;
  /** @throws FerBenchError ("bad-artifact") where it is another network's */
  restore(state: TrainerState): void | Promise<void>;
  close(): Promise<void>;
}

/** The decay of a moving average at a step: an average of few values follows them faster. */
export function decayAt(averageDecay: number, steps: number): number {
  return Math.min(averageDecay, (1 + steps) / (10 + steps));
}

/** @throws FerBenchError ("bad-artifact") where the state is another network's */
export function vectorOf({ vectors }: TrainerState, name: string, length: number): Floats {
  const vector = vectors.get(name);
  if (vector?.length === length) return vector;
  throw new FerBenchError("bad-artifact", `${name} has ${vector?.length ?? 0} values, not ${length}`, {
    remedy: "remove the checkpoint, or go on with the configuration that wrote it",
  });
}

/** The factors of a mask, for a batch by its number since training began. */
export function drawMask({ name, rate }: NoiseInput, mask: Floats, seed: number, batch: number): void {
  const random = createRandom("dropout", seed, name, batch);
  const keep = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = random.next() < rate ? 0 : keep;
}
