import { FerBenchError } from "@fer-bench/artifacts";
import { inputOf, shapeOf } from "../graph/graph.ts";
import type { AdaptiveAveragePool2dLayer, Layer, ResizeLayer, Shape } from "../graph/layers.ts";
import type { Padding } from "../graph/padding.ts";
import { resamplingMatrices } from "../graph/resampling.ts";
import { tensorOf } from "../weights/weights.ts";
import { affineOfBatchNorm, normalizationDeviation } from "./fold.ts";
import {
  activate,
  constantOf,
  inputChannels,
  type LoweringContext,
  type LoweringRules,
  transposedKernel,
} from "./lowering.ts";
import type { OnnxGraph, Value } from "./onnx-graph.ts";

/** Every kind of layer in inference, in plain ONNX operators; pictures are [N, channels, height, width]. */
export const NCHW_RULES: LoweringRules = {
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
    const constant = (value: number | readonly number[]) =>
      alongChannels(layer, Float32Array.from([value].flat()), context);
    const scaled = context.onnx.node("Mul", [x!, constant(layer.scale)], {}, layer.name);
    if (layer.offset === undefined) return scaled;
    return context.onnx.node("Add", [scaled, constant(layer.offset)], {}, layer.name);
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
  conv2d(layer, [x], context) {
    const { onnx, model } = context;
    const kernel = tensorOf(model.weights, `${layer.name}/kernel`);
    const shape = [layer.filters, inputChannels(layer, model), ...layer.kernel];
    const inputs = [x!, onnx.floats(() => transposedKernel(kernel), shape, `${layer.name}/kernel`)];
    if (layer.bias) inputs.push(constantOf(layer, "bias", context));
    const attributes = { kernel_shape: layer.kernel, strides: layer.strides, pads: pads(layer.padding) };
    return activate(onnx, layer.activation, onnx.node("Conv", inputs, attributes, layer.name));
  },
  depthwiseConv2d(layer, [x], context) {
    const { onnx, model } = context;
    const channels = inputChannels(layer, model);
    const kernel = tensorOf(model.weights, `${layer.name}/depthwise_kernel`);
    const shape = [channels, 1, ...layer.kernel];
    const inputs = [x!, onnx.floats(() => transposedKernel(kernel), shape, `${layer.name}/depthwise_kernel`)];
    if (layer.bias) inputs.push(constantOf(layer, "bias", context));
    const attributes = { kernel_shape: layer.kernel, strides: layer.strides, pads: pads(layer.padding) };
    return onnx.node("Conv", inputs, { ...attributes, group: channels }, layer.name);
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
  maxPool2d(layer, [x], { onnx }) {
    const attributes = { kernel_shape: layer.window, strides: layer.strides, pads: pads(layer.padding) };
    return onnx.node("MaxPool", [x!], attributes, layer.name);
  },
  adaptiveAveragePool2d: (layer, [x], context) => resample(layer, x!, context),
  resize: (layer, [x], context) => resample(layer, x!, context),
  globalAveragePool(layer, [x], { onnx }) {
    return onnx.mean(x!, [2, 3], { keepdims: false, name: layer.name });
  },
  reshape(layer, [x], { onnx, model }) {
    const [height, width, channels] = layer.shape;
    if (height === 1 && width === 1) {
      return onnx.node("Reshape", [x!, onnx.integers(-1, channels!, 1, 1)], {}, layer.name);
    }
    // Elements are counted in [height, width, channels] order, so a picture goes through it.
    const rows = rowsOf(x!, shapeOf(model.graph, layer.inputs[0]!), onnx);
    const reshaped = onnx.node("Reshape", [rows, onnx.integers(-1, ...layer.shape)], {}, layer.name);
    return layer.shape.length === 3 ? onnx.node("Transpose", [reshaped], { perm: [0, 3, 1, 2] }) : reshaped;
  },
  dense(layer, [x], context) {
    const inputs = [x!, constantOf(layer, "kernel", context)];
    if (layer.bias) inputs.push(constantOf(layer, "bias", context));
    return activate(context.onnx, layer.activation, context.onnx.node("Gemm", inputs, {}, layer.name));
  },
  dropout: (_layer, [x]) => x!,
  add: (layer, [a, b], { onnx }) => onnx.node("Add", [a!, b!], {}, layer.name),
  multiply: (layer, [a, b], { onnx }) => onnx.node("Mul", [a!, b!], {}, layer.name),
};

/** Two products with constant matrices: all engines do the same sums. */
function resample(
  layer: ResizeLayer | AdaptiveAveragePool2dLayer,
  x: Value,
  { onnx, model }: LoweringContext,
): Value {
  const { rows, columns } = resamplingMatrices(layer, shapeOf(model.graph, layer.inputs[0]!));
  const acrossData = new Float32Array(columns.data.length);
  for (let i = 0; i < acrossData.length; i++) {
    acrossData[i] = columns.data[(i % columns.to) * columns.from + Math.floor(i / columns.to)]!;
  }
  const across = onnx.floats(acrossData, [columns.from, columns.to], `${layer.name}/columns`);
  const down = onnx.floats(Float32Array.from(rows.data), [rows.to, rows.from], `${layer.name}/rows`);
  return onnx.node("MatMul", [down, onnx.node("MatMul", [x, across])], {}, layer.name);
}

/** A value as the outside sees it: pictures [N, height, width, channels]. */
export function rowsOf(x: Value, shape: Shape, onnx: OnnxGraph): Value {
  return shape.length === 3 ? onnx.node("Transpose", [x], { perm: [0, 2, 3, 1] }) : x;
}

/** A constant that broadcasts along the channels of what the layer reads. */
export function alongChannels(
  layer: Layer,
  data: Float32Array<ArrayBuffer>,
  { onnx, model }: LoweringContext,
): Value {
  const shape = shapeOf(model.graph, layer.inputs[0]!);
  if (data.length !== 1 && data.length !== shape.at(-1)) {
    throw new FerBenchError(
      "internal",
      `Layer ${layer.name} has ${data.length} factors for [${shape.join(", ")}].`,
    );
  }
  return onnx.floats(data, shape.length === 3 ? [data.length, 1, 1] : [data.length], layer.name);
}

function pads({ top, left, bottom, right }: Padding): number[] {
  return [top, left, bottom, right];
}
