import { FerBenchError } from "@fer-bench/artifacts";
import type { Conv2dLayer, DepthwiseConv2dLayer, Layer, MaxPool2dLayer, Shape } from "./layers.ts";

/** The output shape of a layer whose inputs have these shapes; a FerBenchError ("internal") where they do not fit. */
export function inferShape(layer: Layer, inputs: readonly Shape[]): Shape {
  const [first, second] = inputs;
  switch (layer.kind) {
    case "input":
      return layer.shape;
    case "repeatChannels": {
      const [height, width, channels] = picture(layer, first);
      return [height, width, channels * layer.times];
    }
    case "conv2d":
      return [...positions(layer, layer.kernel, inputs), layer.filters];
    case "depthwiseConv2d":
      return [...positions(layer, layer.kernel, inputs), picture(layer, first)[2]];
    case "maxPool2d":
      return [...positions(layer, layer.window, inputs), picture(layer, first)[2]];
    case "adaptiveAveragePool2d":
    case "resize":
      return [...layer.size, picture(layer, first)[2]];
    case "globalAveragePool":
      return [picture(layer, first)[2]];
    case "reshape":
      if (first === undefined || sizeOf(first) !== sizeOf(layer.shape)) throw misfit(layer, inputs);
      return layer.shape;
    case "dense":
      if (first?.length !== 1) throw misfit(layer, inputs);
      return [layer.units];
    case "add":
      if (first === undefined || second?.join() !== first.join()) throw misfit(layer, inputs);
      return first;
    case "multiply": {
      const fits = second?.join() === first?.join() || second?.join() === [1, 1, first?.at(-1)].join();
      if (first === undefined || !fits) throw misfit(layer, inputs);
      return first;
    }
    case "rescaling":
    case "normalization":
    case "batchNorm":
    case "activation":
    case "dropout":
      if (first === undefined) throw misfit(layer, inputs);
      return first;
  }
}

/** [height, width] of the places that a window takes in the padded picture. */
function positions(
  layer: Conv2dLayer | DepthwiseConv2dLayer | MaxPool2dLayer,
  window: readonly [number, number],
  inputs: readonly Shape[],
): [number, number] {
  const [height, width] = picture(layer, inputs[0]);
  const { top, bottom, left, right } = layer.padding;
  const outputHeight = Math.floor((height + top + bottom - window[0]) / layer.strides[0]) + 1;
  const outputWidth = Math.floor((width + left + right - window[1]) / layer.strides[1]) + 1;
  if (outputHeight < 1 || outputWidth < 1) throw misfit(layer, inputs);
  return [outputHeight, outputWidth];
}

/** Number of elements of one sample. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function picture(layer: Layer, shape: Shape | undefined): [number, number, number] {
  if (shape?.length !== 3) throw misfit(layer, shape ? [shape] : []);
  return shape as unknown as [number, number, number];
}

function misfit(layer: Layer, inputs: readonly Shape[]): FerBenchError {
  const shapes = inputs.map((shape) => `[${shape.join(", ")}]`).join(" and ") || "nothing";
  return new FerBenchError("internal", `Layer ${layer.name} (${layer.kind}) cannot read ${shapes}.`);
}
