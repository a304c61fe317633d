import { type FaceSprite, faceSprite } from "./face-sprite.ts";
import type { Prediction } from "./read-evaluation.ts";

/** Faces a model was surest about, and wrong. */
export interface MistakesGallery {
  sprite: FaceSprite;
  /** In the sprite's order. */
  mistakes: Prediction[];
}

/**
 * The `count` mistakes of highest confidence, ties in test order, with their face chips.
 *
 * @param facesFile faces.npy, uint8 [N, side, side, channels]
 * @returns undefined where there is no mistake
 */
export async function mistakesGallery(
  predictions: readonly Prediction[],
  facesFile: string,
  count: number,
): Promise<MistakesGallery | undefined> {
  const mistakes = predictions
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, count);
  if (mistakes.length === 0) return undefined;
  return {
    sprite: await faceSprite(
      facesFile,
      mistakes.map(({ index }) => index),
    ),
    mistakes,
  };
}
