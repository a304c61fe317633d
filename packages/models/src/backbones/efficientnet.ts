import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import type { Initializer } from "../graph/initializers.ts";
import { type PaddingRule, padding } from "../graph/padding.ts";
import { requireSize, rgbInput } from "../graph/picture-input.ts";

/**
 * Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019; numbers and names
 * are those of Keras's `applications/efficientnet.py`.
 */
export const EFFICIENTNET_VARIANTS = {
  b0: { width: 1.0, depth: 1.0, size: 224, dropout: 0.2 },
  b1: { width: 1.0, depth: 1.1, size: 240, dropout: 0.2 },
  b2: { width: 1.1, depth: 1.2, size: 260, dropout: 0.3 },
  b3: { width: 1.2, depth: 1.4, size: 300, dropout: 0.3 },
  b4: { width: 1.4, depth: 1.8, size: 380, dropout: 0.4 },
  b5: { width: 1.6, depth: 2.2, size: 456, dropout: 0.4 },
  b6: { width: 1.8, depth: 2.6, size: 528, dropout: 0.5 },
  b7: { width: 2.0, depth: 3.1, size: 600, dropout: 0.5 },
} as const;

export type EfficientNetVariant = keyof typeof EFFICIENTNET_VARIANTS;

/** A member of the family that is none of B0 to B7, and so has a name of its own. */
export interface EfficientNetScaling {
  name: string;
  /** Of B0's filters. */
  width: number;
  /** Of B0's repeats. */
  depth: number;
  /** Of the features before a classification layer. */
  dropout: number;
  /** In place of B0's. */
  stages?: readonly EfficientNetStage[];
  /** Filters of the first and the last convolution, before scaling; B0's 32 and 1280. */
  stemFilters?: number;
  topFilters?: number;
}

/** Blocks of one kind, of which the first may halve the picture. */
export interface EfficientNetStage {
  kernel: number;
  repeats: number;
  filters: number;
  expand: number;
  stride: number;
  /**
   * Fused-MBConv: one whole convolution in the place of expansion and depthwise convolution, and no squeeze-excite. Tan
   * and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021.
   */
  fused?: boolean;
}

/** The seven stages of B0; wider and deeper variants scale filters and repeats. */
const STAGES: readonly EfficientNetStage[] = [
  { kernel: 3, repeats: 1, filters: 16, expand: 1, stride: 1 },
  { kernel: 3, repeats: 2, filters: 24, expand: 6, stride: 2 },
  { kernel: 5, repeats: 2, filters: 40, expand: 6, stride: 2 },
  { kernel: 3, repeats: 3, filters: 80, expand: 6, stride: 2 },
  { kernel: 5, repeats: 3, filters: 112, expand: 6, stride: 1 },
  { kernel: 5, repeats: 4, filters: 192, expand: 6, stride: 2 },
  { kernel: 3, repeats: 1, filters: 320, expand: 6, stride: 1 },
];

const STEM_FILTERS = 32;
const TOP_FILTERS = 1280;
const SQUEEZE_RATIO = 0.25;
const DROP_CONNECT_RATE = 0.2;

const CONV_INITIALIZER: Initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanOut",
  distribution: "truncatedNormal",
};
const DENSE_INITIALIZER: Initializer = {
  kind: "varianceScaling",
  scale: 1 / 3,
  mode: "fanOut",
  distribution: "uniform",
};

/** Smallest input: the network halves its picture five times. */
const SMALLEST_SIZE = 32;

export interface EfficientNetOptions {
  variant: EfficientNetVariant | EfficientNetScaling;
  /** Of the first convolution; default 2, the family's. With 1, small pictures keep their pixels. */
  stemStride?: 1 | 2;
  /** Pixels; channels 1 (repeated to 3 inside) or 3. Height and width at least 32. */
  input: { height: number; width: number; channels: 1 | 3 };
  /** A classification layer after the pooled features; absent: the features are the output. */
  top?: { classes: number };
  /** Per-channel factors after Normalization: 1 / sqrt(std) for Keras's ImageNet files, which hold std as variance. */
  secondRescaling?: readonly [number, number, number];
  /** `tensorflow` (default) as Keras and timm's tf_ models; `symmetric` as torchvision. */
  padding?: PaddingRule;
  /** Default 1e-3 and 0.99, Keras's; torchvision has 1e-5 and 0.9 for B0-B4. */
  batchNorm?: { epsilon: number; momentum: number };
}

/** EfficientNet as a layer graph: uint8 picture in, pooled features (or class probabilities) out. */
export function efficientnet(options: EfficientNetOptions): Graph {
  const { variant, input } = options;
  requireSize("EfficientNet", SMALLEST_SIZE, input);
  const scaling: EfficientNetScaling =
    typeof variant === "string"
      ? { ...EFFICIENTNET_VARIANTS[variant], name: `efficientnet-${variant}` }
      : variant;
  const { width, depth, stages = STAGES, stemFilters = STEM_FILTERS, topFilters = TOP_FILTERS } = scaling;
  const net = new EfficientNetBuilder(options);
  let x = net.preprocessing();

  x = net.samePadded("stem_conv", x, scaleFilters(stemFilters, width), 3, options.stemStride ?? 2);
  x = net.swish("stem_activation", net.batchNorm("stem_bn", x));

  const repeatsOfStage = stages.map((stage) => Math.ceil(depth * stage.repeats));
  const blocks = repeatsOfStage.reduce((sum, repeats) => sum + repeats, 0);
  let index = 0;
  stages.forEach((stage, stageIndex) => {
    for (let repeat = 0; repeat < repeatsOfStage[stageIndex]!; repeat++) {
      x = (stage.fused ? net.fusedBlock : net.block).call(net, x, {
        name: `block${stageIndex + 1}${String.fromCharCode("a".charCodeAt(0) + repeat)}_`,
        kernel: stage.kernel,
        filters: scaleFilters(stage.filters, width),
        expand: stage.expand,
        stride: repeat === 0 ? stage.stride : 1,
        dropRate: (DROP_CONNECT_RATE * index) / blocks,
      });
      index += 1;
    }
  });

  x = net.samePadded("top_conv", x, scaleFilters(topFilters, width), 1, 1);
  x = net.swish("top_activation", net.batchNorm("top_bn", x));
  x = net.globalAveragePool("avg_pool", x);
  if (options.top !== undefined) {
    x = net.dropout("top_dropout", x, scaling.dropout);
    net.dense("predictions", x, {
      units: options.top.classes,
      activation: "softmax",
      initializer: DENSE_INITIALIZER,
    });
  }
  return net.finish(scaling.name);
}

/** Filters of a scaled layer: a multiple of 8, never more than 10% below the exact number. */
function scaleFilters(filters: number, width: number): number {
  const exact = filters * width;
  const rounded = Math.max(8, Math.floor((exact + 4) / 8) * 8);
  return rounded < 0.9 * exact ? rounded + 8 : rounded;
}

interface Block {
  name: string;
  kernel: number;
  filters: number;
  expand: number;
  stride: number;
  dropRate: number;
}

/** Appends EfficientNet's layers and blocks. */
class EfficientNetBuilder extends GraphBuilder {
  readonly #options: EfficientNetOptions;

  constructor(options: EfficientNetOptions) {
    super({
      initializer: CONV_INITIALIZER,
      batchNorm: options.batchNorm ?? { epsilon: 1e-3, momentum: 0.99 },
    });
    this.#options = options;
  }

  preprocessing(): string {
    let x = rgbInput(this, this.#options.input);
    x = this.add({ kind: "rescaling", name: "rescaling", inputs: [x], scale: 1 / 255 });
    x = this.add({ kind: "normalization", name: "normalization", inputs: [x] });
    if (this.#options.secondRescaling !== undefined) {
      const scale = this.#options.secondRescaling;
      x = this.add({ kind: "rescaling", name: "rescaling_1", inputs: [x], scale });
    }
    return x;
  }

  /** Mobile inverted bottleneck: expand, depthwise, squeeze-excite, project, and the way around. */
  block(input: string, { name, kernel, filters, expand, stride, dropRate }: Block): string {
    const inputFilters = this.shapeOf(input)[2]!;
    let x = input;
    if (expand !== 1) {
      x = this.conv(`${name}expand_conv`, x, { filters: inputFilters * expand, kernel: 1 });
      x = this.swish(`${name}expand_activation`, this.batchNorm(`${name}expand_bn`, x));
    }
    x = this.depthwise(`${name}dwconv`, x, { kernel, stride, padding: this.#padding(x, kernel, stride) });
    x = this.swish(`${name}activation`, this.batchNorm(`${name}bn`, x));
    x = this.#squeezeExcite(name, x, Math.max(1, Math.floor(inputFilters * SQUEEZE_RATIO)));
    x = this.conv(`${name}project_conv`, x, { filters, kernel: 1 });
    x = this.batchNorm(`${name}project_bn`, x);
    return this.#wayAround(input, x, { name, filters, stride, dropRate });
  }

  /** Expand by a whole convolution and project; without expansion, the convolution alone. */
  fusedBlock(input: string, { name, kernel, filters, expand, stride, dropRate }: Block): string {
    const wide = expand === 1 ? filters : this.shapeOf(input)[2]! * expand;
    const part = expand === 1 ? "project" : "expand";
    let x = this.samePadded(`${name}${part}_conv`, input, wide, kernel, stride);
    x = this.swish(`${name}${part}_activation`, this.batchNorm(`${name}${part}_bn`, x));
    if (expand !== 1) {
      x = this.conv(`${name}project_conv`, x, { filters, kernel: 1 });
      x = this.batchNorm(`${name}project_bn`, x);
    }
    return this.#wayAround(input, x, { name, filters, stride, dropRate });
  }

  /** Adds a block's input to its output, where they are of one shape. */
  #wayAround(
    input: string,
    output: string,
    { name, filters, stride, dropRate }: Pick<Block, "name" | "filters" | "stride" | "dropRate">,
  ): string {
    const inputFilters = this.shapeOf(input)[2]!;
    let x = output;
    if (stride !== 1 || filters !== inputFilters) return x;
    if (dropRate > 0) {
      x = this.add({ kind: "dropout", name: `${name}drop`, inputs: [x], rate: dropRate, perSample: true });
    }
    return this.addition(`${name}add`, x, input);
  }

  /** A convolution padded so that only the stride makes the picture smaller. */
  samePadded(name: string, input: string, filters: number, kernel: number, stride: number): string {
    return this.conv(name, input, { filters, kernel, stride, padding: this.#padding(input, kernel, stride) });
  }

  swish(name: string, input: string): string {
    return this.activation(name, input, "swish");
  }

  #squeezeExcite(name: string, input: string, squeezed: number): string {
    const channels = this.shapeOf(input)[2]!;
    const pointwise = { kernel: 1, bias: true } as const;
    let x = this.globalAveragePool(`${name}se_squeeze`, input);
    x = this.add({ kind: "reshape", name: `${name}se_reshape`, inputs: [x], shape: [1, 1, channels] });
    x = this.conv(`${name}se_reduce`, x, { ...pointwise, filters: squeezed, activation: "swish" });
    x = this.conv(`${name}se_expand`, x, { ...pointwise, filters: channels, activation: "sigmoid" });
    return this.add({ kind: "multiply", name: `${name}se_excite`, inputs: [input, x] });
  }

  #padding(input: string, kernel: number, stride: number) {
    const [height, width] = this.shapeOf(input);
    return padding(this.#options.padding ?? "tensorflow", height!, width!, kernel, stride);
  }
}
