import { type Model, OnnxGraph } from "@fer-bench/models";
import { InferenceSession } from "onnxruntime-node";
import { lowerStep, type StepOptions } from "./lower-step.ts";
import type { BatchFeeds, BatchResult, StateVectors, StepRunner } from "./step-runner.ts";
import {
  createStepSession,
  layoutOf,
  type StepTensors,
  scalarTensors,
  sessionOptions,
} from "./step-session.ts";
import { batchTensors, floats } from "./step-tensors.mjs";
import type { StepState } from "./update.ts";

/**
 * Runs a step on a GPU: the states that one step gives are what the next one is given. On WebGPU they stay in the GPU's
 * memory. ONNX Runtime 1.30 binds outputs to no other device's, so that CUDA's come back from each step; and what it has
 * bound it cannot copy back: a graph that hands it on does that.
 */
export async function createResidentStep(
  model: Model,
  options: StepOptions & { threads: number },
): Promise<StepRunner> {
  const { batch, threads, device } = options;
  const graph = lowerStep(model, options);
  const layout = layoutOf(model, batch, graph.noise);
  const staying = device === "webgpu" ? graph.states : [];
  const session = await InferenceSession.create(graph.bytes, {
    ...sessionOptions(threads, device),
    ...(staying.length > 0 && { preferredOutputLocation: locations(staying) }),
  });
  const reader = staying.length > 0 ? await createStepSession(handOn(staying), threads, device) : undefined;
  /** From the last step; undefined before the first. */
  let resident: StepTensors | undefined;

  const forget = () => {
    // The runtime frees a GPU's at no other time.
    for (const tensor of Object.values(resident ?? {})) tensor.dispose();
    resident = undefined;
  };
  const runBatch = async (feeds: BatchFeeds, states: StateVectors): Promise<BatchResult> => {
    const results = await session.run({
      ...batchTensors(layout, feeds),
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
        const copies = (await reader?.run(resident)) ?? resident;
        for (const { name } of graph.states) {
          current.get(name)!.set((copies[copyOf(name)] ?? copies[name]!).data as Float32Array);
        }
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
      await reader?.release();
      await session.release();
    },
  };
}

function locations(staying: readonly StepState[]): Record<string, "cpu" | "gpu-buffer"> {
  const states = staying.map(({ next }) => [next, "gpu-buffer"] as const);
  return { "step/loss": "cpu", "step/logits": "cpu", ...Object.fromEntries(states) };
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
