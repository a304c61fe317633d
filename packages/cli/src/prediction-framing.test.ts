import { renderFace } from "@fer-bench/dataset-synthetic";
import { alignFace, openFaceFinder } from "@fer-bench/preprocess";
import { describe, expect, it } from "vitest";
import { framingOf } from "./prediction-framing.ts";

describe("the framing of a classifier's faces", () => {
  it("is that of the aligned chips it was trained on", () => {
    const face = { kind: "dlib", padding: 0.3, ifNone: "drop" };
    expect(framingOf({ picture: { face, resize: "bicubic" } })).toEqual({ padding: 0.3, lift: 0 });
  });

  it("is FER-2013's, whose chips come as they are, where nothing else is known", () => {
    const whole = framingOf({ picture: { face: { kind: "whole" }, resize: "bicubic" } });
    expect(framingOf({})).toEqual(whole);
    expect(whole.padding).toBeGreaterThan(0.1);
    expect(whole.lift).toBeGreaterThan(0);
  });

  it("is about the box and its margin, where it was trained on boxes around landmarks", async () => {
    const margin = 0.1;
    const framing = framingOf({ picture: { face: { kind: "box", margin }, resize: "bicubic" } });
    const finder = await openFaceFinder();
    for (const person of [1, 2, 3]) {
      const { image, box } = renderFace(person, "neutral", 160);
      const [face] = finder.find(image);
      const chip = alignFace(face!.landmarks!, { size: 48, ...framing }).box;
      const side = (1 + 2 * margin) * box.width;
      expect(Math.abs(chip.width / side - 1)).toBeLessThan(0.2);
      const low = chip.top + chip.height / 2 - (box.top + box.height / 2);
      expect(Math.abs(low / side)).toBeLessThan(0.1);
    }
  });
});
