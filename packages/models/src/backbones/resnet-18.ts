import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { HE_NORMAL_FAN_OUT, PYTORCH_DEFAULT, pytorchBias } from "../graph/initializers.ts";
import { allAround } from "../graph/padding.ts";
import { requireSize, torchvisionInput } from "../graph/picture-input.ts";
import { howToConvert } from "../weights/how-to-convert.ts";
import { torchvisionLayout } from "../weights/layout.ts";
import { type PictureShape, randomWeightsNote } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

/** He et al., "Deep Residual Learning for Image Recognition", 2016, Table 1; names as in torchvision's `resnet18`. */
const STAGES = [
  { filters: 64, stride: 1 },
  { filters: 128, stride: 2 },
  { filters: 256, stride: 2 },
  { filters: 512, stride: 2 },
] as const;
const BLOCKS_A_STAGE = 2;

/** The network halves its picture five times. */
const SMALLEST_SIZE = 32;

/** ResNet-18 of basic blocks: pictures in, 512 pooled features (or class probabilities) out. */
export function resnet18(input: PictureShape, top?: { classes: number }): Graph {
  requireSize("ResNet-18", SMALLEST_SIZE, input);
  const net = new GraphBuilder({
    initializer: HE_NORMAL_FAN_OUT,
    batchNorm: { epsilon: 1e-5, momentum: 0.9 },
  });
  let x = torchvisionInput(net, input);
  x = net.conv("conv1", x, { filters: 64, kernel: 7, stride: 2, padding: allAround(3) });
  x = net.relu("relu", net.batchNorm("bn1", x));
  x = net.maxPool("maxpool", x, { window: 3, stride: 2, padding: allAround(1) });
  STAGES.forEach(({ filters, stride }, stage) => {
    for (let block = 0; block < BLOCKS_A_STAGE; block++) {
      x = basicBlock(net, `layer${stage + 1}.${block}`, x, filters, block === 0 ? stride : 1);
    }
  });
  x = net.globalAveragePool("avgpool", x);
  if (top !== undefined) {
    net.dense("fc", x, {
      units: top.classes,
      activation: "softmax",
      initializer: PYTORCH_DEFAULT,
      biasInitializer: pytorchBias(STAGES.at(-1)!.filters),
    });
  }
  return net.finish("resnet-18");
}

function basicBlock(net: GraphBuilder, name: string, input: string, filters: number, stride: number): string {
  let x = net.conv(`${name}.conv1`, input, { filters, kernel: 3, stride, padding: allAround(1) });
  x = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, x));
  x = net.conv(`${name}.conv2`, x, { filters, kernel: 3, padding: allAround(1) });
  x = net.batchNorm(`${name}.bn2`, x);
  let shortcut = input;
  if (stride !== 1 || net.shapeOf(input)[2] !== filters) {
    shortcut = net.conv(`${name}.downsample.0`, input, { filters, kernel: 1, stride });
    shortcut = net.batchNorm(`${name}.downsample.1`, shortcut);
  }
  return net.relu(`${name}.relu2`, net.addition(`${name}.add`, x, shortcut));
}

registerBackbone({
  name: "resnet-18.random",
  title: "ResNet-18, random weights",
  note: randomWeightsNote("torchvision", { calibrated: true }),
  ownSize: 224,
  graph: resnet18,
  weights: { kind: "random" },
});

registerBackbone({
  name: "resnet-18.torchvision",
  title: "ResNet-18, ImageNet weights (torchvision)",
  ownSize: 224,
  graph: resnet18,
  weights: {
    kind: "file",
    layout: torchvisionLayout("fc"),
    howToGet: howToConvert("torchvision's resnet18-f37072fd.pth"),
  },
});
