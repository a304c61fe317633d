import type { LayerOfKind } from "@fer-bench/models";
import type { Activation, StepBuilder } from "../step-builder.ts";
import type { Window } from "./taps.ts";

/** Where a layer's kernel lies over the picture that it reads. */
export function windowOf(
  layer: Pick<LayerOfKind<"conv2d">, "kernel" | "strides" | "padding" | "name">,
  x: Activation,
  step: StepBuilder,
): Window {
  const [height, width] = x.shape as [number, number, number];
  const [heightOut, widthOut] = step.model.graph.shapes.get(layer.name)! as [number, number, number];
  const { kernel, strides, padding } = layer;
  return { height, width, heightOut, widthOut, kernel, strides, padding, batch: step.batch };
}
