import { FerBenchError } from "@fer-bench/artifacts";
import { shapeOf } from "../graph/graph.ts";
import type { Activation, Layer, LayerKind, LayerOfKind } from "../graph/layers.ts";
import { type Tensor, tensorOf } from "../weights/weights.ts";
import type { Model } from "./fold.ts";
import type { OnnxGraph, Value } from "./onnx-graph.ts";

/** What the rules share while a graph is lowered. */
export interface LoweringContext {
  onnx: OnnxGraph;
  model: Model;
  /** Samples a run, or the name of a free dimension. */
  batch: number | string;
}

/** Appends the nodes of one layer to the ONNX graph. */
export type LoweringRule<Kind extends LayerKind> = (
  layer: LayerOfKind<Kind>,
  inputs: readonly Value[],
  context: LoweringContext,
) => Value;

export type LoweringRules = { [Kind in LayerKind]: LoweringRule<Kind> };

/** Appends one layer by the rule of its kind. */
export function applyRule(
  rules: Partial<LoweringRules>,
  layer: Layer,
  inputs: readonly Value[],
  context: LoweringContext,
): Value {
  const rule = rules[layer.kind] as LoweringRule<LayerKind> | undefined;
  if (rule === undefined)
    throw new FerBenchError("internal", `Layer ${layer.name} (${layer.kind}) has no rule.`);
  return rule(layer as never, inputs, context);
}

/** A layer's parameter as an ONNX constant; `shape` reinterprets its elements. */
export function constantOf(
  layer: Layer,
  parameter: string,
  { onnx, model }: LoweringContext,
  shape?: number[],
): Value {
  const name = `${layer.name}/${parameter}`;
  const tensor = tensorOf(model.weights, name);
  return onnx.floats(tensor.data, shape ?? tensor.shape, name);
}

/** Appends an activation; channels are axis 1 in every layout that softmax is used in. */
export function activate(onnx: OnnxGraph, activation: Activation, x: Value): Value {
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return onnx.node("Relu", [x]);
    case "sigmoid":
      return onnx.node("Sigmoid", [x]);
    case "tanh":
      return onnx.node("Tanh", [x]);
    case "softmax":
      return onnx.node("Softmax", [x], { axis: 1 });
    case "swish":
      return onnx.node("Mul", [x, onnx.node("Sigmoid", [x])]);
  }
}

/** The channels of the layer's input. */
export function inputChannels(layer: Layer, model: Model): number {
  return shapeOf(model.graph, layer.inputs[0]!).at(-1)!;
}

const BLOCK = 16;

/** Keras's [height, width, inputs, outputs] to [outputs, inputs, height, width]. */
export function transposedKernel({ shape, data }: Tensor): Float32Array<ArrayBuffer> {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const area = height * width;
  const transposed = new Float32Array(data.length);
  for (let tap = 0; tap < area; tap++) {
    // In blocks, so that both arrays stay in the cache.
    for (let firstInput = 0; firstInput < inputs; firstInput += BLOCK) {
      const endInput = Math.min(firstInput + BLOCK, inputs);
      for (let output = 0; output < outputs; output++) {
        let to = (output * inputs + firstInput) * area + tap;
        let from = (tap * inputs + firstInput) * outputs + output;
        for (let input = firstInput; input < endInput; input++) {
          transposed[to] = data[from]!;
          to += area;
          from += outputs;
        }
      }
    }
  }
  return transposed;
}
