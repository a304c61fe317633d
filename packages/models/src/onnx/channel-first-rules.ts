import { type Graph, shapeOf } from "../graph/graph.ts";
import type { Conv2dLayer, DepthwiseConv2dLayer, Layer, LayerKind } from "../graph/layers.ts";
import { sizeOf } from "../graph/shapes.ts";
import { type Tensor, tensorOf } from "../weights/weights.ts";
import {
  activate,
  constantOf,
  inputChannels,
  type LoweringContext,
  type LoweringRules,
  transposedKernel,
} from "./lowering.ts";
import type { Value } from "./onnx-graph.ts";

/**
 * Rules for small pictures as matrices [channels, pixels * N], pixel by pixel, images innermost. A 1x1 convolution
 * is one product for the whole batch, and a depthwise one is, channel by channel, the product of a [pixels out,
 * pixels in] matrix with the channel's pixels. At a few pixels an image, both outrun a convolution, which meets its
 * weights anew for every image.
 */
export const CHANNEL_FIRST_RULES: Partial<LoweringRules> = {
  conv2d(layer, [x], context) {
    const { onnx, model } = context;
    const kernel = tensorOf(model.weights, `${layer.name}/kernel`);
    const inputs = [
      onnx.floats(
        () => transposedKernel(kernel),
        [layer.filters, inputChannels(layer, model)],
        `${layer.name}/kernel`,
      ),
      visitedPixels(layer, x!, context),
    ];
    if (layer.bias) inputs.push(constantOf(layer, "bias", context, [layer.filters, 1]));
    return activate(onnx, layer.activation, onnx.node("Gemm", inputs, {}, layer.name));
  },
  depthwiseConv2d(layer, [x], context) {
    const { onnx, model } = context;
    const kernel = tensorOf(model.weights, `${layer.name}/depthwise_kernel`);
    const channels = inputChannels(layer, model);
    const [pixelsIn, pixelsOut] = [layer.inputs[0]!, layer.name].map((name) =>
      pixelsOf(shapeOf(model.graph, name)),
    ) as [number, number];
    const batch = context.batch as number;
    // A grouped convolution over the batch is a product a channel that adds the bias on the way.
    const inputs = [
      onnx.node("Reshape", [x!, onnx.integers(1, channels * pixelsIn, batch)]),
      onnx.floats(
        () => pixelMatrices(layer, model.graph, kernel),
        [channels * pixelsOut, pixelsIn, 1],
        `${layer.name}/depthwise_kernel`,
      ),
    ];
    if (layer.bias) {
      const bias = tensorOf(model.weights, `${layer.name}/bias`).data;
      const repeated = Float32Array.from(
        { length: channels * pixelsOut },
        (_, i) => bias[Math.floor(i / pixelsOut)]!,
      );
      inputs.push(onnx.floats(repeated, [channels * pixelsOut], `${layer.name}/bias`));
    }
    const product = onnx.node("Conv", inputs, { kernel_shape: [1], group: channels }, layer.name);
    return onnx.node("Reshape", [product, onnx.integers(channels, pixelsOut * batch)]);
  },
  activation: (layer, [x], { onnx }) => activate(onnx, layer.activation, x!),
  maxPool2d(layer, [x], context) {
    const { onnx, batch, model } = context;
    const [height, width, channels] = shapeOf(model.graph, layer.inputs[0]!) as [number, number, number];
    // Three-dimensional pooling whose third window is one image.
    const picture = onnx.node("Reshape", [x!, onnx.integers(1, channels, height, width, batch as number)]);
    const { top, left, bottom, right } = layer.padding;
    const attributes = {
      kernel_shape: [...layer.window, 1],
      strides: [...layer.strides, 1],
      pads: [top, left, 0, bottom, right, 0],
    };
    const pooled = onnx.node("MaxPool", [picture], attributes, layer.name);
    return onnx.node("Reshape", [pooled, matrixShape(layer.name, context)]);
  },
  globalAveragePool(layer, [x], context) {
    const pixels = pixelsApart(layer.inputs[0]!, x!, context);
    return context.onnx.mean(pixels, [1], { keepdims: false, name: layer.name });
  },
  reshape: (_layer, [x]) => x!,
  dropout: (_layer, [x]) => x!,
  add: (layer, [a, b], { onnx }) => onnx.node("Add", [a!, b!], {}, layer.name),
  multiply(layer, [a, b], context) {
    const factors = layer.inputs.map((input, i) => pixelsApart(input, [a!, b!][i]!, context));
    const product = context.onnx.node("Mul", factors, {}, layer.name);
    return context.onnx.node("Reshape", [product, matrixShape(layer.name, context)]);
  },
};

/** Products above this many elements a channel (6x6 to 6x6 pixels) cost more than a convolution's sparse taps. */
const LARGEST_PIXEL_MATRIX = 36 * 36;

/** The trailing layers that CHANNEL_FIRST_RULES can lower, up to the vectors behind the last pooling. */
export function channelFirstLayers(graph: Graph): ReadonlySet<string> {
  const names = new Set<string>();
  for (const layer of graph.layers.slice(1).reverse()) {
    const shapes = [layer.name, ...layer.inputs].map((name) => shapeOf(graph, name));
    if (shapes.every((shape) => shape.length === 1)) continue;
    if (!isLowered(layer, graph)) break;
    names.add(layer.name);
  }
  return names;
}

const KINDS: ReadonlySet<LayerKind> = new Set(Object.keys(CHANNEL_FIRST_RULES) as LayerKind[]);

function isLowered(layer: Layer, graph: Graph): boolean {
  const [output, input] = [layer.name, layer.inputs[0]!].map((name) => shapeOf(graph, name)) as [
    readonly number[],
    readonly number[],
  ];
  switch (layer.kind) {
    case "conv2d":
      return layer.kernel.join() === "1,1" && Object.values(layer.padding).every((pixels) => pixels === 0);
    case "depthwiseConv2d":
      return pixelsOf(input) * pixelsOf(output) <= LARGEST_PIXEL_MATRIX;
    case "activation":
      return layer.activation !== "softmax";
    case "reshape":
      return pixelsOf(input) === 1 && pixelsOf(output) === 1;
    default:
      return KINDS.has(layer.kind);
  }
}

/** The pixels that a 1x1 convolution looks at: all, or with a stride some of them. */
function visitedPixels(layer: Conv2dLayer, x: Value, context: LoweringContext): Value {
  const [down, right] = layer.strides;
  if (down === 1 && right === 1) return x;
  const { onnx, batch, model } = context;
  const input = layer.inputs[0]!;
  const width = shapeOf(model.graph, input)[1]!;
  const [heightOut, widthOut] = shapeOf(model.graph, layer.name) as [number, number];
  const visited = Array.from(
    { length: heightOut * widthOut },
    (_, i) => Math.floor(i / widthOut) * down * width + (i % widthOut) * right,
  );
  const pixels = onnx.node("Gather", [pixelsApart(input, x, context), onnx.integers(...visited)], {
    axis: 1,
  });
  const columns = visited.length * (batch as number);
  return onnx.node("Reshape", [pixels, onnx.integers(inputChannels(layer, model), columns)]);
}

/** [N, ...] in NCHW order to [channels, pixels * N]. */
export function toChannelFirst(name: string, x: Value, context: LoweringContext): Value {
  const { onnx, batch, model } = context;
  const shape = shapeOf(model.graph, name);
  const apart = onnx.node("Reshape", [x, onnx.integers(batch as number, shape.at(-1)!, pixelsOf(shape))]);
  const turned = onnx.node("Transpose", [apart], { perm: [1, 2, 0] });
  return onnx.node("Reshape", [turned, matrixShape(name, context)]);
}

/** [channels, pixels * N] to [N, channels] or [N, channels, height, width]. */
export function fromChannelFirst(name: string, x: Value, context: LoweringContext): Value {
  const { onnx, batch, model } = context;
  const shape = shapeOf(model.graph, name);
  if (shape.length === 1) return onnx.node("Transpose", [x], { perm: [1, 0] });
  const turned = onnx.node("Transpose", [pixelsApart(name, x, context)], { perm: [2, 0, 1] });
  return onnx.node("Reshape", [turned, onnx.integers(batch as number, shape[2]!, shape[0]!, shape[1]!)]);
}

/** [channels, pixels * N] as [channels, pixels, N]. */
function pixelsApart(name: string, x: Value, { onnx, batch, model }: LoweringContext): Value {
  const shape = shapeOf(model.graph, name);
  return onnx.node("Reshape", [x, onnx.integers(shape.at(-1)!, pixelsOf(shape), batch as number)]);
}

function matrixShape(name: string, { onnx, batch, model }: LoweringContext): Value {
  const shape = shapeOf(model.graph, name);
  return onnx.integers(shape.at(-1)!, pixelsOf(shape) * (batch as number));
}

function pixelsOf(shape: readonly number[]): number {
  return sizeOf(shape) / shape.at(-1)!;
}

/**
 * A depthwise kernel [height, width, channels, 1] as one matrix [pixels out, pixels in] a channel: a Toeplitz matrix
 * of blocks, whose taps outside the picture (the zero padding) are left out.
 */
function pixelMatrices(layer: DepthwiseConv2dLayer, graph: Graph, kernel: Tensor) {
  const [height, width, channels] = shapeOf(graph, layer.inputs[0]!) as [number, number, number];
  const [heightOut, widthOut] = shapeOf(graph, layer.name) as [number, number, number];
  const [kernelHeight, kernelWidth] = layer.kernel;
  const pixelsIn = height * width;
  const pixelsOut = heightOut * widthOut;
  const data = new Float32Array(channels * pixelsOut * pixelsIn);
  for (let out = 0; out < pixelsOut; out++) {
    const top = Math.floor(out / widthOut) * layer.strides[0] - layer.padding.top;
    const left = (out % widthOut) * layer.strides[1] - layer.padding.left;
    for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
      const y = top + Math.floor(tap / kernelWidth);
      const x = left + (tap % kernelWidth);
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      for (let channel = 0; channel < channels; channel++) {
        const row = channel * pixelsOut + out;
        data[row * pixelsIn + y * width + x] = kernel.data[tap * channels + channel]!;
      }
    }
  }
  return data;
}
