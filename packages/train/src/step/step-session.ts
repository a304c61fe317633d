import { type Device, type Graph, inputOf, outputShape } from "@fer-bench/models";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { NoiseInput } from "./step-builder.ts";
import type { BatchFeeds, StateVectors } from "./step-runner.ts";
import type { StepScalar, StepState } from "./update.ts";

export type StepTensors = Record<string, OnnxTensor>;

/** A graph of a training step, ready to run. */
export function createStepSession(
  bytes: Uint8Array,
  threads: number,
  device: Device = "cpu",
): Promise<InferenceSession> {
  return InferenceSession.create(bytes, sessionOptions(threads, device));
}

export function sessionOptions(threads: number, device: Device = "cpu"): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // A thread that waits gives its core up: on a machine with other work, spinning made a step twice as slow.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}

/** What a graph is given of one batch, but its scalars. */
export function batchTensors(
  { graph, batch }: { graph: Graph; batch: number },
  noise: readonly NoiseInput[],
  feeds: BatchFeeds,
): StepTensors {
  const tensors: StepTensors = {
    samples: tensorOfSamples(feeds.samples, [batch, ...inputOf(graph).shape]),
    targets: floats(feeds.targets, [batch, outputShape(graph)[0]!]),
    weights: floats(feeds.weights, [batch]),
  };
  noise.forEach(({ name, channels }, i) => {
    tensors[name] = floats(feeds.masks[i]!, [channels, 1, batch]);
  });
  return tensors;
}

export function scalarTensors(
  names: readonly StepScalar[],
  scalars: Readonly<Record<StepScalar, number>>,
): StepTensors {
  return Object.fromEntries(names.map((name) => [name, floats(Float32Array.of(scalars[name]), [])]));
}

/** Scalars and states as a graph's inputs, and the vectors that its outputs are written to. */
export function stateTensors(
  graph: { states: readonly StepState[]; scalars: readonly StepScalar[] },
  scalars: Readonly<Record<StepScalar, number>>,
  { current, next }: StateVectors,
): { before: StepTensors; after: StepTensors } {
  const before = scalarTensors(graph.scalars, scalars);
  const after: StepTensors = {};
  for (const { name, next: output, length } of graph.states) {
    before[name] = floats(current.get(name)!, [length]);
    after[output] = floats(next.get(name)!, [length]);
  }
  return { before, after };
}

function tensorOfSamples(samples: Uint8Array | Float32Array, shape: readonly number[]): OnnxTensor {
  return samples instanceof Uint8Array
    ? new OnnxTensor("uint8", samples, [...shape])
    : floats(samples, shape);
}

export function floats(data: Float32Array, shape: readonly number[]): OnnxTensor {
  return new OnnxTensor("float32", data, [...shape]);
}
