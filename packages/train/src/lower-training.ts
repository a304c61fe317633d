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
  shapeOf,
  tensorOf,
  type Value,
} from "@fer-bench/models";

/*
 * One whole training step as one ONNX graph: forward, softmax cross-entropy, every gradient, and the update of
 * every parameter. Activations inside are [units, batch] ("columns"), so that a dense layer packs its small operand
 * only; the features alone come as [batch, units] ("rows"), as they lie in memory.
 *
 *   in   features [N, D]   targets [C, N], a distribution a column   rate [], learning rate / N
 *        `<dropout>/mask`, 0 or 1 / (1 - rate), laid out as what the layer reads
 *        `<parameter>` and `<parameter>/velocity`
 *   out  output [C, N], the logits, `<parameter>/next` and `<parameter>/velocity/next`
 *
 * Keras's SGD: velocity <- momentum * velocity - learningRate * gradient; parameter <- parameter + velocity. The
 * learning rate is on the gradient of the logits, from which every other gradient follows linearly: the product that
 * makes a kernel's gradient then adds the old velocity too, in one pass over memory.
 */
export interface TrainingGraph {
  bytes: Uint8Array;
  /** The forward pass alone, as in inference: features and `<parameter>`s in, logits out. */
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
 * Lowers a head, from features to logits, to its training step.
 * @throws FerBenchError ("internal") where the graph has a layer without a gradient rule
 */
export function lowerForTraining(
  { graph, weights }: Model,
  { momentum }: { momentum: number },
): TrainingGraph {
  checkWeights(graph, weights);
  const classes = outputShape(graph)[0]!;
  const step = new TrainingStep({ graph, weights }, { momentum, inference: false });
  const { onnx } = step;
  const logits = step.forward();
  const targets = onnx.input("targets", "float32", [classes, "batch"]);
  const rate = onnx.input("rate", "float32", []);
  // d loss / d logits = (softmax(logits) - targets) / N for the mean cross-entropy.
  const error = onnx.node("Sub", [onnx.node("Softmax", [logits], { axis: 0 }), targets]);
  step.backward(onnx.node("Mul", [error, rate]));
  onnx.output("output", logits, "float32", [classes, "batch"]);
  for (const { name, shape, next, nextVelocity } of step.updates) {
    onnx.output(`${name}/next`, next, "float32", shape);
    onnx.output(`${name}/velocity/next`, nextVelocity, "float32", shape);
  }
  const inference = new TrainingStep({ graph, weights }, { momentum, inference: true });
  inference.onnx.output("output", inference.forward(), "float32", [classes, "batch"]);
  return {
    bytes: onnx.toBytes({ architecture: graph.name }),
    forwardBytes: inference.onnx.toBytes({ architecture: graph.name }),
    parameters: step.updates.map(({ name, shape, transposed }) => ({ name, shape, transposed })),
    masks: step.masks,
  };
}

interface Update extends TrainedParameter {
  next: Value;
  nextVelocity: Value;
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
  readonly momentum: number;
  /** Leaves dropout out. */
  readonly inference: boolean;
  readonly updates: Update[] = [];
  readonly masks: DropoutMask[] = [];
  readonly #tape: Backward[] = [];

  constructor(model: Model, { momentum, inference }: { momentum: number; inference: boolean }) {
    this.onnx = new OnnxGraph(`${model.graph.name}-${inference ? "forward" : "training"}`);
    this.model = model;
    this.momentum = momentum;
    this.inference = inference;
  }

  /** Lays down every layer's output; gives the last one's. */
  forward(): Value {
    const input = inputOf(this.model.graph);
    const features = this.onnx.input(input.name, "float32", ["batch", input.shape[0]!]);
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

  units(layer: Layer): number {
    return shapeOf(this.model.graph, layer.inputs[0]!)[0]!;
  }

  /** Update by a gradient that is a product a b, or a b': momentum * velocity - a b is one Gemm. */
  updateByProduct(parameter: TrainedParameter, value: Value, a: Value, b: Value, transB: 0 | 1): void {
    const velocity = this.onnx.input(`${parameter.name}/velocity`, "float32", parameter.shape);
    const attributes = { alpha: { float: -1 }, beta: { float: this.momentum }, transB };
    this.#update(parameter, value, this.onnx.node("Gemm", [a, b, velocity], attributes));
  }

  updateBy(parameter: TrainedParameter, value: Value, gradient: Value): void {
    const velocity = this.onnx.input(`${parameter.name}/velocity`, "float32", parameter.shape);
    const kept = this.onnx.node("Mul", [velocity, this.onnx.float(this.momentum)]);
    this.#update(parameter, value, this.onnx.node("Sub", [kept, gradient]));
  }

  #update(parameter: TrainedParameter, value: Value, nextVelocity: Value): void {
    this.updates.push({ ...parameter, nextVelocity, next: this.onnx.node("Add", [value, nextVelocity]) });
  }
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
    const inputs = step.units(layer);
    const kernel: TrainedParameter = {
      name: `${layer.name}/kernel`,
      shape: [layer.units, inputs],
      transposed: true,
    };
    const bias: TrainedParameter = { name: `${layer.name}/bias`, shape: [layer.units, 1], transposed: false };
    const w = onnx.input(kernel.name, "float32", kernel.shape);
    const b = onnx.input(bias.name, "float32", bias.shape);
    const rows = x.layout === "rows";
    return {
      value: onnx.node("Gemm", [w, x.value, b], { transB: rows ? 1 : 0 }, layer.name),
      layout: "columns",
      trained: true,
      backward(dy) {
        step.updateByProduct(kernel, w, dy, x.value, rows ? 0 : 1);
        step.updateBy(bias, b, onnx.node("ReduceSum", [dy, onnx.integers(1)], { keepdims: 1 }));
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
    const mask = onnx.input(input, "float32", x.layout === "rows" ? ["batch", units] : [units, "batch"]);
    step.masks.push({ input, rate: layer.rate, units, layout: x.layout });
    return {
      value: onnx.node("Mul", [x.value, mask], {}, layer.name),
      backward: (dy) => (x.trained ? onnx.node("Mul", [dy, mask]) : undefined),
    };
  },
};
