import type { Value } from "@fer-bench/models";
import { cutParts, settle } from "../columns.ts";
import { mapParts, type StepBuilder, type StepRule } from "../step-builder.ts";
import { pixelMatrices } from "./pixel-matrices.ts";
import { rowConvolutions, rowProducts } from "./row-convolutions.ts";
import type { Window } from "./taps.ts";
import { windowOf } from "./window.ts";

/** How a part's channels are convolved with filters [channels, taps], and the two ways back. */
export interface ChannelConvolution {
  /** [channels, pixels, N] to [channels, pixels out, N] */
  forward(x: Value): Value;
  ofInput(dy: Value): Value;
  /** [channels, taps] */
  ofFilters(dy: Value, x: Value): Value;
}

export type ConvolveChannels = (
  step: StepBuilder,
  window: Window,
  filters: Value,
  channels: number,
) => ChannelConvolution;

/** y = w * x + b, one filter a channel. */
export const depthwiseConv2d: StepRule<"depthwiseConv2d"> = (layer, [x], step) => {
  const { onnx } = step;
  const { sizes } = x!;
  const window = windowOf(layer, x!, step);
  const convolve = isSmall(window) ? pixelMatrices : step.onGpu ? rowProducts : rowConvolutions;
  const filters = step.kernelParts(`${layer.name}/depthwise_kernel`, sizes, 0);
  const convolutions = filters.map((part, i) => convolve(step, window, part, sizes[i]!));
  const biases = layer.bias ? step.channelParts(`${layer.name}/bias`, sizes) : undefined;
  const parts = x!.parts.map((part, i) => {
    const y = convolutions[i]!.forward(part);
    return biases ? onnx.node("Add", [y, biases[i]!]) : y;
  });
  const pixels = window.heightOut * window.widthOut;
  return {
    columns: { parts, sizes, pixels },
    backward(gradient) {
      const dy = cutParts(onnx, step.everyPixel(gradient, pixels), sizes);
      if (step.isTrainable(layer.name)) {
        const ofFilters = dy.parts.map((part, i) => {
          const unscaled = convolutions[i]!.ofFilters(part, x!.parts[i]!);
          return dy.gains ? onnx.node("Mul", [unscaled, step.reshape(dy.gains[i]!, -1, 1)]) : unscaled;
        });
        step.gradient(`${layer.name}/depthwise_kernel`, ofFilters);
        if (biases) {
          const sums = mapParts(dy, (part) =>
            onnx.node("ReduceSum", [part, onnx.integers(1, 2)], { keepdims: 1 }),
          );
          step.gradient(`${layer.name}/bias`, settle(onnx, sums).parts);
        }
      }
      if (!x!.trained) return [undefined];
      const parts = dy.parts.map((part, i) => {
        if (dy.gains === undefined) return convolutions[i]!.ofInput(part);
        const scaled = onnx.node("Mul", [filters[i]!, step.reshape(dy.gains[i]!, -1, 1)]);
        return convolve(step, window, scaled, sizes[i]!).ofInput(part);
      });
      return [{ parts, sizes, pixels: x!.pixels }];
    },
  };
};

/** Elements of a channel's pixel matrix up to which the product outruns a convolution (12x12 to 6x6 pixels). */
const LARGEST_PIXEL_MATRIX = 144 * 36;

function isSmall({ height, width, heightOut, widthOut }: Window): boolean {
  return height * width * heightOut * widthOut <= LARGEST_PIXEL_MATRIX;
}
