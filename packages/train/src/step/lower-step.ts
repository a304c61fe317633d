import { FerBenchError } from "@fer-bench/artifacts";
import { checkWeights, type Model, outputShape } from "@fer-bench/models";
import { joinParts } from "./columns.ts";
import type { FlatGroup, FlatParameters } from "./flat-parameters.ts";
import { layDownNetwork } from "./network-pass.ts";
import { type NetworkOptions, type NoiseInput, StepBuilder } from "./step-builder.ts";
import { type StepScalar, type StepState, type UpdateConfig, updateStates } from "./update.ts";

/*
 * A training step of a whole network as one ONNX graph.
 *
 *   in   samples [N, ...input shape], targets [N, classes] (a distribution a row), weights [N] of the samples,
 *        a mask a dropout layer (`NoiseInput`), the step's numbers (`StepScalar`), and the states: `kernels`,
 *        `vectors`, `statistics` and what the update keeps of them
 *   out  the states after the step, `step/loss` [] and `step/logits` [N, classes], both from before the update
 *
 * The loss is the mean over the samples of weight * cross-entropy(targets, softmax(logits)).
 */
export interface StepGraph {
  bytes: Uint8Array;
  flat: FlatParameters;
  /** Vectors that go in and come out. */
  states: readonly StepState[];
  scalars: readonly StepScalar[];
  noise: readonly NoiseInput[];
}

export interface StepOptions extends UpdateConfig, NetworkOptions {}

/** @throws FerBenchError ("internal") where a layer has no gradient rule, or nothing is trainable */
export function lowerStep(model: Model, options: StepOptions): StepGraph {
  const { step, loss, logits } = lossAndGradients(model, options);
  const { onnx } = step;
  const { states, scalars } = updateStates(step, options, (group) => [step.collected(group)]);
  onnx.output("step/loss", loss, "float32", []);
  onnx.output("step/logits", logits, "float32", [options.batch, outputShape(model.graph)[0]!]);
  return {
    bytes: onnx.toBytes({ architecture: model.graph.name }),
    flat: step.flat,
    states,
    scalars,
    noise: step.noise,
  };
}

/** The loss and its gradients alone: outputs `kernels/gradient` and `vectors/gradient`, laid out as the states. */
export function lowerGradients(model: Model, options: NetworkOptions): Omit<StepGraph, "states" | "scalars"> {
  const { step, loss, logits } = lossAndGradients(model, options);
  const { onnx } = step;
  for (const [group, { length }] of step.groups) {
    onnx.output(gradientName(group), step.collected(group), "float32", [length]);
  }
  onnx.output("step/loss", loss, "float32", []);
  onnx.output("step/logits", logits, "float32", [options.batch, outputShape(model.graph)[0]!]);
  return { bytes: onnx.toBytes({ architecture: model.graph.name }), flat: step.flat, noise: step.noise };
}

/**
 * What `lowerGradients` leaves out, for `accumulate` batches at once: inputs `GROUP/gradient/I` of batch I, and in and
 * out the states.
 */
export function lowerUpdate(
  model: Model,
  options: StepOptions,
): Pick<StepGraph, "bytes" | "states" | "scalars"> {
  const step = new StepBuilder(model, options);
  const { states, scalars } = updateStates(step, options, (group) =>
    Array.from({ length: options.accumulate }, (_, batch) =>
      step.onnx.input(gradientName(group, batch), "float32", [step.groups.get(group)!.length]),
    ),
  );
  return { bytes: step.onnx.toBytes({ architecture: model.graph.name }), states, scalars };
}

/** The gradient of a group, of the batch where there are several. */
export function gradientName(group: FlatGroup, batch?: number): string {
  return batch === undefined ? `${group}/gradient` : `${group}/gradient/${batch}`;
}

function lossAndGradients(model: Model, options: NetworkOptions) {
  checkWeights(model.graph, model.weights);
  const step = new StepBuilder(model, options);
  if (step.flat.kernels.length + step.flat.vectors.length === 0) {
    throw new FerBenchError("internal", `Nothing of ${model.graph.name} is trainable.`);
  }
  const { onnx, batch } = step;
  const classes = outputShape(model.graph)[0]!;
  const network = layDownNetwork(step);
  const logits = step.reshape(joinParts(onnx, network.output).parts[0]!, classes, batch);
  const targets = onnx.node("Transpose", [onnx.input("targets", "float32", [batch, classes])], {
    perm: [1, 0],
  });
  const weights = onnx.input("weights", "float32", [batch]);
  const share = onnx.node("Mul", [weights, onnx.float(1 / batch)]);
  const logProbabilities = onnx.node("LogSoftmax", [logits], { axis: 0 });
  const products = onnx.node("Mul", [onnx.node("Mul", [targets, logProbabilities]), share]);
  const loss = onnx.node("Neg", [onnx.node("ReduceSum", [products], { keepdims: 0 })], {}, "cross-entropy");
  // d loss / d logits = weight / N (softmax * sum of targets - targets); targets sum to 1.
  const error = onnx.node("Sub", [onnx.node("Exp", [logProbabilities]), targets]);
  const gradient = step.reshape(onnx.node("Mul", [error, share]), classes, 1, batch);
  network.backward({ parts: [gradient], sizes: [classes], pixels: 1 });
  return { step, loss, logits: onnx.node("Transpose", [logits], { perm: [1, 0] }) };
}
