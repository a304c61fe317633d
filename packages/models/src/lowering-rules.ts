import { FerBenchError } from "@fer-bench/artifacts";
import { affineOfBatchNorm, type Model, normalizationDeviation } from "./fold.ts";
import { inputOf, shapeOf } from "./graph.ts";
import type { Activation, Layer, LayerKind, LayerOfKind } from "./layers.ts";
import type { OnnxGraph, Value } from "./onnx-graph.ts";
import type { Padding } from "./padding.ts";
import { type Tensor, tensorOf } from "./weights.ts";

/** What the rules share while a graph is lowered. */
export interface LoweringContext {
  onnx: OnnxGraph;
  model: Model;
  /** Samples a run, or the name of a free dimension. */
  batch: number | string;
}

/** Appends the nodes of one layer to the ONNX graph; pictures are NCHW. */
export type LoweringRule<Kind extends LayerKind> = (
  layer: LayerOfKind<Kind>,
  inputs: readonly Value[],
  context: LoweringContext,
) => Value;

export type LoweringRules = { [Kind in LayerKind]: LoweringRule<Kind> };

/** Appends every layer in order; returns the value of each by the layer's name. */
export function lowerLayers(context: LoweringContext, rules: LoweringRules): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const layer of context.model.graph.layers) {
    const rule = rules[layer.kind] as LoweringRule<LayerKind>;
    const inputs = layer.inputs.map((input) => values.get(input)!);
    values.set(layer.name, rule(layer as never, inputs, context));
  }
  return values;
}

/** Each kind of layer in inference, as plain ONNX operators. */
export const INFERENCE_RULES: LoweringRules = {
  input(layer, _inputs, { onnx, batch, model }) {
    const input = onnx.input(layer.name, layer.dtype, [batch, ...inputOf(model.graph).shape]);
    const floats = layer.dtype === "uint8" ? onnx.node("Cast", [input], { to: 1 }) : input;
    if (layer.shape.length !== 3) return floats;
    const [height, width, channels] = layer.shape as [number, number, number];
    // One channel has the same bytes in both orders.
    if (channels === 1) return onnx.node("Reshape", [floats, onnx.integers(-1, 1, height, width)]);
    return onnx.node("Transpose", [floats], { perm: [0, 3, 1, 2] });
  },
  repeatChannels(layer, [x], { onnx }) {
    return onnx.node("Concat", Array<Value>(layer.times).fill(x!), { axis: 1 }, layer.name);
  },
  rescaling(layer, [x], context) {
    const scale = typeof layer.scale === "number" ? [layer.scale] : layer.scale;
    return context.onnx.node(
      "Mul",
      [x!, alongChannels(layer, Float32Array.from(scale), context)],
      {},
      layer.name,
    );
  },
  normalization(layer, [x], context) {
    const { onnx, model } = context;
    const { data: mean } = tensorOf(model.weights, `${layer.name}/mean`);
    const { data: variance } = tensorOf(model.weights, `${layer.name}/variance`);
    const centred = onnx.node("Sub", [x!, alongChannels(layer, mean, context)], {}, layer.name);
    if (variance.every((value) => value === 1)) return centred;
    const deviation = variance.map(normalizationDeviation);
    return onnx.node("Div", [centred, alongChannels(layer, deviation, context)], {}, layer.name);
  },
  conv2d(layer, [x], { onnx, model }) {
    const kernel = transposeKernel(tensorOf(model.weights, `${layer.name}/kernel`));
    const inputs = [x!, onnx.floats(kernel.data, kernel.shape, `${layer.name}/kernel`)];
    if (layer.bias) {
      const bias = tensorOf(model.weights, `${layer.name}/bias`);
      inputs.push(onnx.floats(bias.data, bias.shape, `${layer.name}/bias`));
    }
    const attributes = { kernel_shape: layer.kernel, strides: layer.strides, pads: pads(layer.padding) };
    return activate(onnx, layer.activation, onnx.node("Conv", inputs, attributes, layer.name));
  },
  depthwiseConv2d(layer, [x], { onnx, model }) {
    const kernel = transposeKernel(tensorOf(model.weights, `${layer.name}/depthwise_kernel`));
    const [height, width, channels] = [kernel.shape[2]!, kernel.shape[3]!, kernel.shape[1]!];
    const inputs = [
      x!,
      onnx.floats(kernel.data, [channels, 1, height, width], `${layer.name}/depthwise_kernel`),
    ];
    if (layer.bias) {
      const bias = tensorOf(model.weights, `${layer.name}/bias`);
      inputs.push(onnx.floats(bias.data, bias.shape, `${layer.name}/bias`));
    }
    const attributes = {
      kernel_shape: layer.kernel,
      strides: layer.strides,
      pads: pads(layer.padding),
      group: channels,
    };
    return onnx.node("Conv", inputs, attributes, layer.name);
  },
  batchNorm(layer, [x], context) {
    const { scale, offset } = affineOfBatchNorm(context.model.weights, layer);
    const scaled = [x!, alongChannels(layer, Float32Array.from(scale), context)];
    const product = context.onnx.node("Mul", scaled, {}, layer.name);
    return context.onnx.node(
      "Add",
      [product, alongChannels(layer, Float32Array.from(offset), context)],
      {},
      layer.name,
    );
  },
  activation(layer, [x], { onnx }) {
    return activate(onnx, layer.activation, x!);
  },
  globalAveragePool(layer, [x], { onnx }) {
    return onnx.node("ReduceMean", [x!, onnx.integers(2, 3)], { keepdims: 0 }, layer.name);
  },
  reshape(layer, [x], { onnx, model }) {
    const from = shapeOf(model.graph, layer.inputs[0]!);
    // Rows are in [height, width, channels] order outside, so a picture goes back to it before it is flattened.
    const rows = from.length === 3 ? onnx.node("Transpose", [x!], { perm: [0, 2, 3, 1] }) : x!;
    const reshaped = onnx.node("Reshape", [rows, onnx.integers(-1, ...layer.shape)], {}, layer.name);
    if (layer.shape.length !== 3) return reshaped;
    return onnx.node("Transpose", [reshaped], { perm: [0, 3, 1, 2] });
  },
  dense(layer, [x], { onnx, model }) {
    const kernel = tensorOf(model.weights, `${layer.name}/kernel`);
    const inputs = [x!, onnx.floats(kernel.data, kernel.shape, `${layer.name}/kernel`)];
    if (layer.bias) {
      const bias = tensorOf(model.weights, `${layer.name}/bias`);
      inputs.push(onnx.floats(bias.data, bias.shape, `${layer.name}/bias`));
    }
    return activate(onnx, layer.activation, onnx.node("Gemm", inputs, {}, layer.name));
  },
  dropout: (_layer, [x]) => x!,
  add: (layer, [a, b], { onnx }) => onnx.node("Add", [a!, b!], {}, layer.name),
  multiply: (layer, [a, b], { onnx }) => onnx.node("Mul", [a!, b!], {}, layer.name),
};

function activate(onnx: OnnxGraph, activation: Activation, x: Value): Value {
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
      return onnx.node("Softmax", [x], { axis: -1 });
    case "swish":
      return onnx.node("Mul", [x, onnx.node("Sigmoid", [x])]);
  }
}

/** A constant that broadcasts along the channels of what the layer reads. */
export function alongChannels(layer: Layer, data: Float32Array, { onnx, model }: LoweringContext): Value {
  const shape = shapeOf(model.graph, layer.inputs[0]!);
  if (data.length !== 1 && data.length !== shape.at(-1)) {
    throw new FerBenchError(
      "internal",
      `Layer ${layer.name} has ${data.length} factors for [${shape.join(", ")}].`,
    );
  }
  return onnx.floats(data, shape.length === 3 ? [data.length, 1, 1] : [data.length], layer.name);
}

/** HWIO to ONNX's OIHW. */
function transposeKernel({ shape, data }: Tensor): Tensor {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const area = height * width;
  const transposed = new Float32Array(data.length);
  for (let tap = 0; tap < area; tap++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        transposed[(output * inputs + input) * area + tap] = data[(tap * inputs + input) * outputs + output]!;
      }
    }
  }
  return { shape: [outputs, inputs, height, width], data: transposed };
}

function pads({ top, left, bottom, right }: Padding): number[] {
  return [top, left, bottom, right];
}
