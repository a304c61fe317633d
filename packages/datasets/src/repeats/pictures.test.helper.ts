import { createRandom } from "@fer-bench/artifacts";
import sharp, { type Sharp } from "sharp";
import type { PixelImage } from "../sample.ts";

export const grey = (side: number, level: (x: number, y: number) => number): PixelImage => ({
  width: side,
  height: side,
  channels: 1,
  data: Uint8Array.from({ length: side * side }, (_, i) =>
    Math.max(0, Math.min(255, Math.round(level(i % side, Math.floor(i / side))))),
  ),
});

/** A picture like no other but of the same coarse light and shade, as faces have: blobs of every size over an oval. */
export function photograph(seed: number, side = 40): PixelImage {
  const random = createRandom("photograph", seed);
  const blobs = Array.from({ length: 50 }, () => ({
    x: random.next() * side,
    y: random.next() * side,
    size: (0.02 + 0.1 * random.next()) * side,
    level: 130 * (random.next() - 0.5),
  }));
  const oval = (x: number, y: number) =>
    Math.exp(-(((x / side - 0.5) / 0.3) ** 2) - ((y / side - 0.5) / 0.4) ** 2);
  return grey(
    side,
    (x, y) =>
      60 +
      110 * oval(x, y) +
      blobs.reduce(
        (sum, blob) => sum + blob.level * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / blob.size ** 2),
        0,
      ),
  );
}

export type Change = (picture: PixelImage) => Promise<PixelImage>;

const through =
  (change: (picture: Sharp, side: number) => Sharp): Change =>
  async ({ width, height, channels, data }) => {
    const changed = change(sharp(data, { raw: { width, height, channels } }), width).toColourspace("b-w");
    const out = await changed.raw().toBuffer({ resolveWithObject: true });
    return {
      width: out.info.width,
      height: out.info.height,
      channels: 1,
      data: new Uint8Array(out.data),
    };
  };

/** What befalls pictures on their way through the web. */
export const CHANGES: Record<string, Change> = {
  "lightened and flattened": through((picture) => picture.linear(0.7, 60)),
  "saved as JPEG of quality 40": async (picture) => {
    const { width, height, channels, data } = picture;
    const jpeg = await sharp(data, { raw: { width, height, channels } }).jpeg({ quality: 40 }).toBuffer();
    return through(() => sharp(jpeg))(picture);
  },
  "twice as large": through((picture, side) => picture.resize(2 * side)),
  "cropped by 4% on two sides": through((picture, side) => {
    const cut = Math.round(0.04 * side);
    return picture.extract({ left: cut, top: 0, width: side - cut, height: side - cut }).resize(side, side);
  }),
  mirrored: through((picture) => picture.flop()),
  "marked with a line through half of it": async (picture) => {
    const { width, data } = picture;
    return grey(width, (x, y) =>
      y === Math.round(0.8 * width) && 2 * x < width ? 255 : data[y * width + x]!,
    );
  },
};
