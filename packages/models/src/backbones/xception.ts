import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { padding } from "../graph/padding.ts";
import { atLeast, rgbInput } from "../graph/picture-input.ts";
import { kerasOrderLayout } from "../weights/layout.ts";
import { type PictureShape, randomWeightsNote } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

/**
 * Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017, Figure 5; numbers and names are those
 * of Keras's `applications/xception.py`. Filters of the separable convolutions, block by block; a halving block ends in
 * a pooling and has a convolution in its way around.
 */
const BLOCKS = [
  { filters: [128, 128], halves: true },
  { filters: [256, 256], halves: true },
  { filters: [728, 728], halves: true },
  ...Array.from({ length: 8 }, () => ({ filters: [728, 728, 728], halves: false })),
  { filters: [728, 1024], halves: true },
];
const ENTRY_FILTERS = [32, 64] as const;
const EXIT_FILTERS = [1536, 2048] as const;

/** The least that Keras takes. */
const SMALLEST_SIZE = 71;

/**
 * Xception: pictures in, 2048 pooled features (or class probabilities) out. Smaller pictures are first enlarged until
 * their shorter side has 71 pixels. Layers come in the order in which Keras saves them.
 */
export function xception(input: PictureShape, top?: { classes: number }): Graph {
  const net = new GraphBuilder({
    initializer: GLOROT_UNIFORM,
    batchNorm: { epsilon: 1e-3, momentum: 0.99 },
  });
  let x = rgbInput(net, input, atLeast(SMALLEST_SIZE, input));
  // What Keras's `preprocess_input` does.
  x = net.add({ kind: "rescaling", name: "rescaling", inputs: [x], scale: 1 / 127.5, offset: -1 });

  ENTRY_FILTERS.forEach((filters, i) => {
    const name = `block1_conv${i + 1}`;
    x = net.conv(name, x, { filters, kernel: 3, stride: i === 0 ? 2 : 1 });
    x = net.relu(`${name}_act`, net.batchNorm(`${name}_bn`, x));
  });
  let shortcuts = 0;
  BLOCKS.forEach(({ filters, halves }, i) => {
    const name = `block${i + 2}`;
    let shortcut = x;
    filters.forEach((count, j) => {
      const layer = `${name}_sepconv${j + 1}`;
      // What the first block reads comes from a ReLU.
      if (i > 0 || j > 0) x = net.relu(`${layer}_act`, x);
      x = net.batchNorm(`${layer}_bn`, net.separable(layer, x, count));
    });
    if (halves) {
      const [height, width] = net.shapeOf(x) as [number, number];
      const number = shortcuts++;
      shortcut = net.conv(numbered("conv2d", number), shortcut, {
        filters: filters.at(-1)!,
        kernel: 1,
        stride: 2,
      });
      x = net.maxPool(`${name}_pool`, x, {
        window: 3,
        stride: 2,
        padding: padding("tensorflow", height, width, 3, 2),
      });
      shortcut = net.batchNorm(numbered("batch_normalization", number), shortcut);
    }
    x = net.addition(numbered("add", i), x, shortcut);
  });
  EXIT_FILTERS.forEach((filters, i) => {
    const name = `block${BLOCKS.length + 2}_sepconv${i + 1}`;
    x = net.relu(`${name}_act`, net.batchNorm(`${name}_bn`, net.separable(name, x, filters)));
  });
  x = net.globalAveragePool("avg_pool", x);
  if (top !== undefined) {
    net.dense("predictions", x, {
      units: top.classes,
      activation: "softmax",
      initializer: GLOROT_UNIFORM,
    });
  }
  return net.finish("xception");
}

/** As Keras numbers layers that were given no name. */
function numbered(name: string, number: number): string {
  return number === 0 ? name : `${name}_${number}`;
}

registerBackbone({
  name: "xception.random",
  title: "Xception, random weights",
  note: randomWeightsNote("Keras", { calibrated: true }),
  ownSize: 299,
  graph: xception,
  weights: { kind: "random" },
});

const FILE = "xception_weights_tf_dim_ordering_tf_kernels_notop.h5";

registerBackbone({
  name: "xception.imagenet",
  title: "Xception, ImageNet weights (Keras)",
  ownSize: 299,
  graph: xception,
  weights: {
    kind: "file",
    // The published file still has the layer names of Keras 1: convolution2d_1 and so on.
    layout: kerasOrderLayout(),
    published: {
      name: FILE,
      urls: [`https://storage.googleapis.com/tensorflow/keras-applications/xception/${FILE}`],
      checksum: { md5: "b0042744bf5b25fce3cb969f33bebb97" },
    },
  },
});
