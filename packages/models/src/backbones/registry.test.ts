import { FerBenchError } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { outputShape } from "../graph/graph.ts";
import { EFFICIENTNET_VARIANTS, findBackbone, listBackbones, registerBackbone } from "../index.ts";

describe("the registry", () => {
  it("knows every backbone of the folder with each kind of weights", () => {
    const names = listBackbones().map(({ name }) => name);
    for (const variant of Object.keys(EFFICIENTNET_VARIANTS)) {
      const tags = ["imagenet", "random", "timm", "torchvision"];
      expect(names.filter((name) => name.startsWith(`efficientnet-${variant}.`))).toEqual(
        tags.map((tag) => `efficientnet-${variant}.${tag}`),
      );
    }
    expect(names.filter((name) => !name.startsWith("efficientnet-"))).toEqual([
      "alexnet.random",
      "alexnet.torchvision",
      "efficientnetv2-48.fer2013",
      "efficientnetv2-48.random",
      "mini-xception.fer2013",
      "pixels",
      "resnet-18.random",
      "resnet-18.torchvision",
      "resnet-34v2.imagenet",
      "resnet-34v2.random",
      "vgg-16.random",
      "vgg-16.torchvision",
      "xception.imagenet",
      "xception.random",
    ]);
  });

  it("makes a backbone for the data's channels and size", async () => {
    const input = { height: 48, width: 64, channels: 1 } as const;
    const efficientnet = await findBackbone("efficientnet-b1.random").create({ input, seed: 1 });
    expect(efficientnet).toMatchObject({ graph: { name: "efficientnet-b1" }, needsCalibration: true });
    const pixels = await findBackbone("pixels").create({ input, seed: 1 });
    expect(pixels.needsCalibration).toBe(false);
    expect(outputShape(pixels.graph)).toEqual([48 * 64]);
  });

  it("says of random weights that they are", () => {
    expect(findBackbone("efficientnet-b0.random").note).toContain("not trained");
    expect(findBackbone("pixels").note).toBeUndefined();
  });

  it.each([
    ["efficientnetb0.random", "efficientnet-b0.random"],
    ["EfficientNet-B3.random", "efficientnet-b3.random"],
    ["efficientnet-b0.imagnet", "efficientnet-b0.imagenet"],
    ["pixel", "pixels"],
  ])("suggests for %s the name %s", (typed, meant) => {
    expect(() => findBackbone(typed)).toThrow(`Did you mean ${meant}?`);
  });

  it("lists what there is when nothing is near", () => {
    try {
      findBackbone("resnet");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FerBenchError);
      expect(error).toMatchObject({ code: "bad-config", message: 'There is no backbone named "resnet".' });
      expect((error as FerBenchError).remedy).toContain("efficientnet-b0.imagenet, efficientnet-b0.random");
    }
  });

  it("takes a name once", () => {
    expect(() => registerBackbone(findBackbone("pixels"))).toThrow("Two backbones are named pixels");
  });
});
