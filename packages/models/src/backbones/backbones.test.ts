import { describe, expect, it } from "vitest";
import { countFlops } from "../graph/flops.ts";
import { type Graph, outputShape, shapeOf } from "../graph/graph.ts";
import { countParameters, parametersOf } from "../graph/parameters.ts";
import { findBackbone, listBackbones } from "../index.ts";

const rgb = { height: 48, width: 48, channels: 3 } as const;
const imagenet = { classes: 1000 };
const square = (size: number) => ({ height: size, width: size, channels: 3 }) as const;
const trainable = (graph: Graph) => countParameters(graph, { trainableOnly: true });

describe("the backbones that the paper compares with", () => {
  it.each([
    // torchvision's documentation; PyTorch does not count moving statistics.
    ["resnet-18.torchvision", 11_689_512],
    ["vgg-16.torchvision", 138_357_544],
    ["alexnet.torchvision", 61_100_840],
  ])("%s has torchvision's number of parameters", (name, published) => {
    expect(trainable(findBackbone(name).graph(rgb, imagenet))).toBe(published);
  });

  it("xception has Keras's number of parameters, without top and with it", () => {
    const { graph } = findBackbone("xception.imagenet");
    expect(countParameters(graph(rgb))).toBe(20_861_480);
    expect(countParameters(graph(rgb, imagenet))).toBe(22_910_480);
  });

  it("resnet-34v2 has Keras's number of parameters, but for three factors that are always 1", () => {
    const { graph } = findBackbone("resnet-34v2.imagenet");
    expect(countParameters(graph(rgb)) - 3).toBe(21_302_473);
    expect(countParameters(graph(rgb, imagenet)) - 3).toBe(21_302_473 + 513_000);
  });

  // Billions: torchvision's tables, of ResNet-34 v1, which projects once less; of Xception Zoph et al., 2018, Table 2.
  it.each([
    ["resnet-18.torchvision", 224, 1.814],
    ["vgg-16.torchvision", 224, 15.47],
    ["alexnet.torchvision", 224, 0.714],
    ["resnet-34v2.imagenet", 224, 3.664],
    ["xception.imagenet", 299, 8.4],
  ])("%s does its published number of multiply-adds at %i", (name, size, published) => {
    const multiplyAdds = countFlops(findBackbone(name).graph(square(size), imagenet)) / 2e9;
    expect(Math.abs(multiplyAdds / published - 1)).toBeLessThan(0.01);
  });

  it.each([
    ["resnet-18.random", 512],
    ["vgg-16.random", 4096],
    ["alexnet.random", 4096],
    ["xception.random", 2048],
    ["resnet-34v2.random", 512],
  ])(
    "%s gives %i features of 48x48 pictures, grey or in colour, by the same parameters",
    (name, features) => {
      const { graph } = findBackbone(name);
      expect(outputShape(graph(rgb))).toEqual([features]);
      expect(parametersOf(graph({ ...rgb, channels: 1 }))).toEqual(parametersOf(graph(rgb)));
    },
  );

  it.each(["resnet-18.random", "vgg-16.random", "resnet-34v2.random"])(
    "%s takes pictures from 32x32 up",
    (name) => {
      const { graph } = findBackbone(name);
      expect(() => graph(square(32))).not.toThrow();
      expect(() => graph({ height: 48, width: 31, channels: 3 })).toThrow("32x32 pixels or more, not 48x31");
    },
  );

  it.each([
    ["alexnet.random", 63],
    ["xception.random", 71],
  ])("%s enlarges smaller pictures, in proportion, until the shorter side has %i pixels", (name, side) => {
    const { graph } = findBackbone(name);
    expect(shapeOf(graph(rgb), "resize")).toEqual([side, side, 3]);
    const wide = shapeOf(graph({ height: 24, width: 48, channels: 1 }), "resize");
    expect(wide).toEqual([side, 2 * side, 1]);
    expect(graph(square(side)).shapes.has("resize")).toBe(false);
  });

  it("mini-xception reads grey pictures up to 64x64, and has a classifier of seven classes", () => {
    const { graph, classes } = findBackbone("mini-xception.fer2013");
    const grey = { height: 48, width: 48, channels: 1 } as const;
    expect(countParameters(graph(grey))).toBe(58_423);
    expect(outputShape(graph(grey))).toEqual([classes!.length]);
    expect(graph(grey, { classes: 7 }).layers.at(-1)).toMatchObject({ activation: "softmax" });
    expect(() => graph(rgb)).toThrow("grey pictures of 64x64 pixels or fewer, not 48x48 of 3 channels");
    expect(() => graph({ ...grey, width: 65 })).toThrow("not 48x65");
    expect(() => graph(grey, { classes: 8 })).toThrow("tells 7 classes apart, not 8");
  });

  it("say whose random weights they have", () => {
    expect(findBackbone("alexnet.random").note).toBe(
      "The backbone's weights are random (torchvision's initialisers, seeded), not trained.",
    );
    for (const { name, note } of listBackbones().filter((entry) => entry.weights.kind === "random")) {
      expect(note, name).toMatch(/random .*not trained/);
    }
  });
});
