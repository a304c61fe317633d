import type { OptimizerConfig } from "./benchmark.ts";
import type { RateConfig, Schedule, Warmup } from "./finetune-config.ts";

/** Step decay: learningRate x factor^floor(epoch / everyEpochs), epochs counted from 0. */
export function learningRateAt(
  { learningRate, decay }: Pick<OptimizerConfig, "learningRate" | "decay">,
  epoch: number,
): number {
  return learningRate * decay.factor ** Math.floor(epoch / decay.everyEpochs);
}

/** How long a training is, in epochs and in updates of the weights an epoch. */
export interface TrainingLength {
  epochs: number;
  stepsPerEpoch: number;
}

/**
 * The learning rate of every update, counted from 0 over all epochs: a linear warm-up, where there is one, and the
 * schedule over what is left, as PyTorch's SequentialLR joins them.
 */
export function learningRateSchedule(
  { learningRate, schedule, warmup }: RateConfig,
  { epochs, stepsPerEpoch }: TrainingLength,
): (step: number) => number {
  const warm = warmup === null ? 0 : warmupSteps(warmup, stepsPerEpoch);
  const factorAt = scheduleFactor(schedule, Math.max(1, epochs * stepsPerEpoch - warm), stepsPerEpoch);
  return (step) => {
    if (warmup === null || step >= warm) return learningRate * factorAt(step - warm);
    // PyTorch's LinearLR, up to the schedule's first rate.
    return learningRate * factorAt(0) * mix(warmup.startFraction, 1, step / warm);
  };
}

function warmupSteps({ length, unit }: Warmup, stepsPerEpoch: number): number {
  return Math.round(unit === "epochs" ? length * stepsPerEpoch : length);
}

/** What the learning rate is multiplied by at a step of `steps`. */
function scheduleFactor(schedule: Schedule, steps: number, stepsPerEpoch: number): (step: number) => number {
  switch (schedule.kind) {
    case "step":
      return (step) => learningRateAt({ learningRate: 1, decay: schedule }, Math.floor(step / stepsPerEpoch));
    case "cosine":
      return (step) => cosine(1, schedule.finalFraction, step / steps);
    case "oneCycle": {
      const { initialFraction, finalFraction } = schedule;
      // PyTorch's OneCycleLR: the first step is at the initial rate, the last one at the final rate.
      const peak = Math.max(0, schedule.warmupShare * steps - 1);
      const last = steps - 1;
      return (step) =>
        step < peak
          ? cosine(initialFraction, 1, step / peak)
          : cosine(1, finalFraction, last > peak ? (step - peak) / (last - peak) : 0);
    }
  }
}

/** From one value to another along half a cosine; `progress` from 0 to 1. */
function cosine(from: number, to: number, progress: number): number {
  return mix(to, from, (1 + Math.cos(Math.PI * progress)) / 2);
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
