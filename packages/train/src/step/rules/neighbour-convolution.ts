import type { LayerOfKind, Value } from "@fer-bench/models";
import { asMatrix, type Columns, cutParts, joinParts, split } from "../columns.ts";
import type { Activation, StepBuilder } from "../step-builder.ts";
import { kernelGradient, type LinearStep, withGain } from "./linear.ts";
import { gatherTaps, type Window } from "./taps.ts";
import { windowOf } from "./window.ts";

/** Whether a convolution reads neighbours and keeps every pixel; a GPU's step multiplies copied neighbourhoods. */
export function readsNeighbours({ kernel, strides }: LayerOfKind<"conv2d">, { onGpu }: StepBuilder): boolean {
  return !onGpu && kernel.join() !== "1,1" && strides.join() === "1,1";
}

/**
 * A convolution of stride 1 by the runtime's own: with the images innermost, a picture's row is [width * N] and its
 * neighbours lie N apart, so that a kernel dilated by N convolves the whole batch as one picture, and the runtime cuts
 * the neighbourhoods out piece by piece, in the cache. The way back to the input is the same with the kernel turned by
 * 180 degrees, inputs and outputs swapped; the kernel's gradient is a product a tap, dy x_tap'. On the shapes of a small
 * EfficientNetV2 forward is 1.5 to 3.7 times as fast as a product with copied neighbourhoods.
 */
export function neighbourConvolution(
  layer: LayerOfKind<"conv2d">,
  given: Activation,
  step: StepBuilder,
): LinearStep {
  const { onnx } = step;
  const window = windowOf(layer, given, step);
  const { heightOut, widthOut } = window;
  const pixels = heightOut * widthOut;
  const sizes = step.partSizes(layer.filters, pixels);
  const x = joinParts(onnx, given).parts[0]!;
  const kernel = step.parameter(`${layer.name}/kernel`);
  const shape = { taps: layer.kernel[0] * layer.kernel[1], inputs: given.shape[2]!, outputs: layer.filters };
  const whole = convolve(step, x, forwardKernel(step, kernel, layer, shape), window);
  const biased = layer.bias
    ? onnx.node("Add", [whole, step.reshape(step.parameter(`${layer.name}/bias`), -1, 1, 1)])
    : whole;
  return {
    columns: { parts: split(onnx, biased, sizes, 0), sizes, pixels },
    backward(gradient, { ofInput }) {
      const parts = cutParts(onnx, step.everyPixel(gradient, pixels), sizes);
      kernelGradient(step, layer.name, layer.bias, parts, () => ofKernel(step, x, window, parts));
      if (!ofInput) return undefined;
      const dy = joinParts(onnx, parts);
      const turned = turnedKernel(step, withGain(step, kernel, dy.gains?.[0]), layer, shape);
      const dx = convolve(step, dy.parts[0]!, turned, turnedWindow(window));
      return { parts: [dx], sizes: [shape.inputs], pixels: given.pixels };
    },
  };
}

interface KernelShape {
  taps: number;
  inputs: number;
  outputs: number;
}

/** [inputs, pixels, N] to [outputs, pixels out, N]. */
function convolve(step: StepBuilder, x: Value, kernel: Value, window: Window): Value {
  const { onnx, batch } = step;
  const { height, width, heightOut, widthOut, padding } = window;
  const picture = step.reshape(x, 1, -1, height, width * batch);
  const { top, bottom, left, right } = padding;
  const y = onnx.node("Conv", [picture, kernel], {
    kernel_shape: [...window.kernel],
    dilations: [1, batch],
    pads: [top, left * batch, bottom, right * batch],
  });
  return step.reshape(y, -1, heightOut * widthOut, batch);
}

/** [outputs, taps * inputs] as ONNX has kernels, [outputs, inputs, height, width]. */
function forwardKernel(
  step: StepBuilder,
  kernel: Value,
  layer: LayerOfKind<"conv2d">,
  { taps, inputs, outputs }: KernelShape,
): Value {
  const cube = step.reshape(kernel, outputs, taps, inputs);
  const turned = step.onnx.node("Transpose", [cube], { perm: [0, 2, 1] });
  return step.reshape(turned, outputs, inputs, ...layer.kernel);
}

/** [outputs, taps * inputs] as the kernel of the way back, [inputs, outputs, height, width], its taps from the last on. */
function turnedKernel(
  step: StepBuilder,
  kernel: Value,
  layer: LayerOfKind<"conv2d">,
  { taps, inputs, outputs }: KernelShape,
): Value {
  const cube = step.reshape(kernel, outputs, taps, inputs);
  const last = step.onnx.integers(...Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
  const backwards = step.onnx.node("Gather", [cube, last], { axis: 1 });
  const turned = step.onnx.node("Transpose", [backwards], { perm: [2, 0, 1] });
  return step.reshape(turned, inputs, outputs, ...layer.kernel);
}

function turnedWindow(window: Window): Window {
  const { height, width, heightOut, widthOut, kernel, padding } = window;
  const [rows, columns] = kernel;
  return {
    ...window,
    height: heightOut,
    width: widthOut,
    heightOut: height,
    widthOut: width,
    padding: {
      top: rows - 1 - padding.top,
      bottom: rows - 1 - padding.bottom,
      left: columns - 1 - padding.left,
      right: columns - 1 - padding.right,
    },
  };
}

/** dy x_tap' of every tap, part by part. */
function ofKernel(step: StepBuilder, x: Value, window: Window, dy: Columns): Value[] {
  const { onnx } = step;
  const taps = gatherTaps(onnx, x, window).map((tap) => asMatrix(onnx, tap));
  return dy.parts.map((part, i) => {
    const rows = asMatrix(onnx, part);
    const products = taps.map((tap) => onnx.node("Gemm", [rows, tap], { transB: 1 }));
    return withGain(step, onnx.node("Concat", products, { axis: 1 }), dy.gains?.[i]);
  });
}
