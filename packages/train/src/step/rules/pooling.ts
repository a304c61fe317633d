import { mapParts, type StepRule } from "../step-builder.ts";

/** The mean of all pixels; every pixel has an equal share of the gradient. */
export const globalAveragePool: StepRule<"globalAveragePool"> = (layer, [x], { onnx }) => ({
  columns: {
    ...mapParts(x!, (part) => onnx.node("ReduceMean", [part, onnx.integers(1)], { keepdims: 1 }, layer.name)),
    pixels: 1,
  },
  backward: (gradient) => [mapParts(gradient, (part) => onnx.node("Mul", [part, onnx.float(1 / x!.pixels)]))],
});
