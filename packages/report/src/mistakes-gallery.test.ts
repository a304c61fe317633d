import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@fer-bench/artifacts";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaceSprite } from "./face-sprite.ts";
import { mistakesGallery } from "./mistakes-gallery.ts";
import type { Prediction } from "./read-evaluation.ts";

const SIDE = 4;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-gallery-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function prediction(index: number, label: number, predicted: number, confidence: number): Prediction {
  return { id: `sample-${index}`, index, label, predicted, confidence, probabilities: [] };
}

async function spritePixels({ uri }: FaceSprite): Promise<Buffer> {
  const png = Buffer.from(uri.replace("data:image/png;base64,", ""), "base64");
  return sharp(png).removeAlpha().toColourspace("srgb").raw().toBuffer();
}

describe("mistakesGallery", () => {
  it("takes the surest mistakes, surest first, and leaves what was right", async () => {
    const faces = join(dir, "grey.npy");
    await writeNpy(
      faces,
      Uint8Array.from({ length: 5 * SIDE * SIDE }, (_, i) => i),
      [5, SIDE, SIDE, 1],
    );
    const predictions = [
      prediction(0, 1, 1, 0.99),
      prediction(1, 1, 0, 0.6),
      prediction(2, 0, 1, 0.9),
      prediction(4, 0, 1, 0.6),
    ];
    const gallery = await mistakesGallery(predictions, faces, 2);
    expect(gallery!.mistakes.map(({ id }) => id)).toEqual(["sample-2", "sample-1"]);
  });

  it.each([1, 3] as const)("holds the faces' own pixels, side by side (%i channels)", async (channels) => {
    const faces = join(dir, `${channels}.npy`);
    const data = Uint8Array.from({ length: 3 * SIDE * SIDE * channels }, (_, i) => (i * 7) % 256);
    await writeNpy(faces, data, [3, SIDE, SIDE, channels]);
    const gallery = await mistakesGallery([prediction(0, 0, 1, 0.5), prediction(2, 1, 0, 0.8)], faces, 10);
    const pixels = await spritePixels(gallery!.sprite);
    [2, 0].forEach((face, place) => {
      for (let y = 0; y < SIDE; y++) {
        for (let x = 0; x < SIDE; x++) {
          for (let c = 0; c < 3; c++) {
            const channel = channels === 1 ? 0 : c;
            expect(pixels[(y * 2 * SIDE + place * SIDE + x) * 3 + c]).toBe(
              data[((face * SIDE + y) * SIDE + x) * channels + channel],
            );
          }
        }
      }
    });
  });

  it("is not there where nothing went wrong", async () => {
    expect(await mistakesGallery([prediction(0, 1, 1, 0.9)], join(dir, "none.npy"), 5)).toBeUndefined();
  });
});
