import { cutParts, joinParts } from "../columns.ts";
import { mapParts, noiseOf, refuseLayer, type StepRule } from "../step-builder.ts";

/** y = a + b; both have the gradient of y. */
export const add: StepRule<"add"> = (_layer, [a, b], step) => ({
  columns: step.sum(a!, b!),
  backward: (gradient) => [gradient, gradient],
});

/** y = x e, where e may be one factor a channel for all pixels; dx = dy e, de = dy x, summed over those pixels. */
export const multiply: StepRule<"multiply"> = (_layer, [x, e], { onnx }) => {
  const factors = cutParts(onnx, e!, x!.sizes).parts;
  const product = (part: (typeof factors)[number], i: number) => onnx.node("Mul", [part, factors[i]!]);
  return {
    columns: mapParts(x!, product),
    backward(gradient) {
      const dy = cutParts(onnx, gradient, x!.sizes);
      const de = mapParts(dy, (part, i) => {
        const all = onnx.node("Mul", [part, x!.parts[i]!]);
        return e!.pixels === x!.pixels
          ? all
          : onnx.node("ReduceSum", [all, onnx.integers(1)], { keepdims: 1 });
      });
      return [
        x!.trained ? mapParts({ ...dy, pixels: x!.pixels }, product) : undefined,
        e!.trained ? joinParts(onnx, { ...de, pixels: e!.pixels }) : undefined,
      ];
    },
  };
};

/** y = x m with m 0 or 1 / (1 - rate), a sample and channel, or with `perSample` a sample; dx = dy m. */
export const dropout: StepRule<"dropout"> = (layer, [x], step) => {
  const { onnx } = step;
  if (!layer.perSample && x!.pixels > 1)
    refuseLayer(layer, "dropout has a rule for vectors and for whole samples");
  const noise = noiseOf(layer, x!.shape);
  const { channels } = noise;
  const whole = { parts: [step.noiseInput(noise)], sizes: [channels], pixels: 1 };
  const masks = layer.perSample ? x!.sizes.map(() => whole.parts[0]!) : cutParts(onnx, whole, x!.sizes).parts;
  return {
    columns: mapParts(x!, (part, i) => onnx.node("Mul", [part, masks[i]!])),
    backward: (gradient) => [
      mapParts(cutParts(onnx, gradient, x!.sizes), (part, i) => onnx.node("Mul", [part, masks[i]!])),
    ],
  };
};
