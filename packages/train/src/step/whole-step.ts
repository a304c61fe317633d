import type { Model } from "@fer-bench/models";
import { lowerStep, type StepOptions } from "./lower-step.ts";
import { type BatchFeeds, type StateVectors, type StepRunner, swap } from "./step-runner.ts";
import { createStepSession, layoutOf, stateTensors } from "./step-session.ts";
import { batchTensors, resultTensors } from "./step-tensors.mjs";

/** Runs a step as one graph; where batches are accumulated, once a batch. */
export async function createWholeStep(
  model: Model,
  options: StepOptions & { threads: number },
): Promise<StepRunner> {
  const graph = lowerStep(model, options);
  const session = await createStepSession(graph.bytes, options.threads);
  const layout = layoutOf(model, options.batch, graph.noise);

  const runBatch = async (feeds: BatchFeeds, states: StateVectors) => {
    const { before, after } = stateTensors(graph, feeds.scalars, states);
    const { loss, logits, fetches } = resultTensors(layout);
    // In the model's order: that is what the runtime promises to keep.
    await session.run({ ...batchTensors(layout, feeds), ...before }, { ...after, ...fetches });
    swap(states);
    return { loss: loss[0]!, logits };
  };

  return {
    ...graph,
    async run(batches, states) {
      const results = [];
      for (const feeds of batches) results.push(await runBatch(feeds, states));
      return results;
    },
    close: () => session.release(),
  };
}
