import type { Box, PixelImage } from "@fer-bench/datasets";

/** The pixels of a box in whole numbers that lies inside the picture. */
export function cropPicture(
  { width: stride, channels, data }: PixelImage,
  { left, top, width, height }: Box,
): PixelImage {
  const part = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * stride + left) * channels;
    part.set(data.subarray(from, from + width * channels), row * width * channels);
  }
  return { width, height, channels, data: part };
}
