import { type Device, inputOf, type Model, outputShape } from "@fer-bench/models";
import { InferenceSession, type Tensor as OnnxTensor } from "onnxruntime-node";
import type { NoiseInput } from "./step-builder.ts";
import type { StateVectors } from "./step-runner.ts";
import { type BatchLayout, floats } from "./step-tensors.mjs";
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

/** What a network's step is given and gives of a batch. */
export function layoutOf({ graph }: Model, batch: number, noise: readonly NoiseInput[]): BatchLayout {
  return { shape: [batch, ...inputOf(graph).shape], classes: outputShape(graph)[0]!, noise };
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
    const vector = next.get(name) ?? new Float32Array(length);
    next.set(name, vector);
    after[output] = floats(vector, [length]);
  }
  return { before, after };
}
