import { createRandom, deriveSeed } from "@fer-bench/artifacts";
import { drawIdentity, drawScene, perform, renderPortrait } from "@fer-bench/dataset-synthetic";
import { CANONICAL_LABELS } from "@fer-bench/datasets";
import { openLandmarks } from "@fer-bench/preprocess";
import { describe, expect, it } from "vitest";
import { cropPicture } from "../dlib/crop-picture.ts";
import { eyeError, fivePointsOf } from "./eye-error.ts";

const SEED = 77;
const SIZE = 128;

describe("the shipped landmarks find the eyes of portraits that they were not trained on", {
  timeout: 300_000,
}, () => {
  const portraits = Array.from({ length: 14 }, (_, i) => {
    const person = drawIdentity(SEED, i);
    const { units } = perform(CANONICAL_LABELS[i % 7]!, createRandom(SEED, i), 0.3);
    const scene = drawScene(deriveSeed(SEED, i), person, { size: SIZE, variation: 1, occlusion: 0.2 });
    const { image, box, landmarks } = renderPortrait(person, units, scene, SIZE);
    return { image, box, truth: fivePointsOf(landmarks) };
  });

  it("in the whole picture", async () => {
    const { find } = await openLandmarks();
    expect(mean(portraits.map(({ image, box, truth }) => eyeError(find(image, box), truth)))).toBeLessThan(
      0.04,
    );
  });

  it("where the picture begins in the middle of the forehead", async () => {
    const { find } = await openLandmarks();
    const errors = portraits.map(({ image, box, truth }) => {
      const top = Math.round(box.top - 0.1 * box.height);
      const part = cropPicture(image, { left: 0, top, width: SIZE, height: SIZE - top });
      const lower = truth.map((position, i) => (i % 2 ? position - top : position));
      return eyeError(find(part, { ...box, top: box.top - top }), lower);
    });
    expect(mean(errors)).toBeLessThan(0.03);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
