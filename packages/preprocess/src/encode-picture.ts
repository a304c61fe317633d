import type { PixelImage } from "@fer-bench/datasets";
import sharp, { type Sharp } from "sharp";

/** Its very pixels. */
export function encodePng(image: PixelImage): Promise<Buffer> {
  return raw(image).png({ compressionLevel: 9 }).toBuffer();
}

/** To be looked at: colours at full resolution, so that fine lines keep theirs. */
export function encodeJpeg(image: PixelImage): Promise<Buffer> {
  return raw(image).jpeg({ quality: 92, chromaSubsampling: "4:4:4" }).toBuffer();
}

function raw({ data, width, height, channels }: PixelImage): Sharp {
  const picture = sharp(data, { raw: { width, height, channels } });
  return channels === 1 ? picture.toColourspace("b-w") : picture;
}
