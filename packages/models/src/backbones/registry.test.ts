import { FerBenchError } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { outputShape } from "../graph/graph.ts";
import { findBackbone, listBackbones, registerBackbone } from "../index.ts";

describe("the registry", () => {
  it("knows the family with random weights, and raw pixels", () => {
    expect(listBackbones().map(({ name }) => name)).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `efficientnet-b${n}.random`),
      "pixels",
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
    ["efficientnet-b0.imagenet", "efficientnet-b0.random"],
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
      expect((error as FerBenchError).remedy).toContain("efficientnet-b0.random, efficientnet-b1.random");
    }
  });

  it("takes a name once", () => {
    expect(() => registerBackbone(findBackbone("pixels"))).toThrow("Two backbones are named pixels");
  });
});
