import type { Value } from "@fer-bench/models";
import {
  asColumns,
  asMatrix,
  type Columns,
  channelsOf,
  cutParts,
  joinParts,
  settle,
  split,
} from "../columns.ts";
import { mapParts, type StepBuilder } from "../step-builder.ts";

/** A product with a kernel [outputs, inputs] and perhaps a bias, of every pixel and sample. */
export interface LinearLayer {
  layer: string;
  outputs: number;
  bias: boolean;
}

export interface LinearStep {
  columns: Columns;
  /** Adds the gradients of kernel and bias; gives that of x where it is asked for. */
  backward(gradient: Columns, options: { ofInput: boolean }): Columns | undefined;
}

/**
 * y = W x + b; dW = dy x', db = the sum of dy, dx = W' dy. Many inputs in parts are summed product by product, so
 * that they need not be joined; else the outputs are worked out part by part.
 */
export function linear(step: StepBuilder, { layer, outputs, bias }: LinearLayer, given: Columns): LinearStep {
  const { onnx } = step;
  const sizes = step.partSizes(outputs, given.pixels);
  const narrows = given.parts.length > 1 && outputs <= channelsOf(given);
  return narrows
    ? sumOverParts(step, layer, outputs, bias, given)
    : partByPart(step, layer, sizes, bias, joinParts(onnx, given));
}

function partByPart(
  step: StepBuilder,
  layer: string,
  sizes: readonly number[],
  bias: boolean,
  x: Columns,
): LinearStep {
  const { onnx } = step;
  const matrix = asMatrix(onnx, x.parts[0]!);
  const kernels = step.kernelParts(`${layer}/kernel`, sizes, 0);
  const biases = biasParts(step, layer, sizes, bias);
  const parts = kernels.map((kernel, i) =>
    asColumns(onnx, onnx.node("Gemm", [kernel, matrix, ...biases(i)], {}, layer), x.pixels),
  );
  return {
    columns: { parts, sizes, pixels: x.pixels },
    backward(gradient, { ofInput }) {
      const dy = cutParts(onnx, step.everyPixel(gradient, x.pixels), sizes);
      const matrices = dy.parts.map((part) => asMatrix(onnx, part));
      const scaled = (value: Value, i: number) => withGain(step, value, dy.gains?.[i]);
      kernelGradient(step, layer, bias, dy, () =>
        matrices.map((part, i) => scaled(onnx.node("Gemm", [part, matrix], { transB: 1 }), i)),
      );
      if (!ofInput) return undefined;
      let dx: Value | undefined;
      kernels.forEach((kernel, i) => {
        const factors = [scaled(kernel, i), matrices[i]!];
        dx = onnx.node("Gemm", dx ? [...factors, dx] : factors, { transA: 1 });
      });
      return { parts: [asColumns(onnx, dx!, x.pixels)], sizes: x.sizes, pixels: x.pixels };
    },
  };
}

function sumOverParts(
  step: StepBuilder,
  layer: string,
  outputs: number,
  bias: boolean,
  x: Columns,
): LinearStep {
  const { onnx } = step;
  const matrices = x.parts.map((part) => asMatrix(onnx, part));
  const kernels = step.kernelParts(`${layer}/kernel`, x.sizes, 1);
  const biases = biasParts(step, layer, [outputs], bias);
  let y: Value | undefined;
  kernels.forEach((kernel, i) => {
    y = onnx.node("Gemm", [kernel, matrices[i]!, ...(y ? [y] : biases(0))], {}, layer);
  });
  return {
    columns: { parts: [asColumns(onnx, y!, x.pixels)], sizes: [outputs], pixels: x.pixels },
    backward(gradient, { ofInput }) {
      const whole = joinParts(onnx, step.everyPixel(gradient, x.pixels));
      const dy = asMatrix(onnx, whole.parts[0]!);
      const gain = whole.gains?.[0];
      kernelGradient(step, layer, bias, whole, () => {
        const pieces = matrices.map((matrix) => onnx.node("Gemm", [dy, matrix], { transB: 1 }));
        return [withGain(step, onnx.node("Concat", pieces, { axis: 1 }), gain)];
      });
      if (!ofInput) return undefined;
      const scaled = withGain(step, step.parameter(`${layer}/kernel`), gain);
      const parts = split(onnx, scaled, x.sizes, 1).map((kernel) =>
        asColumns(onnx, onnx.node("Gemm", [kernel, dy], { transA: 1 }), x.pixels),
      );
      return { parts, sizes: x.sizes, pixels: x.pixels };
    },
  };
}

/** A matrix with a factor a row. */
export function withGain(step: StepBuilder, matrix: Value, gain: Value | undefined): Value {
  return gain === undefined ? matrix : step.onnx.node("Mul", [matrix, step.reshape(gain, -1, 1)]);
}

function biasParts(step: StepBuilder, layer: string, sizes: readonly number[], bias: boolean) {
  if (!bias) return () => [];
  const parts = step.channelParts(`${layer}/bias`, sizes).map((part) => step.reshape(part, -1, 1));
  return (i: number) => [parts[i]!];
}

/** Sets the gradients of a trained kernel, and of its bias where it has one. */
export function kernelGradient(
  step: StepBuilder,
  layer: string,
  bias: boolean,
  dy: Columns,
  ofKernel: () => Value[],
): void {
  if (!step.isTrainable(layer)) return;
  const { onnx } = step;
  step.gradient(`${layer}/kernel`, ofKernel());
  if (!bias) return;
  const sums = settle(
    onnx,
    mapParts(dy, (part) => onnx.node("ReduceSum", [part, onnx.integers(1, 2)], { keepdims: 1 })),
  );
  step.gradient(`${layer}/bias`, sums.parts);
}
