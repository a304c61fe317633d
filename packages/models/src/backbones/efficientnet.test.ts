import { describe, expect, it } from "vitest";
import { countFlops } from "../graph/flops.ts";
import { defineGraph, outputShape, shapeOf } from "../graph/graph.ts";
import { interpret } from "../graph/interpreter.test.support.ts";
import type { LayerKind, LayerOfKind } from "../graph/layers.ts";
import { countParameters, parametersOf } from "../graph/parameters.ts";
import { pictures, relativeDifference } from "../graph/sample-data.test.support.ts";
import { findBackbone } from "../index.ts";
import { createPredictor } from "../run/predictor.ts";
import type { Tensor } from "../weights/weights.ts";
import { EFFICIENTNET_VARIANTS, type EfficientNetVariant, efficientnet } from "./efficientnet.ts";
import { formulaWeights } from "./formula.test.support.ts";

const rgb = { height: 48, width: 48, channels: 3 } as const;

function layer<Kind extends LayerKind>(graph: ReturnType<typeof efficientnet>, kind: Kind, name: string) {
  const found = graph.layers.find((candidate) => candidate.name === name);
  expect(found?.kind).toBe(kind);
  return found as LayerOfKind<Kind>;
}

const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

/** The Normalization layer of Keras's files, which have the deviation where a variance is meant; and with a variance. */
function normalizationOf(variance: readonly number[]): Map<string, Tensor> {
  return new Map([
    ["normalization/mean", { shape: [3], data: Float32Array.from(IMAGENET_MEAN) }],
    ["normalization/variance", { shape: [3], data: Float32Array.from(variance) }],
    ["normalization/count", { shape: [], data: Float32Array.of(0) }],
  ]);
}

describe("preprocessing", () => {
  it("for Keras's ImageNet files is (x / 255 - mean) / deviation, in three layers", () => {
    const whole = findBackbone("efficientnet-b0.imagenet").graph({ height: 32, width: 32, channels: 3 });
    const last = whole.layers.findIndex(({ name }) => name === "rescaling_1");
    expect(whole.layers.slice(0, last + 1).map(({ kind, name }) => [kind, name])).toEqual([
      ["input", "input"],
      ["rescaling", "rescaling"],
      ["normalization", "normalization"],
      ["rescaling", "rescaling_1"],
    ]);
    const graph = defineGraph("preprocessing", whole.layers.slice(0, last + 1));
    const picture = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 256);
    const [result] = interpret(graph, normalizationOf(IMAGENET_DEVIATION), [picture]);
    result!.forEach((value, i) => {
      const expected = (picture[i]! / 255 - IMAGENET_MEAN[i % 3]!) / IMAGENET_DEVIATION[i % 3]!;
      expect(Math.abs(value - expected)).toBeLessThan(1e-6);
    });
  });

  it.each([1, 3] as const)("gives the features of a plain variance, on %i channels", async (channels) => {
    const input = { height: 40, width: 32, channels };
    const keras = findBackbone("efficientnet-b0.imagenet").graph(input);
    const plain = findBackbone("efficientnet-b0.timm").graph(input);
    const [picture] = pictures(keras, 1);
    const features = async (graph: typeof keras, variance: readonly number[]) => {
      const weights = new Map([...formulaWeights(graph, 0.16), ...normalizationOf(variance)]);
      const predictor = await createPredictor({ graph, weights, batchSize: 1, threads: 1 });
      const result = await predictor.run(Uint8Array.from(picture!), 1);
      await predictor.close();
      return result;
    };
    const squares = IMAGENET_DEVIATION.map((deviation) => deviation ** 2);
    const ofKeras = await features(keras, IMAGENET_DEVIATION);
    expect(relativeDifference(ofKeras, await features(plain, squares))).toBeLessThan(1e-4);
    expect(relativeDifference(ofKeras, await features(plain, IMAGENET_DEVIATION))).toBeGreaterThan(1e-2);
  });
});

describe("the EfficientNet family", () => {
  // Keras's `count_params()` without and with top, the seven numbers of its Normalization layer among them.
  it.each([
    ["b0", 4_049_571, 5_330_571],
    ["b1", 6_575_239, 7_856_239],
    ["b2", 7_768_569, 9_177_569],
    ["b3", 10_783_535, 12_320_535],
    ["b4", 17_673_823, 19_466_823],
    ["b5", 28_513_527, 30_562_527],
    ["b6", 40_960_143, 43_265_143],
    ["b7", 64_097_687, 66_658_687],
  ] as const)("%s has Keras's number of parameters", (variant, withoutTop, withTop) => {
    expect(countParameters(efficientnet({ variant, input: rgb }))).toBe(withoutTop);
    expect(countParameters(efficientnet({ variant, input: rgb, top: { classes: 1000 } }))).toBe(withTop);
  });

  // torchvision's published counts leave moving statistics and normalization out.
  it.each([
    ["b0", 5_288_548],
    ["b5", 30_389_784],
    ["b7", 66_347_960],
  ] as const)("%s has torchvision's number of trainable parameters", (variant, count) => {
    const graph = efficientnet({ variant, input: rgb, top: { classes: 1000 } });
    expect(countParameters(graph, { trainableOnly: true })).toBe(count);
  });

  // Table 2 of the paper, in multiply-adds at each network's own size; it rounds to two digits.
  it.each([
    ["b0", 0.39e9],
    ["b1", 0.7e9],
    ["b3", 1.8e9],
    ["b7", 37e9],
  ] as const)("%s does the paper's number of multiply-adds", (variant, published) => {
    const { size } = EFFICIENTNET_VARIANTS[variant];
    const graph = efficientnet({
      variant,
      input: { height: size, width: size, channels: 3 },
      top: { classes: 1000 },
    });
    expect(countFlops(graph) / 2 / published).toBeGreaterThan(0.95);
    expect(countFlops(graph) / 2 / published).toBeLessThan(1.05);
  });

  it("has Keras's layer names", () => {
    const names = efficientnet({ variant: "b0", input: rgb, top: { classes: 7 } }).layers.map(
      ({ name }) => name,
    );
    expect(names.slice(0, 7)).toEqual([
      "input",
      "rescaling",
      "normalization",
      "stem_conv",
      "stem_bn",
      "stem_activation",
      "block1a_dwconv",
    ]);
    const block = names.filter((name) => name.startsWith("block2b_"));
    expect(block.map((name) => name.slice("block2b_".length))).toEqual([
      "expand_conv",
      "expand_bn",
      "expand_activation",
      "dwconv",
      "bn",
      "activation",
      "se_squeeze",
      "se_reshape",
      "se_reduce",
      "se_expand",
      "se_excite",
      "project_conv",
      "project_bn",
      "drop",
      "add",
    ]);
    expect(names.slice(-6)).toEqual([
      "top_conv",
      "top_bn",
      "top_activation",
      "avg_pool",
      "top_dropout",
      "predictions",
    ]);
    const blocks = new Set(names.map((name) => /^block\d[a-z]/.exec(name)?.[0]).filter(Boolean));
    expect([...blocks].join(" ")).toBe(
      "block1a block2a block2b block3a block3b block4a block4b block4c block5a block5b block5c block6a block6b block6c block6d block7a",
    );
  });

  it("pads at the end where the stride is 2 and the size even, as Keras's correct_pad", () => {
    const even = efficientnet({ variant: "b0", input: rgb });
    expect(layer(even, "conv2d", "stem_conv").padding).toEqual({ top: 0, left: 0, bottom: 1, right: 1 });
    expect(layer(even, "depthwiseConv2d", "block3a_dwconv").padding).toEqual({
      top: 1,
      left: 1,
      bottom: 2,
      right: 2,
    });
    const odd = efficientnet({ variant: "b0", input: { height: 49, width: 48, channels: 3 } });
    expect(layer(odd, "conv2d", "stem_conv").padding).toEqual({ top: 1, left: 0, bottom: 1, right: 1 });
    const torch = efficientnet({ variant: "b0", input: rgb, padding: "symmetric" });
    expect(layer(torch, "conv2d", "stem_conv").padding).toEqual({ top: 1, left: 1, bottom: 1, right: 1 });
  });

  it("drops residual blocks more the deeper they are", () => {
    const graph = efficientnet({ variant: "b0", input: rgb });
    expect(layer(graph, "dropout", "block2b_drop")).toMatchObject({ rate: (0.2 * 2) / 16, perSample: true });
    expect(layer(graph, "dropout", "block6d_drop").rate).toBeCloseTo((0.2 * 14) / 16, 12);
    expect(graph.shapes.has("block1a_drop")).toBe(false);
  });

  it("squeezes to a quarter of the block's input", () => {
    const graph = efficientnet({ variant: "b0", input: rgb });
    expect(shapeOf(graph, "block1a_se_reduce")).toEqual([1, 1, 8]);
    expect(shapeOf(graph, "block2b_se_reduce")).toEqual([1, 1, 6]);
  });

  it("halves 48x48 pixels to 2x2 and takes any size from 32 up", () => {
    const graph = efficientnet({ variant: "b0", input: rgb });
    const sizes = ["stem_conv", "block2a_dwconv", "block3a_dwconv", "block4a_dwconv", "block6a_dwconv"];
    expect(sizes.map((name) => shapeOf(graph, name)[0])).toEqual([24, 12, 6, 3, 2]);
    const smallest = efficientnet({ variant: "b7", input: { height: 32, width: 33, channels: 1 } });
    expect(outputShape(smallest)).toEqual([2560]);
    expect(() => efficientnet({ variant: "b0", input: { height: 31, width: 48, channels: 3 } })).toThrow(
      "32x32 pixels or more, not 31x48",
    );
  });

  it.each(Object.keys(EFFICIENTNET_VARIANTS) as EfficientNetVariant[])(
    "%s reads pictures of any size from 32 up, square or not, grey or RGB",
    (variant) => {
      const features = { b0: 1280, b1: 1280, b2: 1408, b3: 1536, b4: 1792, b5: 2048, b6: 2304, b7: 2560 };
      for (const [height, width] of [
        [32, 32],
        [33, 47],
        [48, 48],
        [64, 80],
        [97, 32],
      ] as const) {
        for (const channels of [1, 3] as const) {
          const graph = efficientnet({ variant, input: { height, width, channels } });
          const halved = (size: number) => Math.ceil(size / 32);
          expect(shapeOf(graph, "top_conv")).toEqual([halved(height), halved(width), features[variant]]);
          expect(outputShape(graph)).toEqual([features[variant]]);
        }
      }
    },
  );

  it("has the same parameters for grey pictures, whose channel it repeats", () => {
    for (const variant of Object.keys(EFFICIENTNET_VARIANTS).slice(0, 2) as EfficientNetVariant[]) {
      const grey = efficientnet({ variant, input: { ...rgb, channels: 1 } });
      expect(parametersOf(grey)).toEqual(parametersOf(efficientnet({ variant, input: rgb })));
    }
  });
});
