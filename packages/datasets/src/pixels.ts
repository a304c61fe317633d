import { createHash } from "node:crypto";
import { FerBenchError } from "@fer-bench/artifacts";
import sharp, { type Metadata, type Sharp } from "sharp";
import type { PixelImage } from "./sample.ts";

/** A picture of more pixels than this is refused: 100 megapixels, 300 MB decoded. */
const MAX_PIXELS = 100_000_000;

/**
 * Decodes a picture to 8-bit grey or sRGB, upright by its EXIF orientation, its first frame, without alpha
 * (laid on black). Errors: `bad-data` naming the picture where the bytes are none.
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<PixelImage> {
  try {
    const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "error" });
    const header = await picture.metadata();
    if (header.format === "svg") throw new Error("a drawing (SVG), not a photograph");
    return await toPixels(picture.autoOrient(), header);
  } catch (cause) {
    throw new FerBenchError("bad-data", `not a picture that can be read: ${(cause as Error).message}`, {
      file: name,
      remedy: "replace the file by the original, or remove it",
      cause,
    });
  }
}

/** What a picture comes to in the end, as 8-bit grey or sRGB; what is transparent lies on black. */
export async function toPixels(picture: Sharp, { space }: Pick<Metadata, "space">): Promise<PixelImage> {
  const grey = space === "b-w" || space === "grey16";
  const { data, info } = await picture
    .flatten({ background: "#000" })
    .toColourspace(grey ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 1 && channels !== 3) throw new Error(`${channels} channels`);
  return { width, height, channels, data: new Uint8Array(data) };
}

/** Identifies decoded pixels whatever file they came in: SHA-256 over "WxHxC\n" and the values. */
export function pixelSha256(image: PixelImage): string {
  return createHash("sha256")
    .update(`${image.width}x${image.height}x${image.channels}\n`)
    .update(image.data)
    .digest("hex");
}
