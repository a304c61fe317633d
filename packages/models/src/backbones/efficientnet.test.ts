import { describe, expect, it } from "vitest";
import { countFlops } from "../graph/flops.ts";
import { outputShape, shapeOf } from "../graph/graph.ts";
import type { LayerKind, LayerOfKind } from "../graph/layers.ts";
import { countParameters, parametersOf } from "../graph/parameters.ts";
import { EFFICIENTNET_VARIANTS, type EfficientNetVariant, efficientnet } from "./efficientnet.ts";

const rgb = { height: 48, width: 48, channels: 3 } as const;

function layer<Kind extends LayerKind>(graph: ReturnType<typeof efficientnet>, kind: Kind, name: string) {
  const found = graph.layers.find((candidate) => candidate.name === name);
  expect(found?.kind).toBe(kind);
  return found as LayerOfKind<Kind>;
}

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

  it("has the same parameters for grey pictures, whose channel it repeats", () => {
    for (const variant of Object.keys(EFFICIENTNET_VARIANTS).slice(0, 2) as EfficientNetVariant[]) {
      const grey = efficientnet({ variant, input: { ...rgb, channels: 1 } });
      expect(parametersOf(grey)).toEqual(parametersOf(efficientnet({ variant, input: rgb })));
    }
  });
});
