import type { Value } from "@fer-bench/models";
import type { FlatGroup } from "./flat-parameters.ts";
import { type OptimizerConfig, optimize } from "./optimizer.ts";
import type { StepBuilder } from "./step-builder.ts";

/** How a step's gradients become its states. */
export interface UpdateConfig {
  optimizer: OptimizerConfig;
  /** Largest norm of all gradients together, above which they are scaled down to it; null for any. */
  clipNorm: number | null;
  /** Batches whose mean gradient makes one update. */
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
  /** 0 for the first of accumulated batches, else 1: what is kept of the gradients before. */
  | "gathering"
  /** 1 for a batch that ends with an update, else 0. */
  | "updating";

/**
 * Appends what follows from the gradients; every state becomes an input, and an output of another name: no copy of it
 * is made. Of each batch that the graph is given, `collected` has the gradients (of `statistics`: the batch's values);
 * a graph that is given fewer than are accumulated gathers them from run to run.
 */
export function updateStates(
  step: StepBuilder,
  config: UpdateConfig,
  collected: (group: FlatGroup) => readonly Value[],
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
  let gathers = false;
  for (const [group, { length }] of step.groups) {
    if (group === "statistics") continue;
    const given = collected(group);
    const sum = given.reduce((total, gradient) => onnx.node("Add", [total, gradient]));
    const share = config.accumulate === 1 ? sum : onnx.node("Mul", [sum, onnx.float(1 / config.accumulate)]);
    gathers = given.length < config.accumulate;
    if (!gathers) {
      gradients.set(group, share);
      continue;
    }
    const name = `${group}${GATHERED}`;
    const kept = onnx.node("Mul", [onnx.input(name, "float32", [length]), scalar("gathering")]);
    gradients.set(group, onnx.node("Add", [kept, share]));
    next(name, gradients.get(group)!, length);
  }
  const clipped = config.clipNorm === null ? gradients : clip(step, gradients, config.clipNorm);

  for (const [group, { packed, length }] of step.groups) {
    const state = (name: string): Value => (name === group ? packed : onnx.input(name, "float32", [length]));
    const after =
      group === "statistics"
        ? new Map([
            [
              group as string,
              { before: packed, after: movedStatistics(step, packed, length, collected("statistics")) },
            ],
          ])
        : optimize({ onnx, config: config.optimizer, group, gradient: clipped.get(group)!, state, scalar });
    for (const [name, change] of after) {
      // Statistics move with every batch, as in Keras; parameters where an update is due.
      const waits = gathers && group !== "statistics";
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

const GATHERED = "/gathered";

/** Whether a state gathers gradients: nothing in it outlasts an update. */
export function isGathered(state: string): boolean {
  return state.endsWith(GATHERED);
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

/** Keras's moving averages, batch after batch: momentum * moving + (1 - momentum) * batch. */
function movedStatistics(step: StepBuilder, packed: Value, length: number, batches: readonly Value[]): Value {
  const { onnx, model, flat } = step;
  const momentums = new Float32Array(length);
  for (const { name, offset, shape } of flat.statistics) {
    const layer = model.graph.layers.find((norm) => norm.name === name.slice(0, name.lastIndexOf("/")));
    if (layer?.kind === "batchNorm") momentums.fill(layer.momentum, offset, offset + shape[0]!);
  }
  const momentum = onnx.floats(momentums, [length], "momentum");
  return batches.reduce(
    (moving, batch) =>
      onnx.node("Add", [batch, onnx.node("Mul", [momentum, onnx.node("Sub", [moving, batch])])]),
    packed,
  );
}
