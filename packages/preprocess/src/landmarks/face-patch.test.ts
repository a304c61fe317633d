import { createRandom, randomInt } from "@fer-bench/artifacts";
import type { Box, PixelImage } from "@fer-bench/datasets";
import fc from "fast-check";
import { expect, it } from "vitest";
import { clamp } from "../bicubic.ts";
import { cutFacePatch, mirrorLevels, PATCH_SIDE } from "./face-patch.ts";

function picture(width: number, height: number, channels: 1 | 3): PixelImage {
  const random = createRandom("face-patch", width, height);
  const data = Uint8Array.from({ length: width * height * channels }, () => randomInt(random, 256));
  return { width, height, channels, data };
}

/** Sample by sample: up to six along each axis of a patch pixel, each bilinear, of the mean of the colours. */
function plainPatch(image: PixelImage, box: Box): Float64Array {
  const scale = Math.max(box.width, box.height) / 72;
  const left = box.left + box.width / 2 - 0.5 - ((PATCH_SIDE - 1) / 2) * scale;
  const top = box.top + box.height / 2 - 0.5 - ((PATCH_SIDE - 1) / 2) * scale;
  const samples = Math.max(1, Math.min(6, Math.round(scale)));
  const within = (sample: number): number => (sample + 0.5) / samples - 0.5;
  return Float64Array.from({ length: PATCH_SIDE ** 2 }, (_, at) => {
    const [x, y] = [at % PATCH_SIDE, Math.floor(at / PATCH_SIDE)];
    let sum = 0;
    for (let j = 0; j < samples; j++) {
      for (let i = 0; i < samples; i++) {
        sum += levelAt(image, left + scale * (x + within(i)), top + scale * (y + within(j)));
      }
    }
    return sum / samples ** 2;
  });
}

function levelAt({ width, height, channels, data }: PixelImage, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [tx, ty] = [x - column, y - row];
  const pixel = (i: number, j: number): number => {
    const at = (clamp(row + j, height) * width + clamp(column + i, width)) * channels;
    return data.subarray(at, at + channels).reduce((sum, level) => sum + level, 0) / channels;
  };
  const upper = (1 - tx) * pixel(0, 0) + tx * pixel(1, 0);
  const lower = (1 - tx) * pixel(0, 1) + tx * pixel(1, 1);
  return (1 - ty) * upper + ty * lower;
}

it("is what samples taken one by one come to, wherever the box is and however large", () => {
  const place = fc.double({ min: -60, max: 120, noNaN: true });
  const side = fc.double({ min: 0.5, max: 500, noNaN: true });
  const length = fc.integer({ min: 1, max: 90 });
  fc.assert(
    fc.property(place, place, side, length, length, fc.constantFrom(1 as const, 3 as const), (...drawn) => {
      const [left, top, width, wide, high, channels] = drawn;
      const [image, box] = [picture(wide, high, channels), { left, top, width, height: 0.9 * width }];
      const { levels } = cutFacePatch(image, box);
      const plain = plainPatch(image, box);
      const worst = levels.reduce((most, level, i) => Math.max(most, Math.abs(level - plain[i]!)), 0);
      expect(worst).toBeLessThan(1e-3);
    }),
    { numRuns: 15, seed: 3 },
  );
});

it("has in a mirror the pixels of each row from the other end", () => {
  const { levels } = cutFacePatch(picture(50, 40, 3), { left: 5, top: 3, width: 30, height: 30 });
  const mirrored = mirrorLevels(levels);
  expect(mirrorLevels(mirrored)).toEqual(levels);
  expect(mirrored[PATCH_SIDE]).toBe(levels[2 * PATCH_SIDE - 1]);
});
