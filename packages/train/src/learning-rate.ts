import type { OptimizerConfig } from "./benchmark.ts";

/** Step decay: learningRate x factor^floor(epoch / everyEpochs), epochs counted from 0. */
export function learningRateAt(
  { learningRate, decay }: Pick<OptimizerConfig, "learningRate" | "decay">,
  epoch: number,
): number {
  return learningRate * decay.factor ** Math.floor(epoch / decay.everyEpochs);
}
