import type { PixelImage } from "@fer-bench/datasets";

/** A picture as grey (1) or RGB (3). Grey is luma by ITU-R BT.601, in the integers of OpenCV's cvtColor. */
export function withChannels(image: PixelImage, channels: 1 | 3): PixelImage {
  if (image.channels === channels) return image;
  const { width, height, data: source } = image;
  const data = new Uint8Array(width * height * channels);
  if (channels === 3) {
    for (let i = 0; i < data.length; i++) data[i] = source[Math.floor(i / 3)]!;
  } else {
    for (let i = 0; i < data.length; i++) {
      const [red, green, blue] = [source[3 * i]!, source[3 * i + 1]!, source[3 * i + 2]!];
      data[i] = (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15;
    }
  }
  return { width, height, channels, data };
}
