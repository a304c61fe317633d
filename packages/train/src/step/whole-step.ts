import { type Model, outputShape } from "@fer-bench/models";
import type { Tensor as OnnxTensor } from "onnxruntime-node";
import { lowerStep, type StepOptions } from "./lower-step.ts";
import { type BatchFeeds, type StateVectors, type StepRunner, swap } from "./step-runner.ts";
import { batchTensors, createStepSession, floats, stateTensors } from "./step-session.ts";

/** Runs a step as one graph; where batches are accumulated, once a batch. */
export async function createWholeStep(
  model: Model,
  options: StepOptions & { threads: number },
): Promise<StepRunner> {
  const { batch } = options;
  const graph = lowerStep(model, options);
  const session = await createStepSession(graph.bytes, options.threads);
  const classes = outputShape(model.graph)[0]!;

  const runBatch = async (feeds: BatchFeeds, states: StateVectors) => {
    const inputs = batchTensors({ graph: model.graph, batch }, graph.noise, feeds);
    const { before, after } = stateTensors(graph, feeds.scalars, states);
    const loss = new Float32Array(1);
    const logits = new Float32Array(batch * classes);
    // In the model's order: that is what the runtime promises to keep.
    const fetches: Record<string, OnnxTensor> = {
      ...after,
      "step/loss": floats(loss, []),
      "step/logits": floats(logits, [batch, classes]),
    };
    await session.run({ ...inputs, ...before }, fetches);
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
