import { openNpy } from "@fer-bench/artifacts";
import sharp from "sharp";

/** Face chips in one picture, row by row. */
export interface FaceSheet {
  /** A data URI. */
  uri: string;
  /** Side of a face in pixels. */
  side: number;
  /** Faces in a row. */
  columns: number;
  rows: number;
}

/** Lossy: the sheet of FER-2013's 3,589 test faces stays near 4 MB. */
const QUALITY = 75;
/** WebP's limit. */
const MOST_PIXELS = 16_383;

/**
 * Lays face chips out in one WebP picture.
 *
 * @param facesFile faces.npy, uint8 [N, side, side, channels]
 * @param indices rows of it, in the sheet's order
 * @returns undefined where there are none, or more than a picture holds
 */
export async function faceSheet(
  facesFile: string,
  indices: readonly number[],
): Promise<FaceSheet | undefined> {
  const faces = await openNpy(facesFile);
  try {
    const [, side = 0, , channels = 1] = faces.shape;
    const columns = Math.ceil(Math.sqrt(indices.length));
    if (columns === 0 || columns * side > MOST_PIXELS) return undefined;
    const rows = Math.ceil(indices.length / columns);
    const width = columns * side;
    const pixels = Buffer.alloc(rows * side * width * channels, 128);
    for (const [place, index] of indices.entries()) {
      const face = await faces.readRows(index, 1);
      const left = (place % columns) * side;
      const top = Math.floor(place / columns) * side;
      for (let y = 0; y < side; y++) {
        const row = face.subarray(y * side * channels, (y + 1) * side * channels);
        pixels.set(row, ((top + y) * width + left) * channels);
      }
    }
    const raw = { width, height: rows * side, channels: channels as 1 | 3 };
    const webp = await sharp(pixels, { raw }).webp({ quality: QUALITY }).toBuffer();
    return { uri: `data:image/webp;base64,${webp.toString("base64")}`, side, columns, rows };
  } finally {
    await faces.close();
  }
}
