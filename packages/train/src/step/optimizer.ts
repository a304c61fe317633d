import type { OnnxGraph, Value } from "@fer-bench/models";
import type { FlatGroup } from "./flat-parameters.ts";
import type { StepScalar } from "./update.ts";

/** How parameters follow from gradients. */
export type OptimizerConfig =
  | { kind: "sgd"; momentum: number; nesterov: boolean; weightDecay: number }
  | { kind: "adamw"; beta1: number; beta2: number; epsilon: number; weightDecay: number };

interface Update {
  onnx: OnnxGraph;
  config: OptimizerConfig;
  /** Which parameters: weight decay acts on kernels alone. */
  group: FlatGroup;
  gradient: Value;
  /** A state as it comes in, the group's own name for its parameters; each is asked for once. */
  state: (name: string) => Value;
  scalar: (name: StepScalar) => Value;
}

/** Appends a group's update: each state of it before and after. */
export function optimize(update: Update): Map<string, { before: Value; after: Value }> {
  return update.config.kind === "sgd" ? sgd(update, update.config) : adamw(update, update.config);
}

/**
 * Keras's SGD: velocity = momentum * velocity - rate * gradient; parameter += velocity, or with Nesterov's momentum
 * += momentum * velocity - rate * gradient. Weight decay adds weightDecay * parameter to the gradient, as PyTorch's.
 */
function sgd(
  { onnx, group, gradient, state, scalar }: Update,
  { momentum, nesterov, weightDecay }: Extract<OptimizerConfig, { kind: "sgd" }>,
) {
  const parameters = state(group);
  const velocity = state(`${group}/velocity`);
  const decayed = decays(group, weightDecay)
    ? onnx.node("Add", [gradient, onnx.node("Mul", [parameters, onnx.float(weightDecay)])])
    : gradient;
  const step = onnx.node("Mul", [decayed, scalar("rate")]);
  const carriedOn = (from: Value) => onnx.node("Sub", [onnx.node("Mul", [from, onnx.float(momentum)]), step]);
  const faster = carriedOn(velocity);
  const moved = onnx.node("Add", [parameters, nesterov ? carriedOn(faster) : faster]);
  return new Map([
    [group as string, { before: parameters, after: moved }],
    [`${group}/velocity`, { before: velocity, after: faster }],
  ]);
}

/**
 * Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
 * parameter -= rate * (weightDecay * parameter + (m / c1) / (sqrt(v / c2) + epsilon)) with c1 = 1 - b1^t and
 * c2 = 1 - b2^t, `correction1` and `correction2`.
 */
function adamw(
  { onnx, group, gradient, state, scalar }: Update,
  { beta1, beta2, epsilon, weightDecay }: Extract<OptimizerConfig, { kind: "adamw" }>,
) {
  const parameters = state(group);
  const mean = state(`${group}/mean`);
  const square = state(`${group}/square`);
  const average = (before: Value, now: Value, beta: number) =>
    onnx.node("Add", [
      onnx.node("Mul", [before, onnx.float(beta)]),
      onnx.node("Mul", [now, onnx.float(1 - beta)]),
    ]);
  const nextMean = average(mean, gradient, beta1);
  const nextSquare = average(square, onnx.node("Mul", [gradient, gradient]), beta2);
  const deviation = onnx.node("Sqrt", [onnx.node("Div", [nextSquare, scalar("correction2")])]);
  const direction = onnx.node("Div", [
    onnx.node("Div", [nextMean, scalar("correction1")]),
    onnx.node("Add", [deviation, onnx.float(epsilon)]),
  ]);
  const total = decays(group, weightDecay)
    ? onnx.node("Add", [direction, onnx.node("Mul", [parameters, onnx.float(weightDecay)])])
    : direction;
  const moved = onnx.node("Sub", [parameters, onnx.node("Mul", [total, scalar("rate")])]);
  return new Map([
    [group as string, { before: parameters, after: moved }],
    [`${group}/mean`, { before: mean, after: nextMean }],
    [`${group}/square`, { before: square, after: nextSquare }],
  ]);
}

function decays(group: FlatGroup, weightDecay: number): boolean {
  return group === "kernels" && weightDecay > 0;
}
