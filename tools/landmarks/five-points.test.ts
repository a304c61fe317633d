import { createRandom, deriveSeed } from "@fer-bench/artifacts";
import { drawIdentity, drawScene, perform, renderPortrait } from "@fer-bench/dataset-synthetic";
import { CANONICAL_LABELS } from "@fer-bench/datasets";
import { openLandmarks } from "@fer-bench/preprocess";
import { expect, test } from "vitest";
import { eyeError, fivePointsOf } from "./eye-error.ts";

const SEED = 77;
const SIZE = 128;

test("the shipped landmarks find the eyes of portraits that they were not trained on", {
  timeout: 300_000,
}, async () => {
  const { find } = await openLandmarks();
  const errors = Array.from({ length: 14 }, (_, i) => {
    const person = drawIdentity(SEED, i);
    const { units } = perform(CANONICAL_LABELS[i % 7]!, createRandom(SEED, i), 0.3);
    const scene = drawScene(deriveSeed(SEED, i), person, { size: SIZE, variation: 1, occlusion: 0.2 });
    const { image, box, landmarks } = renderPortrait(person, units, scene, SIZE);
    const truth = fivePointsOf(landmarks);
    return eyeError(find(image, box), truth);
  });
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.04);
});
