import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { GLOROT_UNIFORM, type Initializer } from "../graph/initializers.ts";
import { allAround } from "../graph/padding.ts";
import { requireSize, rgbInput } from "../graph/picture-input.ts";
import { kerasOrderLayout } from "../weights/layout.ts";
import { type PictureShape, randomWeightsNote } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

/**
 * He et al., "Identity Mappings in Deep Residual Networks", 2016, with basic units: batch norm and ReLU before each
 * convolution. Of its implementations this is the one that LHC-Net calls ResNet34v2 (Pecoraro et al., 2021): `resnet34`
 * of the Python package image-classifiers 1.0, ported from MXNet. Its pictures are normalised by a batch norm of their
 * own, `bn_data`, and the first unit of every stage, the first stage's included, has a convolution in its way around,
 * which reads what batch norm and ReLU gave.
 */
const STAGES = [
  { filters: 64, units: 3, stride: 1 },
  { filters: 128, units: 4, stride: 2 },
  { filters: 256, units: 6, stride: 2 },
  { filters: 512, units: 3, stride: 2 },
] as const;

/** Keras's `he_uniform`. */
const HE_UNIFORM: Initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanIn",
  distribution: "uniform",
};

/** The network halves its picture five times. */
const SMALLEST_SIZE = 32;

/**
 * ResNet-34 v2: pictures in, 512 pooled features (or class probabilities) out. Layers come in the order in which Keras
 * saves them.
 */
export function resnet34v2(input: PictureShape, top?: { classes: number }): Graph {
  requireSize("ResNet-34 v2", SMALLEST_SIZE, input);
  const net = new GraphBuilder({
    initializer: HE_UNIFORM,
    batchNorm: { epsilon: 2e-5, momentum: 0.99 },
  });
  let x = net.batchNorm("bn_data", rgbInput(net, input));
  x = net.conv("conv0", x, { filters: 64, kernel: 7, stride: 2, padding: allAround(3) });
  x = net.relu("relu0", net.batchNorm("bn0", x));
  x = net.maxPool("pooling0", x, { window: 3, stride: 2, padding: allAround(1) });
  STAGES.forEach(({ filters, units, stride }, stage) => {
    for (let unit = 0; unit < units; unit++) {
      const name = `stage${stage + 1}_unit${unit + 1}`;
      x = residualUnit(net, name, x, { filters, projects: unit === 0, stride: unit === 0 ? stride : 1 });
    }
  });
  x = net.relu("relu1", net.batchNorm("bn1", x));
  x = net.globalAveragePool("pool1", x);
  if (top !== undefined) {
    net.dense("fc1", x, { units: top.classes, activation: "softmax", initializer: GLOROT_UNIFORM });
  }
  return net.finish("resnet-34v2");
}

function residualUnit(
  net: GraphBuilder,
  name: string,
  input: string,
  { filters, projects, stride }: { filters: number; projects: boolean; stride: number },
): string {
  const activated = net.relu(`${name}_relu1`, net.batchNorm(`${name}_bn1`, input));
  let x = net.conv(`${name}_conv1`, activated, { filters, kernel: 3, stride, padding: allAround(1) });
  x = net.relu(`${name}_relu2`, net.batchNorm(`${name}_bn2`, x));
  x = net.conv(`${name}_conv2`, x, { filters, kernel: 3, padding: allAround(1) });
  const shortcut = projects ? net.conv(`${name}_sc`, activated, { filters, kernel: 1, stride }) : input;
  return net.addition(`${name}_add`, x, shortcut);
}

registerBackbone({
  name: "resnet-34v2.random",
  title: "ResNet-34 v2, random weights",
  note: randomWeightsNote("Keras", { calibrated: true }),
  ownSize: 224,
  graph: resnet34v2,
  weights: { kind: "random" },
});

/** `bn_data` does not scale. */
const CONSTANTS = new Map([["bn_data/gamma", { shape: [3], data: Float32Array.of(1, 1, 1) }]]);
const FILE = "resnet34_imagenet_1000_no_top.h5";

registerBackbone({
  name: "resnet-34v2.imagenet",
  title: "ResNet-34 v2, ImageNet weights (image-classifiers)",
  ownSize: 224,
  graph: resnet34v2,
  weights: {
    kind: "file",
    layout: kerasOrderLayout(CONSTANTS),
    published: {
      name: FILE,
      urls: [`https://github.com/qubvel/classification_models/releases/download/0.0.1/${FILE}`],
      checksum: { md5: "8caaa0ad39d927cb8ba5385bf945d582" },
    },
  },
});
