import { cutParts, joinParts } from "../columns.ts";
import { mapParts, refuseLayer, type StepRule } from "../step-builder.ts";
import { activate } from "./activation.ts";
import { linear } from "./linear.ts";

/** y = f(W x + b) of vectors. */
export const dense: StepRule<"dense"> = (layer, [x], step) => {
  const { onnx } = step;
  const kind = layer.activation;
  if (kind === "softmax") return refuseLayer(layer, "the loss is taken of logits");
  const product = linear(
    step,
    { layer: layer.name, outputs: layer.units, bias: layer.bias },
    joinParts(onnx, x!),
  );
  const steps = product.columns.parts.map((part) => activate(onnx, kind, part));
  return {
    columns: mapParts(product.columns, (_, i) => steps[i]!.value),
    backward(gradient) {
      const dy = cutParts(onnx, gradient, product.columns.sizes);
      const inner = mapParts(dy, (part, i) => steps[i]!.backward(part));
      return [product.backward(inner, { ofInput: x!.trained })];
    },
  };
};
