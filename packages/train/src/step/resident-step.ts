import { type Model, OnnxGraph } from "@fer-bench/models";
import { InferenceSession } from "onnxruntime-node";
import { lowerStep, type StepOptions } from "./lower-step.ts";
import type { BatchFeeds, BatchResult, StateVectors, StepRunner } from "./step-runner.ts";
import {
  batchTensors,
  createStepSession,
  floats,
  type StepTensors,
  scalarTensors,
  sessionOptions,
} from "./step-session.ts";
import type { StepState } from "./update.ts";

/**
 * Runs a step on a GPU and leaves the states in its memory: what one step gives is what the next one is given. ONNX
 * Runtime 1.30 binds outputs to device memory for WebGPU alone, and cannot copy them back: a graph that hands them on
 * does that.
 */
export async function createResidentStep(
  model: Model,
  options: StepOptions & { threads: number },
): Promise<StepRunner> {
  const { batch, threads, device } = options;
  const graph = lowerStep(model, options);
  const session = await InferenceSession.create(graph.bytes, {
    ...sessionOptions(threads, device),
    preferredOutputLocation: {
      "step/loss": "cpu",
      "step/logits": "cpu",
      ...Object.fromEntries(graph.states.map(({ next }) => [next, "gpu-buffer"] as const)),
    },
  });
  const reader = await createStepSession(handOn(graph.states), threads, device);
  /** On the device; undefined before the first step. */
  let resident: StepTensors | undefined;

  const forget = () => {
    // The runtime frees them at no other time.
    for (const tensor of Object.values(resident ?? {})) tensor.dispose();
    resident = undefined;
  };
  const runBatch = async (feeds: BatchFeeds, states: StateVectors): Promise<BatchResult> => {
    const results = await session.run({
      ...batchTensors({ graph: model.graph, batch }, graph.noise, feeds),
      ...scalarTensors(graph.scalars, feeds.scalars),
      ...(resident ?? uploaded(graph.states, states)),
    });
    forget();
    resident = Object.fromEntries(graph.states.map(({ name, next }) => [name, results[next]!]));
    const [loss, logits] = [results["step/loss"]!, results["step/logits"]!];
    return { loss: (loss.data as Float32Array)[0]!, logits: logits.data as Float32Array };
  };

  return {
    ...graph,
    resident: {
      async read({ current }) {
        if (resident === undefined) return;
        const copies = await reader.run(resident);
        for (const { name } of graph.states)
          current.get(name)!.set(copies[copyOf(name)]!.data as Float32Array);
      },
      forget,
    },
    async run(batches, states) {
      const results = [];
      for (const feeds of batches) results.push(await runBatch(feeds, states));
      return results;
    },
    async close() {
      forget();
      await reader.release();
      await session.release();
    },
  };
}

/** A graph whose outputs are its inputs. */
function handOn(states: readonly StepState[]): Uint8Array {
  const onnx = new OnnxGraph("states");
  for (const { name, length } of states) {
    onnx.output(copyOf(name), onnx.input(name, "float32", [length]), "float32", [length]);
  }
  return onnx.toBytes();
}

function copyOf(state: string): string {
  return `${state}/copy`;
}

function uploaded(states: readonly StepState[], { current }: StateVectors): StepTensors {
  return Object.fromEntries(states.map(({ name, length }) => [name, floats(current.get(name)!, [length])]));
}
