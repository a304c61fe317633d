import { type LayerOfKind, tensorOf, type Value } from "@fer-bench/models";
import { cutParts } from "../columns.ts";
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
    columns: mapParts(x, (part, i) =>
      onnx.node("Add", [onnx.node("Mul", [part, norms[i]!.gain]), norms[i]!.offset], {}, layer.name),
    ),
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
      return [
        mapParts(dy, (part, i) => {
          const { mean, inverse, gain } = norms[i]!;
          const { dbeta, dgamma } = sums[i]!;
          // dx = a dy + k x + c
          const perValue = onnx.node("Mul", [gain, onnx.float(-1 / count)]);
          const k = onnx.node("Mul", [onnx.node("Mul", [perValue, inverse]), dgamma]);
          const c = onnx.node("Sub", [onnx.node("Mul", [perValue, dbeta]), onnx.node("Mul", [k, mean])]);
          const both = onnx.node("Add", [onnx.node("Mul", [x.parts[i]!, k]), c]);
          return onnx.node("Add", [onnx.node("Mul", [part, gain]), both]);
        }),
      ];
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
    columns: mapParts(x, (part, i) =>
      onnx.node("Add", [onnx.node("Mul", [part, gains[i]!]), offsets[i]!], {}, layer.name),
    ),
    backward: (gradient) => [
      mapParts(cutParts(onnx, gradient, x.sizes), (part, i) => onnx.node("Mul", [part, gains[i]!])),
    ],
  };
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
