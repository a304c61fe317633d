import { FerBenchError } from "@fer-bench/artifacts";
import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { allAround, padding } from "../graph/padding.ts";
import { parametersOf } from "../graph/parameters.ts";
import { pictureInput } from "../graph/picture-input.ts";
import type { ParameterSource, WeightsLayout } from "../weights/layout.ts";
import type { PictureShape } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

/**
 * Arriaga et al., "Real-time Convolutional Neural Networks for Emotion and Gender Classification", 2017, with the
 * numbers and names of the published `fer2013_mini_XCEPTION.102-0.66.hdf5`: two convolutions, four blocks that halve
 * the picture as Xception's do, a convolution to the seven classes, and their mean over the picture.
 */
const ENTRY_FILTERS = 8;
const BLOCK_FILTERS = [16, 32, 64, 128];

/** What each output stands for: FER-2013's codes. */
const CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"] as const;

/** Side of the grey pictures that it was trained on, in pixels. */
const SIZE = 64;

/**
 * Mini-Xception: grey pictures in, the logits of FER-2013's seven classes (or with `top` their probabilities) out.
 * Smaller pictures are enlarged to 64x64. A whole classifier: there are no features before it to train a head on.
 */
export function miniXception(input: PictureShape, top?: { classes: number }): Graph {
  requireSmallGreyPictures(input);
  if (top !== undefined && top.classes !== CLASSES.length) {
    throw new FerBenchError(
      "bad-config",
      `Mini-Xception tells ${CLASSES.length} classes apart, not ${top.classes}.`,
      { field: "classes", remedy: "leave its classes as they are, or take another backbone" },
    );
  }
  const net = new GraphBuilder({
    initializer: GLOROT_UNIFORM,
    batchNorm: { epsilon: 1e-3, momentum: 0.99 },
  });
  // As its authors' cv2.resize did; bicubic pictures cost it more than a point of PrivateTest's accuracy.
  let x = pictureInput(net, input, { height: SIZE, width: SIZE }, "bilinear");
  x = net.add({ kind: "rescaling", name: "rescaling", inputs: [x], scale: 1 / 127.5, offset: -1 });

  for (const number of [1, 2]) {
    x = net.conv(`conv2d_${number}`, x, { filters: ENTRY_FILTERS, kernel: 3 });
    x = net.relu(`activation_${number}`, net.batchNorm(`batch_normalization_${number}`, x));
  }
  BLOCK_FILTERS.forEach((filters, i) => {
    const first = 2 * i + 1;
    // Keras numbered the batch norm of the shortcut before those of the block.
    const norm = 3 * i + 3;
    const [height, width] = net.shapeOf(x) as [number, number];
    const input = x;
    x = net.separable(`separable_conv2d_${first}`, x, filters);
    x = net.relu(`activation_${i + 3}`, net.batchNorm(`batch_normalization_${norm + 1}`, x));
    x = net.separable(`separable_conv2d_${first + 1}`, x, filters);
    x = net.batchNorm(`batch_normalization_${norm + 2}`, x);
    let shortcut = net.conv(`conv2d_${i + 3}`, input, { filters, kernel: 1, stride: 2 });
    x = net.maxPool(`max_pooling2d_${i + 1}`, x, {
      window: 3,
      stride: 2,
      padding: padding("tensorflow", height, width, 3, 2),
    });
    shortcut = net.batchNorm(`batch_normalization_${norm}`, shortcut);
    x = net.addition(`add_${i + 1}`, x, shortcut);
  });
  x = net.conv("conv2d_7", x, {
    filters: CLASSES.length,
    kernel: 3,
    padding: allAround(1),
    bias: true,
  });
  x = net.globalAveragePool("global_average_pooling2d_1", x);
  if (top !== undefined) net.activation("predictions", x, "softmax");
  return net.finish("mini-xception");
}

function requireSmallGreyPictures({ height, width, channels }: PictureShape): void {
  if (channels === 1 && height <= SIZE && width <= SIZE) return;
  throw new FerBenchError(
    "bad-config",
    `Mini-Xception reads grey pictures of ${SIZE}x${SIZE} pixels or fewer, not ${height}x${width} of ${channels} channels.`,
    { field: "input", remedy: "take a smaller input.size, or another backbone" },
  );
}

/** Keras's names; a separable convolution's two kernels lie under one. */
const LAYOUT: WeightsLayout = {
  framework: "keras",
  sources: (graph) =>
    new Map(
      parametersOf(graph).map(({ name }): [string, ParameterSource] => {
        const tensor = name
          .replace(/^(separable_conv2d_\d)\/kernel$/, "$1/pointwise_kernel")
          .replace("_depthwise/", "/");
        return [name, { tensor }];
      }),
    ),
};

registerBackbone({
  name: "mini-xception.fer2013",
  title: "Mini-Xception trained on FER-2013 by its authors",
  note:
    "The network came trained: on FER-2013, its epoch chosen on the last 20% of the file, which hold all of " +
    "PublicTest and PrivateTest. Its accuracy on these images is of images that it was selected on.",
  classes: CLASSES,
  ownSize: SIZE,
  graph: miniXception,
  weights: {
    kind: "file",
    layout: LAYOUT,
    published: {
      name: "fer2013_mini_XCEPTION.102-0.66.hdf5",
      urls: [],
      checksum: { sha256: "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e" },
    },
    howToGet:
      "get trained_models/emotion_models/fer2013_mini_XCEPTION.102-0.66.hdf5 of oarriaga/face_classification",
  },
});
