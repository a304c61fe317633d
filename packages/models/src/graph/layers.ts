import type { Initializer } from "./initializers.ts";
import type { Padding } from "./padding.ts";

/** Extents without the batch: [height, width, channels] of a picture, [units] of a vector. */
export type Shape = readonly number[];

export type Activation = "linear" | "relu" | "sigmoid" | "swish" | "tanh" | "softmax";

interface LayerOf<Kind extends string> {
  kind: Kind;
  /** Unique in its graph, and Keras's where Keras has the layer: weights are found by it. */
  name: string;
  /** Names of the layers whose outputs this one reads. */
  inputs: readonly string[];
}

/** What the graph is fed; `uint8` for pictures (0..255, rows of interleaved channels). */
export interface InputLayer extends LayerOf<"input"> {
  shape: Shape;
  dtype: "uint8" | "float32";
}

/** Repeats a grey picture's one channel, so that weights for RGB serve. */
export interface RepeatChannelsLayer extends LayerOf<"repeatChannels"> {
  times: number;
}

/** Keras's Rescaling: x * scale + offset (each a number, or one a channel). */
export interface RescalingLayer extends LayerOf<"rescaling"> {
  scale: number | readonly number[];
  /** 0 where absent. */
  offset?: number | readonly number[];
}

/** Keras's Normalization: (x - mean) / max(sqrt(variance), 1e-7), statistics of the last axis adapted to data. */
export interface NormalizationLayer extends LayerOf<"normalization"> {}

export interface Conv2dLayer extends LayerOf<"conv2d"> {
  filters: number;
  /** [height, width] in pixels. */
  kernel: readonly [number, number];
  strides: readonly [number, number];
  padding: Padding;
  bias: boolean;
  /** Zeros where absent. */
  biasInitializer?: Initializer;
  activation: Activation;
  initializer: Initializer;
}

/** One filter a channel (Keras's depth multiplier 1). */
export interface DepthwiseConv2dLayer extends LayerOf<"depthwiseConv2d"> {
  kernel: readonly [number, number];
  strides: readonly [number, number];
  padding: Padding;
  bias: boolean;
  initializer: Initializer;
}

/** (x - mean) / sqrt(variance + epsilon) * gamma + beta, a channel; mean and variance move towards the batch's. */
export interface BatchNormLayer extends LayerOf<"batchNorm"> {
  epsilon: number;
  /** Keras's: moving = momentum * moving + (1 - momentum) * batch. */
  momentum: number;
}

export interface ActivationLayer extends LayerOf<"activation"> {
  activation: Activation;
}

/** The largest value under a window, a channel; what is padded is never it (-infinity, as in every framework). */
export interface MaxPool2dLayer extends LayerOf<"maxPool2d"> {
  /** [height, width] in pixels. */
  window: readonly [number, number];
  strides: readonly [number, number];
  padding: Padding;
}

/**
 * The mean of each of [height, width] bins that share the picture out, PyTorch's AdaptiveAvgPool2d: bin i of n covers
 * the pixels floor(i size / n) to ceil((i + 1) size / n) - 1, so bins overlap where n does not divide the size, and
 * repeat pixels where there are fewer pixels than bins.
 */
export interface AdaptiveAveragePool2dLayer extends LayerOf<"adaptiveAveragePool2d"> {
  size: readonly [number, number];
}

/**
 * Another size [height, width] in pixels as OpenCV's resize gives it for floating-point pictures: pixel centres at half
 * coordinates, border pixels repeated, no antialiasing, so for enlarging. `bicubic` is its INTER_CUBIC (Keys' kernel
 * with a = -0.75), `bilinear` its INTER_LINEAR.
 */
export interface ResizeLayer extends LayerOf<"resize"> {
  size: readonly [number, number];
  interpolation: "bicubic" | "bilinear";
}

/** Mean over height and width. */
export interface GlobalAveragePoolLayer extends LayerOf<"globalAveragePool"> {}

export interface ReshapeLayer extends LayerOf<"reshape"> {
  shape: Shape;
}

export interface DenseLayer extends LayerOf<"dense"> {
  units: number;
  bias: boolean;
  /** Zeros where absent. */
  biasInitializer?: Initializer;
  activation: Activation;
  initializer: Initializer;
}

/** Drops elements, or with `perSample` the whole of a sample (stochastic depth); nothing in inference. */
export interface DropoutLayer extends LayerOf<"dropout"> {
  rate: number;
  perSample: boolean;
}

export interface AddLayer extends LayerOf<"add"> {}

/** First input times second; a [1, 1, channels] second input is broadcast over the picture. */
export interface MultiplyLayer extends LayerOf<"multiply"> {}

export type Layer =
  | InputLayer
  | RepeatChannelsLayer
  | RescalingLayer
  | NormalizationLayer
  | Conv2dLayer
  | DepthwiseConv2dLayer
  | BatchNormLayer
  | ActivationLayer
  | MaxPool2dLayer
  | AdaptiveAveragePool2dLayer
  | ResizeLayer
  | GlobalAveragePoolLayer
  | ReshapeLayer
  | DenseLayer
  | DropoutLayer
  | AddLayer
  | MultiplyLayer;

export type LayerKind = Layer["kind"];

export type LayerOfKind<Kind extends LayerKind> = Extract<Layer, { kind: Kind }>;
