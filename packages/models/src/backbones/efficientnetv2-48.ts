import type { Graph } from "../graph/graph.ts";
import { kerasLayout } from "../weights/layout.ts";
import type { PictureShape } from "./backbone.ts";
import { randomWeightsNote } from "./backbone.ts";
import { type EfficientNetScaling, efficientnet } from "./efficientnet.ts";
import { registerBackbone } from "./registry.ts";

/**
 * A small EfficientNetV2 for chips of 48x48: a stem of stride 1 that keeps every pixel, Fused-MBConv without expansion
 * while there are many pixels, MBConv with squeeze-excite where there are few (3x3), 512 features. Of what was tried in
 * short trainings it learns most an hour on a CPU; benchmarks/fer2013-efficientnetv2-48-finetune has the others.
 */
const SCALING: EfficientNetScaling = {
  name: "efficientnetv2-48",
  width: 1,
  depth: 1,
  dropout: 0.2,
  stemFilters: 24,
  topFilters: 512,
  stages: [
    { fused: true, kernel: 3, repeats: 2, filters: 48, expand: 1, stride: 2 },
    { fused: true, kernel: 3, repeats: 3, filters: 96, expand: 1, stride: 2 },
    { fused: true, kernel: 3, repeats: 3, filters: 160, expand: 1, stride: 2 },
    { kernel: 3, repeats: 2, filters: 192, expand: 4, stride: 2 },
  ],
};

function graph(input: PictureShape, top?: { classes: number }): Graph {
  return efficientnet({ variant: SCALING, stemStride: 1, input, ...(top && { top }) });
}

registerBackbone({
  name: "efficientnetv2-48.random",
  title: "EfficientNetV2-48, random weights",
  note: randomWeightsNote("Keras", { calibrated: true }),
  ownSize: 48,
  graph,
  weights: { kind: "random" },
});

/**
 * The weights of benchmarks/fer2013-efficientnetv2-48-finetune, epoch chosen on PublicTest, kernels in 16 bits; the file
 * is the whole classifier, head included, and comes with this package.
 */
registerBackbone({
  name: "efficientnetv2-48.fer2013",
  title: "EfficientNetV2-48 trained on FER-2013",
  note: "The backbone was trained, all of it, on FER-2013's training images, its epoch chosen on PublicTest.",
  ownSize: 48,
  graph,
  weights: {
    kind: "file",
    layout: kerasLayout((tensor) => /^(hidden|logits)\//.test(tensor)),
    published: {
      name: "efficientnetv2-48.fer2013.safetensors",
      urls: [],
      checksum: { sha256: "a62c569f4bf8295b6b1ddfb0be314d3fe2b84813e231d04c5471230e7284b5ce" },
    },
    howToGet: "install @fer-bench/models again: the file comes with it",
  },
});
