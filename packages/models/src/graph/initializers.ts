import { normal, type Random, truncatedNormal, uniform } from "@fer-bench/artifacts";

/**
 * How a parameter starts: Keras's VarianceScaling (variance = scale / fan), a normal or a uniform distribution around
 * zero of a given width, or one number everywhere.
 */
export type Initializer =
  | {
      kind: "varianceScaling";
      scale: number;
      mode: "fanIn" | "fanOut" | "fanAverage";
      distribution: "truncatedNormal" | "normal" | "uniform";
    }
  | { kind: "normal"; deviation: number }
  | { kind: "uniform"; limit: number }
  | { kind: "constant"; value: number };

export const ZEROS: Initializer = { kind: "constant", value: 0 };
export const ONES: Initializer = { kind: "constant", value: 1 };

/** Glorot and Bengio (2010), Keras's default for dense layers. */
export const GLOROT_UNIFORM: Initializer = {
  kind: "varianceScaling",
  scale: 1,
  mode: "fanAverage",
  distribution: "uniform",
};

/** He et al. (2015) as torchvision's ResNet and VGG take it for convolutions: normal, variance 2 / fan out. */
export const HE_NORMAL_FAN_OUT: Initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanOut",
  distribution: "normal",
};

/** PyTorch's default for kernels of convolutions and dense layers: uniform within 1 / sqrt(fan in). */
export const PYTORCH_DEFAULT: Initializer = {
  kind: "varianceScaling",
  scale: 1 / 3,
  mode: "fanIn",
  distribution: "uniform",
};

/** PyTorch's default for the bias beside such a kernel. */
export function pytorchBias(fanIn: number): Initializer {
  return { kind: "uniform", limit: 1 / Math.sqrt(fanIn) };
}

/** Standard deviation of a standard normal cut off at two: Keras divides by it to keep the variance asked for. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Draws a parameter of Keras's layout: [..., inputs, outputs], leading extents the receptive field. */
export function initialize(
  initializer: Initializer,
  shape: readonly number[],
  random: Random,
): Float32Array<ArrayBuffer> {
  const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  if (initializer.kind === "constant") return data.fill(initializer.value);
  const draw = drawing(initializer, shape, random);
  for (let i = 0; i < data.length; i++) data[i] = draw();
  return data;
}

function drawing(
  initializer: Exclude<Initializer, { kind: "constant" }>,
  shape: readonly number[],
  random: Random,
): () => number {
  if (initializer.kind === "normal") return () => initializer.deviation * normal(random);
  if (initializer.kind === "uniform") return () => uniform(random, -initializer.limit, initializer.limit);
  const variance = initializer.scale / fan(initializer.mode, shape);
  const deviation = Math.sqrt(variance);
  switch (initializer.distribution) {
    case "uniform": {
      const limit = Math.sqrt(3 * variance);
      return () => uniform(random, -limit, limit);
    }
    case "normal":
      return () => deviation * normal(random);
    case "truncatedNormal":
      return () => (deviation / TRUNCATED_DEVIATION) * truncatedNormal(random);
  }
}

function fan(mode: "fanIn" | "fanOut" | "fanAverage", shape: readonly number[]): number {
  const receptiveField = shape.slice(0, -2).reduce((product, extent) => product * extent, 1);
  const fanIn = (shape.at(-2) ?? 1) * receptiveField;
  const fanOut = (shape.at(-1) ?? 1) * receptiveField;
  if (mode === "fanIn") return Math.max(1, fanIn);
  if (mode === "fanOut") return Math.max(1, fanOut);
  return Math.max(1, (fanIn + fanOut) / 2);
}
