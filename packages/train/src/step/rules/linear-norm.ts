import type { LayerOfKind, Value } from "@fer-bench/models";
import { asColumns, asMatrix, type Columns, channelsOf, cutParts, joinParts } from "../columns.ts";
import type { StepBuilder } from "../step-builder.ts";
import { affineOf, recordStatistics } from "./batch-norm.ts";

/**
 * A product y = W x without bias and the batch norm z = a y + b behind it, in one: y itself is never made. Mean and
 * variance of y follow from those of x, of which there are fewer: with s = mean of x and C = covariance of x,
 *
 *   mean of y = W s, variance of y = the diagonal of W C W', so z = (a W) x + (beta - a W s).
 *
 * On the way back, with M values a channel, S = dz x', r = 1 / sqrt(variance + epsilon) and the sums of batch norm
 * (dbeta = the sum of dz, dgamma = r (rowsum(S * W) - mean dbeta)), what batch norm hands on is dy = a dz - k y + c
 * with k = a r dgamma / M and c = k mean - a dbeta / M, and everything that dy is needed for is linear in it:
 *
 *   dW = dy x' = a S - (a dbeta) s' - (a r dgamma) W C
 *   dx = W' dy = (a W)' dz - (W' k W) x + W' c
 *
 * so no array of y's size is read or written but z and dz, by matrix products. This pays where W widens.
 */
export function linearNorm(
  step: StepBuilder,
  layer: { linear: string; outputs: number; norm: LayerOfKind<"batchNorm"> },
  given: Columns,
): { columns: Columns; backward(gradient: Columns, options: { ofInput: boolean }): Columns | undefined } {
  const { onnx } = step;
  const { norm, outputs } = layer;
  const count = given.pixels * step.batch;
  const sizes = step.partSizes(outputs, given.pixels);
  const x = asMatrix(onnx, joinParts(onnx, given).parts[0]!);
  const rows = onnx.integers(1);
  const perValue = onnx.float(1 / count);
  const multiply = (a: Value, b: Value) => onnx.node("Mul", [a, b]);
  const outer = (a: Value, b: Value) => onnx.node("Gemm", [a, b], { transB: 1 });

  const mean = onnx.node("ReduceMean", [x, rows], { keepdims: 1 });
  const squares = onnx.node("Gemm", [x, x], { transB: 1, alpha: { float: 1 / count } });
  const covariance = onnx.node("Sub", [squares, outer(mean, mean)]);

  const kernels = step.kernelParts(`${layer.linear}/kernel`, sizes, 0);
  const columnParts = (parameter: string) =>
    step.channelParts(`${norm.name}/${parameter}`, sizes).map((part) => step.reshape(part, -1, 1));
  const gammas = columnParts("gamma");
  const betas = columnParts("beta");
  const norms = kernels.map((kernel, i) => {
    const meanOut = onnx.node("MatMul", [kernel, mean]);
    const spread = onnx.node("MatMul", [kernel, covariance]);
    const variance = onnx.node("Relu", [
      onnx.node("ReduceSum", [multiply(spread, kernel), rows], { keepdims: 1 }),
    ]);
    const affine = affineOf(step, norm, meanOut, variance, gammas[i]!, betas[i]!);
    return { mean: meanOut, variance, spread, ...affine, scaled: multiply(kernel, affine.gain) };
  });
  recordStatistics(step, norm, norms);
  const parts = norms.map(({ scaled, offset }) =>
    asColumns(onnx, onnx.node("Gemm", [scaled, x, offset], {}, norm.name), given.pixels),
  );
  return {
    columns: { parts, sizes, pixels: given.pixels },
    backward(gradient, { ofInput }) {
      const dz = cutParts(onnx, step.everyPixel(gradient, given.pixels), sizes).parts.map((part) =>
        asMatrix(onnx, part),
      );
      const sums = dz.map((part, i) => {
        const { mean: meanOut, inverse } = norms[i]!;
        const dbeta = onnx.node("ReduceSum", [part, rows], { keepdims: 1 });
        const product = outer(part, x);
        const dot = onnx.node("ReduceSum", [multiply(product, kernels[i]!), rows], { keepdims: 1 });
        const dgamma = multiply(onnx.node("Sub", [dot, multiply(meanOut, dbeta)]), inverse);
        return { dbeta, dgamma, product };
      });
      step.gradient(
        `${norm.name}/gamma`,
        sums.map(({ dgamma }) => dgamma),
      );
      step.gradient(
        `${norm.name}/beta`,
        sums.map(({ dbeta }) => dbeta),
      );
      step.gradient(
        `${layer.linear}/kernel`,
        sums.map(({ dbeta, dgamma, product }, i) => {
          const { gain, inverse, spread } = norms[i]!;
          const ofMeans = outer(multiply(gain, dbeta), mean);
          const ofSpread = multiply(spread, multiply(multiply(gain, inverse), dgamma));
          return onnx.node("Sub", [onnx.node("Sub", [multiply(product, gain), ofMeans]), ofSpread]);
        }),
      );
      if (!ofInput) return undefined;
      let dx: Value | undefined;
      const ofX: Value[] = [];
      const constants: Value[] = [];
      sums.forEach(({ dbeta, dgamma }, i) => {
        const { gain, inverse, mean: meanOut } = norms[i]!;
        const share = multiply(gain, perValue);
        const k = multiply(multiply(share, inverse), dgamma);
        const c = onnx.node("Sub", [multiply(k, meanOut), multiply(share, dbeta)]);
        ofX.push(
          onnx.node("Gemm", [kernels[i]!, multiply(kernels[i]!, k)], { transA: 1, alpha: { float: -1 } }),
        );
        constants.push(onnx.node("Gemm", [kernels[i]!, c], { transA: 1 }));
      });
      const total = (values: readonly Value[]) => values.reduce((sum, next) => onnx.node("Add", [sum, next]));
      dx = onnx.node("Gemm", [total(ofX), x, total(constants)]);
      dz.forEach((part, i) => {
        dx = onnx.node("Gemm", [norms[i]!.scaled, part, dx!], { transA: 1 });
      });
      return {
        parts: [asColumns(onnx, dx, given.pixels)],
        sizes: [channelsOf(given)],
        pixels: given.pixels,
      };
    },
  };
}
