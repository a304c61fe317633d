import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { StateVectors } from "./step-runner.ts";
import type { StepScalar, StepState } from "./update.ts";

export type StepTensors = Record<string, OnnxTensor>;

/** A graph of a training step, ready to run on the CPU. */
export function createStepSession(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(bytes, sessionOptions(threads));
}

export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // A thread that waits gives its core up: on a machine with other work, spinning made a step twice as slow.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}

/** Scalars and states as a graph's inputs, and the vectors that its outputs are written to. */
export function stateTensors(
  graph: { states: readonly StepState[]; scalars: readonly StepScalar[] },
  scalars: Readonly<Record<StepScalar, number>>,
  { current, next }: StateVectors,
): { before: StepTensors; after: StepTensors } {
  const before: StepTensors = {};
  const after: StepTensors = {};
  for (const name of graph.scalars) before[name] = floats(Float32Array.of(scalars[name]), []);
  for (const { name, next: output, length } of graph.states) {
    before[name] = floats(current.get(name)!, [length]);
    after[output] = floats(next.get(name)!, [length]);
  }
  return { before, after };
}

export function tensorOfSamples(samples: Uint8Array | Float32Array, shape: readonly number[]): OnnxTensor {
  return samples instanceof Uint8Array
    ? new OnnxTensor("uint8", samples, [...shape])
    : floats(samples, shape);
}

export function floats(data: Float32Array, shape: readonly number[]): OnnxTensor {
  return new OnnxTensor("float32", data, [...shape]);
}
