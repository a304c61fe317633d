import { openNpy } from "@fer-bench/artifacts";
import sharp from "sharp";
import type { Prediction } from "./read-evaluation.ts";

/** Faces a model was surest about, and wrong. */
export interface MistakesGallery {
  /** One picture that holds all faces, left to right, as a data URI. */
  sprite: string;
  /** Side of a face in the sprite, in pixels. */
  side: number;
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
  const faces = await openNpy(facesFile);
  try {
    const [, side = 0, , channels = 1] = faces.shape;
    const strip = sharp({
      create: { width: side * mistakes.length, height: side, channels: 3, background: "#808080" },
    });
    const chips = [];
    for (const [place, { index }] of mistakes.entries()) {
      const input = await faces.readRows(index, 1);
      const raw = { width: side, height: side, channels: channels as 1 | 3 };
      chips.push({ input: Buffer.from(input.buffer), raw, left: place * side, top: 0 });
    }
    const png = await strip.composite(chips).png({ compressionLevel: 9 }).toBuffer();
    return { sprite: `data:image/png;base64,${png.toString("base64")}`, side, mistakes };
  } finally {
    await faces.close();
  }
}
