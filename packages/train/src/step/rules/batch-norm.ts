import { type LayerOfKind, tensorOf, type Value } from "@fer-bench/models";
import { cutParts, settle } from "../columns.ts";
import { mapParts, type StepBuilder, type StepRule } from "../step-builder.ts";

/**
 * In training mode y = a x + b with a = gamma / sqrt(variance + epsilon) and b = beta - mean a, mean and (population)
 * variance the batch's over pixels and samples. With x^ = (x - mean) / sqrt(variance + epsilon) and M values a channel:
 * dbeta = the sum of dy, dgamma = the sum of dy x^, dx = a (dy - dbeta / M - x^ dgamma / M)
 * (Ioffe and Szegedy, "Batch Normalization", 2015). Where it is not trained: y = a x + b of its moving statistics.
 */
export const batchNorm: StepRule<"batchNorm"> = (layer, [x], step) =>
  step.isTrainable(layer.name) ? ofBatch(layer, x!, step) : ofMovingStatistics(layer, x!, step);

type Norm = LayerOfKind<"batchNorm">;
type Input = Parameters<StepRule<"batchNorm">>[1][number];

function ofBatch(layer: Norm, x: Input, step: StepBuilder): ReturnType<StepRule<"batchNorm">> {
  const { onnx } = step;
  const count = x.pixels * step.batch;
  const everything = onnx.integers(1, 2);
  const gammas = step.channelParts(`${layer.name}/gamma`, x.sizes);
  const betas = step.channelParts(`${layer.name}/beta`, x.sizes);
  const norms = x.parts.map((part, i) => {
    const mean = onnx.node("ReduceMean", [part, everything], { keepdims: 1 });
    const square = onnx.node("ReduceMean", [onnx.node("Mul", [part, part]), everything], { keepdims: 1 });
    const variance = varianceOf(step, square, mean);
    return { mean, variance, ...affineOf(step, layer, mean, variance, gammas[i]!, betas[i]!) };
  });
  recordStatistics(step, layer, norms);
  return {
    columns: mapParts(x, (_, i) => affine(step, partOf(x, i), norms[i]!.gain, norms[i]!.offset)),
    backward(gradient) {
      const dy = cutParts(onnx, step.everyPixel(gradient, x.pixels), x.sizes);
      const sums = dy.parts.map((part, i) => {
        const { mean, inverse } = norms[i]!;
        const dbeta = onnx.node("ReduceSum", [part, everything], { keepdims: 1 });
        const product = onnx.node("Mul", [part, x.parts[i]!]);
        const dot = onnx.node("ReduceSum", [product, everything], { keepdims: 1 });
        const centred = onnx.node("Sub", [dot, onnx.node("Mul", [mean, dbeta])]);
        return { dbeta, dgamma: onnx.node("Mul", [centred, inverse]) };
      });
      step.gradient(
        `${layer.name}/gamma`,
        sums.map(({ dgamma }) => dgamma),
      );
      step.gradient(
        `${layer.name}/beta`,
        sums.map(({ dbeta }) => dbeta),
      );
      if (!x.trained) return [undefined];
      // dx = a (dy + k x + c) with k = -dgamma / (M sqrt(variance + epsilon)) and c = -dbeta / M - k mean.
      const parts = dy.parts.map((part, i) => {
        const { mean, inverse } = norms[i]!;
        const { dbeta, dgamma } = sums[i]!;
        const share = onnx.float(-1 / count);
        const k = onnx.node("Mul", [onnx.node("Mul", [dgamma, share]), inverse]);
        const c = onnx.node("Sub", [onnx.node("Mul", [dbeta, share]), onnx.node("Mul", [k, mean])]);
        return onnx.node("Add", [part, affine(step, partOf(x, i), k, c)]);
      });
      return [{ parts, sizes: x.sizes, pixels: x.pixels, gains: norms.map(({ gain }) => gain) }];
    },
  };
}

function ofMovingStatistics(layer: Norm, x: Input, step: StepBuilder): ReturnType<StepRule<"batchNorm">> {
  const { onnx, model } = step;
  const [gamma, beta, mean, variance] = ["gamma", "beta", "moving_mean", "moving_variance"].map(
    (parameter) => tensorOf(model.weights, `${layer.name}/${parameter}`).data,
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const gain = gamma.map((value, c) => value / Math.sqrt(variance[c]! + layer.epsilon));
  const offset = beta.map((value, c) => value - mean[c]! * gain[c]!);
  const partsOf = (values: Float32Array<ArrayBuffer>) =>
    cutParts(
      onnx,
      { parts: [onnx.floats(values, [values.length, 1, 1])], sizes: [values.length], pixels: 1 },
      x.sizes,
    ).parts;
  const gains = partsOf(Float32Array.from(gain));
  const offsets = partsOf(Float32Array.from(offset));
  return {
    columns: mapParts(x, (_, i) => affine(step, partOf(x, i), gains[i]!, offsets[i]!)),
    backward: (gradient) => [{ ...cutParts(onnx, settle(onnx, gradient), x.sizes), gains }],
  };
}

function partOf(x: Input, i: number) {
  return { x: x.parts[i]!, channels: x.sizes[i]!, pixels: x.pixels };
}

/**
 * x * gain + offset, a channel, in one pass over memory: a grouped convolution of one tap.
 * @param gain [channels, 1, 1], as `offset`
 */
function affine(
  step: StepBuilder,
  { x, channels, pixels }: { x: Value; channels: number; pixels: number },
  gain: Value,
  offset: Value,
): Value {
  const { onnx, batch } = step;
  const rows = step.reshape(x, 1, channels, pixels * batch);
  const y = onnx.node("Conv", [rows, gain, step.reshape(offset, -1)], { group: channels, kernel_shape: [1] });
  return step.reshape(y, channels, pixels, batch);
}

/** The mean of the squares less the square of the mean, not below zero. */
export function varianceOf({ onnx }: StepBuilder, square: Value, mean: Value): Value {
  return onnx.node("Relu", [onnx.node("Sub", [square, onnx.node("Mul", [mean, mean])])]);
}

/** 1 / sqrt(variance + epsilon), gamma times that, and what is added then. */
export function affineOf(
  { onnx }: StepBuilder,
  { epsilon }: Pick<Norm, "epsilon">,
  mean: Value,
  variance: Value,
  gamma: Value,
  beta: Value,
): { inverse: Value; gain: Value; offset: Value } {
  const deviation = onnx.node("Sqrt", [onnx.node("Add", [variance, onnx.float(epsilon)])]);
  const inverse = onnx.node("Reciprocal", [deviation]);
  const gain = onnx.node("Mul", [gamma, inverse]);
  return { inverse, gain, offset: onnx.node("Sub", [beta, onnx.node("Mul", [mean, gain])]) };
}

export function recordStatistics(
  step: StepBuilder,
  { name }: Pick<Norm, "name">,
  parts: readonly { mean: Value; variance: Value }[],
): void {
  step.statistic(
    `${name}/moving_mean`,
    parts.map(({ mean }) => mean),
  );
  step.statistic(
    `${name}/moving_variance`,
    parts.map(({ variance }) => variance),
  );
}
