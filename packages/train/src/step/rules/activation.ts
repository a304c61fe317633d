import type { Activation as Kind, OnnxGraph, Value } from "@fer-bench/models";
import { cutParts } from "../columns.ts";
import { mapParts, refuseLayer, type StepRule } from "../step-builder.ts";

/** y = f(x), and dx from dy. */
export interface ActivationStep {
  value: Value;
  backward(gradient: Value): Value;
}

/** Appends an activation; softmax has no rule, because the loss takes logits. */
export function activate(onnx: OnnxGraph, kind: Exclude<Kind, "softmax">, x: Value): ActivationStep {
  switch (kind) {
    case "linear":
      return { value: x, backward: (dy) => dy };
    case "relu": {
      const y = onnx.node("Relu", [x]);
      return { value: y, backward: (dy) => onnx.node("Mul", [dy, onnx.node("Sign", [y])]) };
    }
    case "sigmoid": {
      // f' = y (1 - y)
      const y = onnx.node("Sigmoid", [x]);
      return {
        value: y,
        backward: (dy) => onnx.node("Mul", [dy, onnx.node("Mul", [y, onnx.node("Sub", [onnx.float(1), y])])]),
      };
    }
    case "tanh": {
      // f' = 1 - y^2
      const y = onnx.node("Tanh", [x]);
      return {
        value: y,
        backward: (dy) => onnx.node("Mul", [dy, onnx.node("Sub", [onnx.float(1), onnx.node("Mul", [y, y])])]),
      };
    }
    case "swish": {
      // f' = s (1 + x - y) with s = sigmoid(x). The sigmoid is worked out again on the way back: that costs less
      // than to have it written and read.
      const y = onnx.node("com.microsoft.QuickGelu", [x], { alpha: { float: 1 } });
      return {
        value: y,
        backward(dy) {
          const rest = onnx.node("Add", [onnx.node("Sub", [x, y]), onnx.float(1)]);
          const scaled = onnx.node("Mul", [dy, onnx.node("Sigmoid", [x])]);
          return onnx.node("Mul", [scaled, rest]);
        },
      };
    }
  }
}

export const activation: StepRule<"activation"> = (layer, [x], { onnx }) => {
  const kind = layer.activation;
  if (kind === "softmax") return refuseLayer(layer, "the loss is taken of logits");
  const steps = x!.parts.map((part) => activate(onnx, kind, part));
  return {
    columns: mapParts(x!, (_, i) => steps[i]!.value),
    backward: (gradient) => [
      mapParts({ ...cutParts(onnx, gradient, x!.sizes), pixels: x!.pixels }, (part, i) =>
        steps[i]!.backward(part),
      ),
    ],
  };
};
