import { FerBenchError } from "@fer-bench/artifacts";
import {
  checkWeights,
  inputOf,
  type Layer,
  type LayerKind,
  type LayerOfKind,
  type Model,
  normalizationDeviation,
  OnnxGraph,
  outputShape,
  parametersOf,
  shapeOf,
  tensorOf,
  type Value,
} from "@fer-bench/models";

/*
 * A run of whole training steps as one ONNX graph: a Scan whose body is the step, with forward, softmax cross-entropy,
 * every gradient, and the update of every parameter. The parameters stay inside the runtime for all steps of a run.
 * Activations in a step are [units, batch] ("columns"), so that a dense layer packs its small operand only; the features
 * alone come as [batch, units] ("rows"), as they lie in memory. With S steps of N samples:
 *
 *   in   features [S, N, D]   targets [S, C, N], a distribution a column   rate [], learning rate / N
 *        `<dropout>/mask` [S, ...], 0 or 1 / (1 - rate), laid out as what the layer reads
 *        `<parameter>` and `<parameter>/velocity`
 *   out  `<parameter>/next`, `<parameter>/velocity/next` and output [S, N, C], the logits before each step's update
 *
 * Keras's SGD: velocity <- momentum * velocity - learningRate * gradient; parameter <- parameter + velocity. The
 * learning rate is on the gradient of the logits, from which every other gradient follows linearly: the product that
 * makes a kernel's gradient then adds the old velocity too, in one pass over memory.
 */
export interface TrainingGraph {
  bytes: Uint8Array;
  /** The forward pass alone, as in inference: features [N, D] and `<parameter>`s in, output [N, C], the logits. */
  forwardBytes: Uint8Array;
  parameters: readonly TrainedParameter[];
  masks: readonly DropoutMask[];
}

/** A trained parameter; `shape` is the graph's own, where a dense kernel is [units, inputs], Keras's transposed. */
export interface TrainedParameter {
  name: string;
  shape: readonly [number, number];
  transposed: boolean;
}

export interface DropoutMask {
  input: string;
  rate: number;
  units: number;
  layout: Layout;
}

export type Layout = "rows" | "columns";

/**
 * Lowers a head, from features to logits, to its training steps.
 * @throws FerBenchError ("internal") where the graph has a layer without a gradient rule
 */
export function lowerForTraining(model: Model, { momentum }: { momentum: number }): TrainingGraph {
  const { graph, weights } = model;
  checkWeights(graph, weights);
  const classes = outputShape(graph)[0]!;
  const onnx = new OnnxGraph(`${graph.name}-training`);
  const rate = onnx.input("rate", "float32", []);
  const step = new TrainingStep(model, { momentum, prefix: "step/" });
  const logits = step.forward();
  const targets = step.scannedInput("targets", [classes, "batch"]);
  // d loss / d logits = (softmax(logits) - targets) / N for the mean cross-entropy.
  const error = step.onnx.node("Sub", [step.onnx.node("Softmax", [logits], { axis: 0 }), targets]);
  step.backward(step.onnx.node("Mul", [error, rate]));
  step.finish(transposed(step.onnx, logits), ["batch", classes]);

  const states = step.states.map(({ name, shape }) => onnx.input(name, "float32", shape));
  const scanned = step.scanned.map(({ name, shape }) => onnx.input(name, "float32", ["steps", ...shape]));
  const results = onnx.scan(step.onnx, states, scanned);
  step.states.forEach(({ name, shape }, i) => {
    onnx.output(`${name}/next`, results[i]!, "float32", shape);
  });
  onnx.output("output", results.at(-1)!, "float32", ["steps", "batch", classes]);

  const inference = new TrainingStep(model, { momentum, prefix: "", inference: true });
  const forward = transposed(inference.onnx, inference.forward());
  inference.onnx.output("output", forward, "float32", ["batch", classes]);
  return {
    bytes: onnx.toBytes({ architecture: graph.name }),
    forwardBytes: inference.onnx.toBytes({ architecture: graph.name }),
    parameters: step.parameters,
    masks: step.masks,
  };
}

interface Activations {
  /** The layer that gives them. */
  layer: string;
  value: Value;
  layout: Layout;
  /** Whether a parameter lies before it, so that its gradient is of use. */
  trained: boolean;
}

/** Takes the gradient of a layer's output; gives that of its input, or undefined where nobody needs it. */
type Backward = (gradient: Value) => Value | undefined;

type ForwardRule<Kind extends LayerKind> = (
  layer: LayerOfKind<Kind>,
  x: Activations,
  step: TrainingStep,
) => Omit<Partial<Activations>, "layer"> & { value: Value; backward: Backward };

/** The forward pass as it is laid down, and what each layer of it does on the way back. */
class TrainingStep {
  readonly onnx: OnnxGraph;
  readonly model: Model;
  readonly parameters: readonly TrainedParameter[];
  /** What a step takes over from the one before: each parameter and its velocity. */
  readonly states: { name: string; shape: readonly [number, number] }[] = [];
  /** What every step has its own of. */
  readonly scanned: { name: string; shape: readonly (number | string)[] }[] = [];
  readonly masks: DropoutMask[] = [];
  /** Leaves dropout out. */
  readonly inference: boolean;
  readonly #momentum: number;
  readonly #prefix: string;
  readonly #current = new Map<string, Value>();
  readonly #next = new Map<string, Value>();
  readonly #tape: Backward[] = [];

  /** `prefix` keeps the names of the step's inputs apart from those of the graph that it is in. */
  constructor(model: Model, options: { momentum: number; prefix: string; inference?: boolean }) {
    this.onnx = new OnnxGraph(`${model.graph.name}-step`);
    this.model = model;
    this.inference = options.inference ?? false;
    this.#momentum = options.momentum;
    this.#prefix = options.prefix;
    this.parameters = parametersOf(model.graph)
      .filter(({ trainable }) => trainable)
      .map(({ name, shape: [first, second] }) => ({
        name,
        shape: second === undefined ? [first!, 1] : [second, first!],
        transposed: second !== undefined,
      }));
    for (const { name, shape } of this.parameters) {
      for (const state of this.inference ? [name] : [name, velocityOf(name)]) {
        this.states.push({ name: state, shape });
        this.#current.set(state, this.onnx.input(`${this.#prefix}${state}`, "float32", shape));
      }
    }
  }

  scannedInput(name: string, shape: readonly (number | string)[]): Value {
    this.scanned.push({ name, shape });
    return this.onnx.input(`${this.#prefix}${name}`, "float32", shape);
  }

  /** The parameter as it is before the update. */
  parameter(name: string): Value {
    const value = this.#current.get(name);
    if (value === undefined)
      throw new FerBenchError("internal", `${name} is no parameter that can be trained.`);
    return value;
  }

  /** Lays down every layer's output; gives the last one's. */
  forward(): Value {
    const input = inputOf(this.model.graph);
    const features = this.scannedInput("features", ["batch", input.shape[0]!]);
    let x: Activations = { layer: input.name, value: features, layout: "rows", trained: false };
    for (const layer of this.model.graph.layers.slice(1)) {
      const rule = RULES[layer.kind as keyof typeof RULES] as ForwardRule<LayerKind> | undefined;
      if (rule === undefined || layer.inputs.join() !== x.layer) {
        throw new FerBenchError(
          "internal",
          `Layer ${layer.name} (${layer.kind}) cannot be trained in a head.`,
        );
      }
      const { backward, ...y } = rule(layer as never, x, this);
      this.#tape.push(backward);
      x = { ...x, ...y, layer: layer.name };
    }
    return x.value;
  }

  /** From the gradient of the last output back to the first layer that has a parameter. */
  backward(gradient: Value): void {
    let current: Value | undefined = gradient;
    for (const backward of this.#tape.toReversed()) {
      if (current === undefined) return;
      current = backward(current);
    }
  }

  /** Makes the next states and one further value what the step gives. */
  finish(result: Value, shape: readonly (number | string)[]): void {
    for (const state of this.states) this.onnx.result(this.#next.get(state.name)!, "float32", state.shape);
    this.onnx.result(result, "float32", shape);
  }

  units(layer: Layer): number {
    return shapeOf(this.model.graph, layer.inputs[0]!)[0]!;
  }

  /** Update by a gradient that is a product a b, or a b': momentum * velocity - a b is one Gemm. */
  updateByProduct(name: string, a: Value, b: Value, transB: 0 | 1): void {
    const velocity = this.parameter(velocityOf(name));
    const attributes = { alpha: { float: -1 }, beta: { float: this.#momentum }, transB };
    this.#update(name, this.onnx.node("Gemm", [a, b, velocity], attributes));
  }

  updateBy(name: string, gradient: Value): void {
    const kept = this.onnx.node("Mul", [this.parameter(velocityOf(name)), this.onnx.float(this.#momentum)]);
    this.#update(name, this.onnx.node("Sub", [kept, gradient]));
  }

  #update(name: string, nextVelocity: Value): void {
    this.#next.set(velocityOf(name), nextVelocity);
    this.#next.set(name, this.onnx.node("Add", [this.parameter(name), nextVelocity]));
  }
}

function velocityOf(parameter: string): string {
  return `${parameter}/velocity`;
}

function transposed(onnx: OnnxGraph, value: Value): Value {
  return onnx.node("Transpose", [value], { perm: [1, 0] });
}

type TrainableKind = "normalization" | "dense" | "activation" | "dropout";

const RULES: { [Kind in TrainableKind]: ForwardRule<Kind> } = {
  /** y = (x - mean) / deviation; dx = dy / deviation. */
  normalization(layer, x, { onnx, model }) {
    const { data: mean } = tensorOf(model.weights, `${layer.name}/mean`);
    const { data: variance } = tensorOf(model.weights, `${layer.name}/variance`);
    const shape = x.layout === "rows" ? [mean.length] : [mean.length, 1];
    const deviation = onnx.floats(variance.map(normalizationDeviation), shape, `${layer.name}/deviation`);
    const centred = onnx.node("Sub", [x.value, onnx.floats(mean, shape, `${layer.name}/mean`)]);
    return {
      value: onnx.node("Div", [centred, deviation], {}, layer.name),
      backward: (dy) => (x.trained ? onnx.node("Div", [dy, deviation]) : undefined),
    };
  },

  /** y = W x + b; dW = dy x', db = the sum of dy over the batch, dx = W' dy. */
  dense(layer, x, step) {
    const { onnx } = step;
    if (!layer.bias || layer.activation !== "linear") {
      throw new FerBenchError("internal", `Layer ${layer.name} must be linear with a bias to be trained.`);
    }
    const w = step.parameter(`${layer.name}/kernel`);
    const rows = x.layout === "rows";
    return {
      value: onnx.node(
        "Gemm",
        [w, x.value, step.parameter(`${layer.name}/bias`)],
        { transB: rows ? 1 : 0 },
        layer.name,
      ),
      layout: "columns",
      trained: true,
      backward(dy) {
        step.updateByProduct(`${layer.name}/kernel`, dy, x.value, rows ? 0 : 1);
        step.updateBy(`${layer.name}/bias`, onnx.node("ReduceSum", [dy, onnx.integers(1)], { keepdims: 1 }));
        return x.trained ? onnx.node("Gemm", [w, dy], { transA: 1 }) : undefined;
      },
    };
  },

  /** dx = dy f'(x), with f' from the output where it can be. */
  activation(layer, x, { onnx }) {
    const one = () => onnx.float(1);
    switch (layer.activation) {
      case "relu": {
        const y = onnx.node("Relu", [x.value], {}, layer.name);
        return {
          value: y,
          backward: (dy) => onnx.node("Mul", [dy, onnx.node("Sign", [y])]),
        };
      }
      case "tanh": {
        const y = onnx.node("Tanh", [x.value], {}, layer.name);
        return {
          value: y,
          backward: (dy) => onnx.node("Mul", [dy, onnx.node("Sub", [one(), onnx.node("Mul", [y, y])])]),
        };
      }
      case "swish": {
        // f' = s + y (1 - s) with s = sigmoid(x).
        const s = onnx.node("Sigmoid", [x.value]);
        const y = onnx.node("Mul", [x.value, s], {}, layer.name);
        return {
          value: y,
          backward(dy) {
            const rest = onnx.node("Mul", [y, onnx.node("Sub", [one(), s])]);
            return onnx.node("Mul", [dy, onnx.node("Add", [s, rest])]);
          },
        };
      }
      default:
        throw new FerBenchError("internal", `Activation ${layer.activation} has no gradient rule in a head.`);
    }
  },

  /** y = x * mask; dx = dy * mask. */
  dropout(layer, x, step) {
    const { onnx } = step;
    if (step.inference) return { value: x.value, backward: (dy) => dy };
    const units = step.units(layer);
    const input = `${layer.name}/mask`;
    const mask = step.scannedInput(input, x.layout === "rows" ? ["batch", units] : [units, "batch"]);
    step.masks.push({ input, rate: layer.rate, units, layout: x.layout });
    return {
      value: onnx.node("Mul", [x.value, mask], {}, layer.name),
      backward: (dy) => (x.trained ? onnx.node("Mul", [dy, mask]) : undefined),
    };
  },
};
