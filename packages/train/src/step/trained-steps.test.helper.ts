import { classifierHead, joinGraphs, randomWeights } from "@fer-bench/models";
import { barsNetwork } from "../finetune/bars.test.helper.ts";
import { drawnBatch } from "./gradients.test.helper.ts";
import type { NetworkTrainer, NetworkTrainerOptions } from "./trainer.ts";

const head = classifierHead({
  inputs: 8,
  classes: 3,
  hidden: 6,
  activation: "relu",
  dropout: 0.3,
  standardize: false,
  softmax: false,
});
const graph = joinGraphs("dropping", barsNetwork, head);

/** Stem, depthwise block with stochastic depth, hidden layer with dropout. */
export const droppingModel = { graph, weights: randomWeights(graph, 3) };

/** Trains by the steps from `from` to `to`, each with a batch of its own at a lower rate; gives their losses. */
export async function trainSteps(
  trainer: NetworkTrainer,
  { model, batch, accumulate }: NetworkTrainerOptions,
  { from = 0, to, rate = 0.1 }: { from?: number; to: number; rate?: number },
): Promise<number[]> {
  const losses = [];
  for (let step = from; step < to; step++) {
    const { loss } = await trainer.step(drawnBatch(model, batch * accumulate, step), rate / (1 + step));
    losses.push(loss);
  }
  return losses;
}

/** The largest of the relative differences of a and b. */
export function furthest(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!) / Math.abs(value)));
}
