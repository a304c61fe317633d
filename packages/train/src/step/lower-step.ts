import { FerBenchError } from "@fer-bench/artifacts";
import { checkWeights, type Model, outputShape, type Value } from "@fer-bench/models";
import { joinParts } from "./columns.ts";
import type { FlatParameters } from "./flat-parameters.ts";
import { layDownNetwork } from "./network-pass.ts";
import { type OptimizerConfig, type OptimizerState, updateVector } from "./optimizer.ts";
import { type NoiseInput, StepBuilder } from "./step-builder.ts";

/*
 * A training step of a whole network as one ONNX graph.
 *
 *   in   samples [N, ...input shape], targets [N, classes] (a distribution a row), weights [N] of the samples,
 *        a mask a dropout layer (`NoiseInput`), scalars of the optimizer (`rate` ...), and the state: `kernels`,
 *        `vectors`, `statistics` and what the optimizer keeps
 *   out  `<state>/next`, `step/loss` [] and `step/logits` [N, classes], both from before the update
 *
 * The loss is the mean over the samples of weight * cross-entropy(targets, softmax(logits)).
 */
export interface StepGraph {
  bytes: Uint8Array;
  flat: FlatParameters;
  /** Vectors that go in and come out as `<name>/next`, with their lengths. */
  states: readonly OptimizerState[];
  noise: readonly NoiseInput[];
}

export interface StepOptions {
  batch: number;
  isTrainable: (layer: string) => boolean;
  optimizer: OptimizerConfig;
}

/** @throws FerBenchError ("internal") where a layer has no gradient rule, or nothing is trainable */
export function lowerStep(model: Model, options: StepOptions): StepGraph {
  const { step, loss, logits } = lossAndGradients(model, options);
  const { onnx } = step;
  const states: OptimizerState[] = [];
  const scalars = new Map<string, Value>();
  const scalar = (name: string): Value => {
    const value = scalars.get(name) ?? onnx.input(name, "float32", []);
    scalars.set(name, value);
    return value;
  };
  for (const [group, { packed, length }] of step.groups) {
    const next =
      group === "statistics"
        ? new Map([["statistics", movedStatistics(step, packed, length)]])
        : updateVector({
            onnx,
            config: options.optimizer,
            group,
            parameters: packed,
            gradient: step.collected(group),
            state: (name) => onnx.input(name, "float32", [length]),
            scalar,
          });
    for (const [name, value] of next) {
      states.push({ name, length });
      onnx.output(`${name}/next`, value, "float32", [length]);
    }
  }
  onnx.output("step/loss", loss, "float32", []);
  onnx.output("step/logits", logits, "float32", [options.batch, outputShape(model.graph)[0]!]);
  return {
    bytes: onnx.toBytes({ architecture: model.graph.name }),
    flat: step.flat,
    states,
    noise: step.noise,
  };
}

/** The loss and its gradients alone: outputs `kernels/gradient` and `vectors/gradient`, laid out as the states. */
export function lowerGradients(
  model: Model,
  options: Pick<StepOptions, "batch" | "isTrainable">,
): Omit<StepGraph, "states"> {
  const { step, loss, logits } = lossAndGradients(model, options);
  const { onnx } = step;
  for (const [group, { length }] of step.groups) {
    onnx.output(`${group}/gradient`, step.collected(group), "float32", [length]);
  }
  onnx.output("step/loss", loss, "float32", []);
  onnx.output("step/logits", logits, "float32", [options.batch, outputShape(model.graph)[0]!]);
  return { bytes: onnx.toBytes({ architecture: model.graph.name }), flat: step.flat, noise: step.noise };
}

function lossAndGradients(model: Model, options: Pick<StepOptions, "batch" | "isTrainable">) {
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

/** Keras's moving averages: momentum * moving + (1 - momentum) * batch. */
function movedStatistics(step: StepBuilder, packed: Value, length: number): Value {
  const { onnx, model, flat } = step;
  const momentums = new Float32Array(length);
  for (const { name, offset, shape } of flat.statistics) {
    const layer = model.graph.layers.find((norm) => norm.name === name.slice(0, name.lastIndexOf("/")));
    if (layer?.kind === "batchNorm") momentums.fill(layer.momentum, offset, offset + shape[0]!);
  }
  const momentum = onnx.floats(momentums, [length], "momentum");
  const batch = step.collected("statistics");
  // batch + momentum * (moving - batch)
  return onnx.node("Add", [batch, onnx.node("Mul", [momentum, onnx.node("Sub", [packed, batch])])]);
}
