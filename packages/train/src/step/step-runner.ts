import type { FlatParameters, Floats } from "./flat-parameters.ts";
import type { NoiseInput } from "./step-builder.ts";
import type { StepScalar, StepState } from "./update.ts";

/** What executes a network's training steps. */
export interface StepRunner {
  readonly flat: FlatParameters;
  /** Vectors that a step takes over from the one before. */
  readonly states: readonly StepState[];
  /** Masks that every batch needs. */
  readonly noise: readonly NoiseInput[];
  /** Present where the states stay on a device from step to step. */
  readonly resident?: ResidentStates;
  /**
   * One step: `accumulate` batches and their update. Leaves the states after it in `states.current`, unless they are
   * `resident`.
   * @returns of each batch, loss and logits from before the update, valid until the next call
   */
  run(batches: readonly BatchFeeds[], states: StateVectors): Promise<BatchResult[]>;
  close(): Promise<void>;
}

export interface ResidentStates {
  /** Copies the states into `states.current`. */
  read(states: StateVectors): Promise<void>;
  /** Has the next step begin from `states.current`. */
  forget(): void;
}

/** All that a step is given of one batch. */
export interface BatchFeeds {
  /** [N, ...input shape] */
  samples: Uint8Array | Float32Array;
  /** [N, classes] */
  targets: Float32Array;
  /** [N] */
  weights: Float32Array;
  /** One a noise input. */
  masks: readonly Floats[];
  scalars: Readonly<Record<StepScalar, number>>;
}

export interface BatchResult {
  loss: number;
  /** [N, classes] */
  logits: Float32Array;
}

/** A step reads one set of vectors and writes the other, which is made with the first step that needs it. */
export interface StateVectors {
  current: Map<string, Floats>;
  next: Map<string, Floats>;
}

/** What is after a step becomes what is before the next one. */
export function swap(states: StateVectors): void {
  [states.current, states.next] = [states.next, states.current];
}
