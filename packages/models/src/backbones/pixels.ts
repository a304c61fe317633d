import { defineGraph, type Graph } from "../graph/graph.ts";
import type { PictureShape } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

/** The picture itself as features, scaled to 0..1: what a linear head on it gets is the floor for any network. */
export function pixels({ height, width, channels }: PictureShape): Graph {
  return defineGraph("pixels", [
    { kind: "input", name: "input", inputs: [], shape: [height, width, channels], dtype: "uint8" },
    { kind: "rescaling", name: "rescaling", inputs: ["input"], scale: 1 / 255 },
    { kind: "reshape", name: "flatten", inputs: ["rescaling"], shape: [height * width * channels] },
  ]);
}

registerBackbone({ name: "pixels", title: "Raw pixels", graph: pixels, weights: { kind: "none" } });
