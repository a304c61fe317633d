import type { OnnxGraph, Value } from "@fer-bench/models";

/** How parameters follow from gradients. */
export type OptimizerConfig =
  | { kind: "sgd"; momentum: number; nesterov: boolean; weightDecay: number }
  | { kind: "adamw"; beta1: number; beta2: number; epsilon: number; weightDecay: number };

/** A vector that a step takes over from the one before. */
export interface OptimizerState {
  name: string;
  length: number;
}

interface Update {
  onnx: OnnxGraph;
  config: OptimizerConfig;
  /** Which parameters: weight decay acts on kernels alone. */
  group: "kernels" | "vectors";
  parameters: Value;
  gradient: Value;
  /** A state as it comes in, by its name; asked for once. */
  state: (name: string) => Value;
  /** A number of the step, by its input's name. */
  scalar: (name: string) => Value;
}

/** Appends a group's update: what each state of it is after the step. */
export function updateVector(update: Update): Map<string, Value> {
  return update.config.kind === "sgd" ? sgd(update, update.config) : adamw(update, update.config);
}

/**
 * Keras's SGD: velocity = momentum * velocity - rate * gradient; parameter += velocity, or with Nesterov's momentum
 * += momentum * velocity - rate * gradient. Weight decay adds weightDecay * parameter to the gradient, as PyTorch's.
 */
function sgd(
  { onnx, group, parameters, gradient, state, scalar }: Update,
  { momentum, nesterov, weightDecay }: Extract<OptimizerConfig, { kind: "sgd" }>,
): Map<string, Value> {
  const decayed = decayOf(group, weightDecay)
    ? onnx.node("Add", [gradient, onnx.node("Mul", [parameters, onnx.float(weightDecay)])])
    : gradient;
  const step = onnx.node("Mul", [decayed, scalar("rate")]);
  const after = (velocity: Value) =>
    onnx.node("Sub", [onnx.node("Mul", [velocity, onnx.float(momentum)]), step]);
  const velocity = after(state(`${group}/velocity`));
  return new Map([
    [group, onnx.node("Add", [parameters, nesterov ? after(velocity) : velocity])],
    [`${group}/velocity`, velocity],
  ]);
}

/**
 * Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
 * parameter -= rate * (weightDecay * parameter + (m / c1) / (sqrt(v / c2) + epsilon)) with the corrections
 * c1 = 1 - b1^t, c2 = 1 - b2^t, given as `correction1` and `correction2`.
 */
function adamw(
  { onnx, group, parameters, gradient, state, scalar }: Update,
  { beta1, beta2, epsilon, weightDecay }: Extract<OptimizerConfig, { kind: "adamw" }>,
): Map<string, Value> {
  const average = (before: Value, now: Value, beta: number) =>
    onnx.node("Add", [
      onnx.node("Mul", [before, onnx.float(beta)]),
      onnx.node("Mul", [now, onnx.float(1 - beta)]),
    ]);
  const mean = average(state(`${group}/mean`), gradient, beta1);
  const square = average(state(`${group}/square`), onnx.node("Mul", [gradient, gradient]), beta2);
  const deviation = onnx.node("Sqrt", [onnx.node("Div", [square, scalar("correction2")])]);
  const direction = onnx.node("Div", [
    onnx.node("Div", [mean, scalar("correction1")]),
    onnx.node("Add", [deviation, onnx.float(epsilon)]),
  ]);
  const total = decayOf(group, weightDecay)
    ? onnx.node("Add", [direction, onnx.node("Mul", [parameters, onnx.float(weightDecay)])])
    : direction;
  return new Map([
    [group, onnx.node("Sub", [parameters, onnx.node("Mul", [total, scalar("rate")])])],
    [`${group}/mean`, mean],
    [`${group}/square`, square],
  ]);
}

function decayOf(group: string, weightDecay: number): boolean {
  return group === "kernels" && weightDecay > 0;
}
