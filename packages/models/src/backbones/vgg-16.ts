import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { HE_NORMAL_FAN_OUT, type Initializer } from "../graph/initializers.ts";
import { allAround } from "../graph/padding.ts";
import { requireSize, torchvisionInput } from "../graph/picture-input.ts";
import { howToConvert } from "../weights/how-to-convert.ts";
import { torchvisionLayout } from "../weights/layout.ts";
import { type PictureShape, randomWeightsNote } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

/**
 * Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015, configuration D:
 * the filters of each stage's 3x3 convolutions, a pooling behind every stage. Names are those of torchvision's `vgg16`.
 */
const STAGES = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];
const BINS = 7;
const HIDDEN_UNITS = 4096;
const DENSE_INITIALIZER: Initializer = { kind: "normal", deviation: 0.01 };

/** The network halves its picture five times. */
const SMALLEST_SIZE = 32;

/** VGG-16: pictures in, the 4096 activations before the last layer (or class probabilities) out. */
export function vgg16(input: PictureShape, top?: { classes: number }): Graph {
  requireSize("VGG-16", SMALLEST_SIZE, input);
  const net = new GraphBuilder({ initializer: HE_NORMAL_FAN_OUT });
  let x = torchvisionInput(net, input);
  let index = 0;
  for (const stage of STAGES) {
    for (const filters of stage) {
      x = net.conv(`features.${index++}`, x, { filters, kernel: 3, padding: allAround(1), bias: true });
      x = net.relu(`features.${index++}`, x);
    }
    x = net.maxPool(`features.${index++}`, x, { window: 2, stride: 2 });
  }
  x = net.add({ kind: "adaptiveAveragePool2d", name: "avgpool", inputs: [x], size: [BINS, BINS] });
  x = net.add({
    kind: "reshape",
    name: "flatten",
    inputs: [x],
    shape: [BINS * BINS * STAGES.at(-1)!.at(-1)!],
  });
  x = net.dense("classifier.0", x, { units: HIDDEN_UNITS, initializer: DENSE_INITIALIZER });
  x = net.dropout("classifier.2", net.relu("classifier.1", x), 0.5);
  x = net.dense("classifier.3", x, { units: HIDDEN_UNITS, initializer: DENSE_INITIALIZER });
  x = net.relu("classifier.4", x);
  if (top !== undefined) {
    x = net.dropout("classifier.5", x, 0.5);
    net.dense("classifier.6", x, {
      units: top.classes,
      activation: "softmax",
      initializer: DENSE_INITIALIZER,
    });
  }
  return net.finish("vgg-16");
}

registerBackbone({
  name: "vgg-16.random",
  title: "VGG-16, random weights",
  note: randomWeightsNote("torchvision"),
  ownSize: 224,
  graph: vgg16,
  weights: { kind: "random" },
});

registerBackbone({
  name: "vgg-16.torchvision",
  title: "VGG-16, ImageNet weights (torchvision)",
  ownSize: 224,
  graph: vgg16,
  weights: {
    kind: "file",
    layout: torchvisionLayout("classifier.6"),
    howToGet: howToConvert("torchvision's vgg16-397923af.pth"),
  },
});
