import { normalizationDeviation, sizeOf, tensorOf, type Value } from "@fer-bench/models";
import { joinParts } from "../columns.ts";
import { mapParts, refuseLayer, type StepBuilder, type StepRule } from "../step-builder.ts";

/** Pictures [N, height, width, channels], or vectors [N, units], with the samples moved to the end. */
export const input: StepRule<"input"> = (layer, _inputs, step) => {
  const { onnx } = step;
  const given = onnx.input("samples", layer.dtype, [step.batch, ...layer.shape]);
  const channels = layer.shape.at(-1)!;
  const pixels = sizeOf(layer.shape) / channels;
  const apart = step.reshape(given, step.batch, pixels, channels);
  const turned = onnx.node("Transpose", [apart], { perm: [2, 1, 0] });
  const value = layer.dtype === "uint8" ? onnx.node("Cast", [turned], { to: 1 }) : turned;
  return {
    columns: { parts: [value], sizes: [channels], pixels },
    backward: () => [],
  };
};

export const repeatChannels: StepRule<"repeatChannels"> = (layer, [x], { onnx }) => {
  if (x!.trained) refuseLayer(layer, "it has no gradient rule, being there for pictures");
  const [whole] = joinParts(onnx, x!).parts;
  return {
    columns: {
      parts: [onnx.node("Concat", Array(layer.times).fill(whole), { axis: 0 })],
      sizes: [x!.shape.at(-1)! * layer.times],
      pixels: x!.pixels,
    },
    backward: () => [undefined],
  };
};

/** y = x s + o; dx = dy s. */
export const rescaling: StepRule<"rescaling"> = (layer, [x], step) => {
  const { onnx } = step;
  const constant = (value: number | readonly number[]) =>
    constantChannels(step, Float32Array.from([value].flat()));
  const factor = constant(layer.scale);
  const scaled = (part: Value) => onnx.node("Mul", [part, factor]);
  const { offset } = layer;
  return {
    columns: mapParts(joinParts(onnx, x!), (part) =>
      offset === undefined ? scaled(part) : onnx.node("Add", [scaled(part), constant(offset)]),
    ),
    backward: (gradient) => [mapParts(joinParts(onnx, gradient), scaled)],
  };
};

/** y = (x - mean) / deviation of the layer's statistics, which stay; dx = dy / deviation. */
export const normalization: StepRule<"normalization"> = (layer, [x], step) => {
  const { onnx, model } = step;
  const whole = joinParts(onnx, x!);
  const mean = constantChannels(step, tensorOf(model.weights, `${layer.name}/mean`).data);
  const { data: variance } = tensorOf(model.weights, `${layer.name}/variance`);
  const deviation = constantChannels(step, variance.map(normalizationDeviation));
  return {
    columns: mapParts(whole, (part) => onnx.node("Div", [onnx.node("Sub", [part, mean]), deviation])),
    backward: (gradient) => [
      mapParts(joinParts(onnx, gradient), (part) => onnx.node("Div", [part, deviation])),
    ],
  };
};

/** Keras's order: pixel by pixel, the channels of each. */
export const reshape: StepRule<"reshape"> = (layer, [x], step) => {
  const { onnx } = step;
  const units = layer.shape.at(-1)!;
  if (x!.pixels === 1 && sizeOf(layer.shape) === units) {
    return { columns: x!, backward: (gradient) => [gradient] };
  }
  if (layer.shape.length !== 1) refuseLayer(layer, "only pictures become vectors");
  const channels = x!.shape.at(-1)!;
  const turn = (value: Value) => onnx.node("Transpose", [value], { perm: [1, 0, 2] });
  const [whole] = joinParts(onnx, x!).parts;
  return {
    columns: { parts: [step.reshape(turn(whole!), units, 1, step.batch)], sizes: [units], pixels: 1 },
    backward(gradient) {
      const [dy] = joinParts(onnx, gradient).parts;
      const apart = step.reshape(dy!, x!.pixels, channels, step.batch);
      return [{ parts: [turn(apart)], sizes: [channels], pixels: x!.pixels }];
    },
  };
};

function constantChannels({ onnx }: StepBuilder, values: Float32Array) {
  return onnx.floats(values, [values.length, 1, 1]);
}
