import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { augmentationSchema } from "./augmentation-config.ts";

describe("augmentationSchema", () => {
  it("is off by default, as in the paper", () => {
    expect(augmentationSchema.parse({})).toEqual({
      flip: 0,
      rotate: 0,
      shift: 0,
      scale: [1, 1],
      border: "edge",
      brightness: 0,
      contrast: 0,
      erase: null,
      mixup: null,
    });
  });

  it("fills in torchvision's erasing and mixup's alpha where they are switched on", () => {
    const { erase, mixup } = augmentationSchema.parse({ erase: {}, mixup: {} });
    expect(erase).toEqual({ probability: 0.5, area: [0.02, 0.33], aspect: [0.3, 3.3], fill: "mean" });
    expect(mixup).toEqual({ alpha: 0.2 });
  });

  it.each([
    [{ rotation: 10 }, "rotation"],
    [{ flip: 1.5 }, "flip"],
    [{ rotate: -10 }, "rotate"],
    [{ shift: 1 }, "shift"],
    [{ scale: [1.2, 0.8] }, "scale"],
    [{ scale: 1.2 }, "scale"],
    [{ scale: [0, 1] }, "scale.0"],
    [{ border: 256 }, "border"],
    [{ erase: { area: [0.5, 1] } }, "erase.area"],
    [{ erase: { aspect: [3.3, 0.3] } }, "erase.aspect"],
    [{ mixup: { alpha: 0 } }, "mixup.alpha"],
  ])("refuses %j", (value, field) => {
    const parse = () => parseConfig(augmentationSchema, value, "benchmark.json");
    expect(parse).toThrow(FerBenchError);
    expect(parse).toThrow(expect.objectContaining({ code: "bad-config", field }));
  });
});
