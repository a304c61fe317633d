import type { LayerOfKind } from "@fer-bench/models";
import { type Columns, cutParts, joinParts, settle } from "../columns.ts";
import { type Activation, mapParts, refuseLayer, type StepBuilder, type StepRule } from "../step-builder.ts";
import { activate } from "./activation.ts";
import { type LinearStep, linear } from "./linear.ts";
import { neighbourConvolution, readsNeighbours } from "./neighbour-convolution.ts";
import { gatherTaps, scatterTaps } from "./taps.ts";
import { windowOf } from "./window.ts";

/** y = f(W p + b), where p holds a pixel's whole neighbourhood: tap by tap, all channels of each. */
export const conv2d: StepRule<"conv2d"> = (layer, [x], step) => {
  const { onnx } = step;
  const kind = layer.activation;
  if (kind === "softmax") return refuseLayer(layer, "the loss is taken of logits");
  const product = readsNeighbours(layer, step)
    ? neighbourConvolution(layer, x!, step)
    : ofPatches(layer, x!, step);
  const steps = product.columns.parts.map((part) => activate(onnx, kind, part));
  return {
    columns: mapParts(product.columns, (_, i) => steps[i]!.value),
    backward(gradient) {
      const dy = cutParts(onnx, step.everyPixel(gradient, product.columns.pixels), product.columns.sizes);
      const inner =
        kind === "linear" ? dy : mapParts(settle(onnx, dy), (part, i) => steps[i]!.backward(part));
      return [product.backward(inner, { ofInput: x!.trained })];
    },
  };
};

function ofPatches(layer: LayerOfKind<"conv2d">, x: Activation, step: StepBuilder): LinearStep {
  const patches = patchesOf(layer, x, step);
  const description = { layer: layer.name, outputs: layer.filters, bias: layer.bias };
  const { columns, backward } = linear(step, description, patches.columns);
  return {
    columns,
    backward(gradient, options) {
      const dp = backward(gradient, options);
      return dp && patches.backward(dp);
    },
  };
}

/** The neighbourhoods that a convolution reads, as channels: [taps * channels, pixels out, N]. */
export function patchesOf(
  layer: LayerOfKind<"conv2d">,
  x: Activation,
  step: StepBuilder,
): { columns: Columns; backward(gradient: Columns): Columns } {
  const { onnx } = step;
  const window = windowOf(layer, x, step);
  const pointwise =
    layer.kernel.join() === "1,1" &&
    layer.strides.join() === "1,1" &&
    window.heightOut === window.height &&
    window.widthOut === window.width;
  if (pointwise) return { columns: x, backward: (gradient) => gradient };
  const channels = x.shape[2]!;
  const taps = gatherTaps(onnx, joinParts(onnx, x).parts[0]!, window);
  const pixels = window.heightOut * window.widthOut;
  const columns = {
    parts: [onnx.node("Concat", taps, { axis: 0 }, `${layer.name}/patches`)],
    sizes: [channels * taps.length],
    pixels,
  };
  return {
    columns,
    backward(gradient) {
      const [whole] = joinParts(onnx, gradient).parts;
      const pieces = onnx.nodes("Split", [whole!, onnx.integers(...taps.map(() => channels))], taps.length, {
        axis: 0,
      });
      return { parts: [scatterTaps(onnx, pieces, window)], sizes: [channels], pixels: x.pixels };
    },
  };
}
