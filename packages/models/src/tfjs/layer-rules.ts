import type { Conv2dLayer, DepthwiseConv2dLayer, LayerKind, LayerOfKind, Shape } from "../graph/layers.ts";
import { type Padding, padding } from "../graph/padding.ts";
import { normalizationLayer } from "./normalization-layer.ts";
import { paddedPoolLayer } from "./padded-pool-layer.ts";
import { resamplingLayer } from "./resampling-layer.ts";
import type { KerasLayer, SymbolicTensor, TensorFlow } from "./tensorflow.ts";

/** Applies the TensorFlow.js layer (or layers) that one layer of the graph is. */
export type LayerRule<Kind extends LayerKind> = (
  layer: LayerOfKind<Kind>,
  inputs: readonly SymbolicTensor[],
  context: LayerContext,
) => SymbolicTensor;

export interface LayerContext {
  tf: TensorFlow;
  /** Shape of what the layer reads first. */
  inputShape: Shape;
}

/** The model's weights are set once it is built. */
const NOT_DRAWN = "zeros";

/** Every kind of layer; pictures are [N, height, width, channels], as in the graph. */
export const LAYER_RULES: { [Kind in LayerKind]: LayerRule<Kind> } = {
  // TensorFlow.js has no uint8: pictures come as whole numbers in float32.
  input: ({ name, shape }, _inputs, { tf }) => tf.input({ name, shape: [...shape], dtype: "float32" }),
  repeatChannels({ name, times }, [x], { tf }) {
    return applied(tf.layers.concatenate({ name, axis: -1 }), Array<SymbolicTensor>(times).fill(x!));
  },
  rescaling({ name, scale, offset = 0 }, [x], { tf }) {
    // The layer takes whatever tensor-like things it is given, as Keras's does; its type knows numbers alone.
    const factors = { scale: scale as number, offset: offset as number };
    return applied(tf.layers.rescaling({ name, ...factors }), x!);
  },
  normalization: ({ name }, [x], { tf }) => applied(normalizationLayer(tf, { name }), x!),
  conv2d(layer, [x], context) {
    const { name, filters, kernel, bias, activation } = layer;
    const { input, ...place } = placed(layer, x!, context);
    const convolution = context.tf.layers.conv2d({
      ...place,
      name,
      filters,
      kernelSize: pair(kernel),
      useBias: bias,
      activation,
      kernelInitializer: NOT_DRAWN,
    });
    return applied(convolution, input);
  },
  depthwiseConv2d(layer, [x], context) {
    const { name, kernel, bias } = layer;
    const { input, ...place } = placed(layer, x!, context);
    const convolution = context.tf.layers.depthwiseConv2d({
      ...place,
      name,
      kernelSize: pair(kernel),
      useBias: bias,
      depthwiseInitializer: NOT_DRAWN,
    });
    return applied(convolution, input);
  },
  batchNorm({ name, epsilon, momentum }, [x], { tf }) {
    return applied(tf.layers.batchNormalization({ name, epsilon, momentum }), x!);
  },
  activation: ({ name, activation }, [x], { tf }) => applied(tf.layers.activation({ name, activation }), x!),
  maxPool2d(layer, [x], { tf, inputShape }) {
    const { name, window, strides } = layer;
    const mode = paddingMode(layer.padding, inputShape, window, strides);
    const pool = { name, poolSize: pair(window), strides: pair(strides) };
    if (mode !== undefined) return applied(tf.layers.maxPooling2d({ ...pool, padding: mode }), x!);
    return applied(paddedPoolLayer(tf, { ...pool, padding: bySide(layer.padding) }), x!);
  },
  adaptiveAveragePool2d: ({ name, size }, [x], { tf }) =>
    applied(resamplingLayer(tf, { name, size: pair(size), method: "adaptiveAverage" }), x!),
  resize: ({ name, size, interpolation }, [x], { tf }) =>
    applied(resamplingLayer(tf, { name, size: pair(size), method: interpolation }), x!),
  globalAveragePool: ({ name }, [x], { tf }) =>
    applied(tf.layers.globalAveragePooling2d({ name, dataFormat: "channelsLast" }), x!),
  reshape: ({ name, shape }, [x], { tf }) =>
    applied(tf.layers.reshape({ name, targetShape: [...shape] }), x!),
  dense({ name, units, bias, activation }, [x], { tf }) {
    return applied(
      tf.layers.dense({ name, units, useBias: bias, activation, kernelInitializer: NOT_DRAWN }),
      x!,
    );
  },
  dropout({ name, rate, perSample }, [x], { tf, inputShape }) {
    // As in Keras, one draw a sample is a noise of shape [N, 1, 1, ...]: null is filled in with the input's own extent,
    // which the layer does and its type does not know.
    const noise = [null, ...inputShape.map(() => 1)] as number[];
    return applied(tf.layers.dropout({ name, rate, ...(perSample && { noiseShape: noise }) }), x!);
  },
  add: ({ name }, inputs, { tf }) => applied(tf.layers.add({ name }), [...inputs]),
  multiply: ({ name }, inputs, { tf }) => applied(tf.layers.multiply({ name }), [...inputs]),
};

/** Keras's layers give one output where they are applied to symbols. */
function applied(layer: KerasLayer, inputs: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
  return layer.apply(inputs) as SymbolicTensor;
}

/** Padding as Keras writes it: a mode of the convolution where it has one, otherwise a layer of zeros before it. */
function placed(
  layer: Conv2dLayer | DepthwiseConv2dLayer,
  x: SymbolicTensor,
  { tf, inputShape }: LayerContext,
) {
  const strides = pair(layer.strides);
  const mode = paddingMode(layer.padding, inputShape, layer.kernel, strides);
  if (mode !== undefined) return { input: x, strides, padding: mode };
  const zeros = tf.layers.zeroPadding2d({
    name: `${layer.name}_pad`,
    padding: bySide(layer.padding),
    dataFormat: "channelsLast",
  });
  return { input: applied(zeros, x), strides, padding: "valid" as const };
}

/** Keras's word for the padding of a window, where it has one. */
function paddingMode(
  { top, bottom, left, right }: Padding,
  [height, width]: Shape,
  window: readonly [number, number],
  strides: readonly [number, number],
): "valid" | "same" | undefined {
  if (Math.max(top, bottom, left, right) === 0) return "valid";
  const rows = padding("tensorflow", height!, width!, window[0], strides[0]);
  const columns = padding("tensorflow", height!, width!, window[1], strides[1]);
  const isSame =
    top === rows.top && bottom === rows.bottom && left === columns.left && right === columns.right;
  return isSame ? "same" : undefined;
}

function bySide({ top, bottom, left, right }: Padding): [[number, number], [number, number]] {
  return [
    [top, bottom],
    [left, right],
  ];
}

function pair([height, width]: readonly [number, number]): [number, number] {
  return [height, width];
}
