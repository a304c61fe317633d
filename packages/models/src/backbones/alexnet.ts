import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { PYTORCH_DEFAULT, pytorchBias } from "../graph/initializers.ts";
import type { Activation } from "../graph/layers.ts";
import { allAround } from "../graph/padding.ts";
import { atLeast, torchvisionInput } from "../graph/picture-input.ts";
import { howToConvert } from "../weights/how-to-convert.ts";
import { torchvisionLayout } from "../weights/layout.ts";
import { type PictureShape, randomWeightsNote } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

/**
 * Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014, as torchvision's `alexnet` has
 * it, and with its names: `index` is the convolution's place in `features`.
 */
const CONVOLUTIONS = [
  { index: 0, filters: 64, kernel: 11, stride: 4, padding: 2, pooled: true },
  { index: 3, filters: 192, kernel: 5, stride: 1, padding: 2, pooled: true },
  { index: 6, filters: 384, kernel: 3, stride: 1, padding: 1, pooled: false },
  { index: 8, filters: 256, kernel: 3, stride: 1, padding: 1, pooled: false },
  { index: 10, filters: 256, kernel: 3, stride: 1, padding: 1, pooled: true },
] as const;
const BINS = 6;
const HIDDEN_UNITS = 4096;

/** Of less, the last pooling leaves nothing. */
const SMALLEST_SIZE = 63;

/**
 * AlexNet: pictures in, the 4096 activations before the last layer (or class probabilities) out. Smaller pictures are
 * first enlarged until their shorter side has 63 pixels.
 */
export function alexnet(input: PictureShape, top?: { classes: number }): Graph {
  const net = new GraphBuilder({ initializer: PYTORCH_DEFAULT });
  let x = torchvisionInput(net, input, atLeast(SMALLEST_SIZE, input));
  for (const { index, filters, kernel, stride, padding, pooled } of CONVOLUTIONS) {
    x = net.conv(`features.${index}`, x, {
      filters,
      kernel,
      stride,
      padding: allAround(padding),
      bias: true,
      biasInitializer: pytorchBias(kernel * kernel * net.shapeOf(x)[2]!),
    });
    x = net.relu(`features.${index + 1}`, x);
    if (pooled) x = net.maxPool(`features.${index + 2}`, x, { window: 3, stride: 2 });
  }
  x = net.add({ kind: "adaptiveAveragePool2d", name: "avgpool", inputs: [x], size: [BINS, BINS] });
  const flat = BINS * BINS * CONVOLUTIONS.at(-1)!.filters;
  x = net.add({ kind: "reshape", name: "flatten", inputs: [x], shape: [flat] });

  const dense = (name: string, input: string, units: number, activation?: Activation) =>
    net.dense(name, input, {
      units,
      ...(activation && { activation }),
      initializer: PYTORCH_DEFAULT,
      biasInitializer: pytorchBias(net.shapeOf(input)[0]!),
    });
  x = net.dropout("classifier.0", x, 0.5);
  x = net.relu("classifier.2", dense("classifier.1", x, HIDDEN_UNITS));
  x = net.dropout("classifier.3", x, 0.5);
  x = net.relu("classifier.5", dense("classifier.4", x, HIDDEN_UNITS));
  if (top !== undefined) dense("classifier.6", x, top.classes, "softmax");
  return net.finish("alexnet");
}

registerBackbone({
  name: "alexnet.random",
  title: "AlexNet, random weights",
  note: randomWeightsNote("torchvision"),
  ownSize: 224,
  graph: alexnet,
  weights: { kind: "random" },
});

registerBackbone({
  name: "alexnet.torchvision",
  title: "AlexNet, ImageNet weights (torchvision)",
  ownSize: 224,
  graph: alexnet,
  weights: {
    kind: "file",
    layout: torchvisionLayout("classifier.6"),
    howToGet: howToConvert("torchvision's alexnet-owt-7be5be79.pth"),
  },
});
