import { readFileSync } from "node:fs";
import type { PixelImage } from "@fer-bench/datasets";
import { resizeBicubic } from "./bicubic.ts";

interface Picture {
  image: { width: number; height: number; channels: 1 | 3; data: string };
}

/** Rendered portraits of 72 x 72 pixels, RGB and grey in turns; tools/fixtures/dlib_landmarks.ts made them. */
export const portraits: readonly PixelImage[] = (
  JSON.parse(readFileSync(new URL("../test/dlib-landmarks.json", import.meta.url), "utf8")) as {
    pictures: Picture[];
  }
).pictures.map(({ image: { data, ...size } }) => ({
  ...size,
  data: new Uint8Array(Buffer.from(data, "base64")),
}));

/** A square picture at another size. */
export function scaledTo(image: PixelImage, side: number): PixelImage {
  return resizeBicubic(image, side, side);
}

/** RGB pictures on a grey ground. */
export function collage(
  width: number,
  height: number,
  parts: readonly { image: PixelImage; left: number; top: number }[],
): PixelImage {
  const data = new Uint8Array(width * height * 3).fill(128);
  for (const { image, left, top } of parts) {
    for (let row = 0; row < image.height; row++) {
      const from = row * image.width * 3;
      data.set(image.data.subarray(from, from + image.width * 3), ((top + row) * width + left) * 3);
    }
  }
  return { width, height, channels: 3, data };
}
