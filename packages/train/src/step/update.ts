import type { Value } from "@fer-bench/models";
import type { FlatGroup } from "./flat-parameters.ts";
import { type OptimizerConfig, optimize } from "./optimizer.ts";
import type { StepBuilder } from "./step-builder.ts";

/** How a step's gradients become its states. */
export interface UpdateConfig {
  optimizer: OptimizerConfig;
  /** Largest norm of all gradients together, above which they are scaled down to it; null for any. */
  clipNorm: number | null;
  /** Steps whose mean gradient makes one update. */
  accumulate: number;
  /** Keeps an exponential moving average of parameters and statistics. */
  average: boolean;
}

/** A vector that a step takes over from the one before. */
export interface StepState {
  /** Of the input. */
  name: string;
  length: number;
  /** Of the output that holds it after the step. */
  next: string;
}

/** A number that a step is given; some only where its graph has use for them. */
export type StepScalar =
  /** Learning rate. */
  | "rate"
  /** AdamW's 1 - beta^updates, this one counted. */
  | "correction1"
  | "correction2"
  /** Share of the new parameters in their average: 1 - decay. */
  | "averaging"
  /** 0 for the first of accumulated steps, else 1: what is kept of the gradients before. */
  | "gathering"
  /** 1 for a step that ends with an update, else 0. */
  | "updating";

/** Appends what follows from the gradients; every state becomes an input, and an output of another name: no copy of it is made. */
export function updateStates(
  step: StepBuilder,
  config: UpdateConfig,
): { states: StepState[]; scalars: StepScalar[] } {
  const { onnx } = step;
  const states: StepState[] = [];
  const scalars = new Map<StepScalar, Value>();
  const scalar = (name: StepScalar): Value => {
    const value = scalars.get(name) ?? onnx.input(name, "float32", []);
    scalars.set(name, value);
    return value;
  };
  const next = (name: string, value: Value, length: number): void => {
    states.push({ name, length, next: value });
    onnx.result(value, "float32", [length]);
  };
  const gradients = new Map<FlatGroup, Value>();
  for (const [group, { length }] of step.groups) {
    if (group === "statistics") continue;
    const gradient = step.collected(group);
    if (config.accumulate === 1) {
      gradients.set(group, gradient);
      continue;
    }
    const name = `${group}/gathered`;
    const kept = onnx.node("Mul", [onnx.input(name, "float32", [length]), scalar("gathering")]);
    const share = onnx.node("Mul", [gradient, onnx.float(1 / config.accumulate)]);
    gradients.set(group, onnx.node("Add", [kept, share]));
    next(name, gradients.get(group)!, length);
  }
  const clipped = config.clipNorm === null ? gradients : clip(step, gradients, config.clipNorm);

  for (const [group, { packed, length }] of step.groups) {
    const state = (name: string): Value => (name === group ? packed : onnx.input(name, "float32", [length]));
    const after =
      group === "statistics"
        ? new Map([[group as string, { before: packed, after: movedStatistics(step, packed, length) }]])
        : optimize({ onnx, config: config.optimizer, group, gradient: clipped.get(group)!, state, scalar });
    for (const [name, change] of after) {
      // Statistics move at every step, as in Keras; parameters where an update is due.
      const waits = config.accumulate > 1 && group !== "statistics";
      const value = waits
        ? onnx.node("Where", [isDue(step, scalar), change.after, change.before])
        : change.after;
      next(name, value, length);
      if (name !== group || !config.average) continue;
      const average = onnx.input(`${group}/average`, "float32", [length]);
      const towards = onnx.node("Mul", [onnx.node("Sub", [value, average]), scalar("averaging")]);
      next(`${group}/average`, onnx.node("Add", [average, towards]), length);
    }
  }
  return { states, scalars: [...scalars.keys()] };
}

function isDue({ onnx }: StepBuilder, scalar: (name: StepScalar) => Value): Value {
  return onnx.node("Greater", [scalar("updating"), onnx.float(0.5)]);
}

/** Scales all gradients by clipNorm / norm where their common norm is larger (Pascanu et al., 2013). */
function clip(
  { onnx }: StepBuilder,
  gradients: ReadonlyMap<FlatGroup, Value>,
  clipNorm: number,
): Map<FlatGroup, Value> {
  const squares = [...gradients.values()].map((gradient) =>
    onnx.node("ReduceSum", [onnx.node("Mul", [gradient, gradient])], { keepdims: 0 }),
  );
  const norm = onnx.node("Sqrt", [squares.reduce((sum, next) => onnx.node("Add", [sum, next]))]);
  const factor = onnx.node("Div", [onnx.float(clipNorm), onnx.node("Max", [norm, onnx.float(clipNorm)])]);
  return new Map([...gradients].map(([group, gradient]) => [group, onnx.node("Mul", [gradient, factor])]));
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
  return onnx.node("Add", [batch, onnx.node("Mul", [momentum, onnx.node("Sub", [packed, batch])])]);
}
