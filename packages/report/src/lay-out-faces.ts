import { openNpy } from "@fer-bench/artifacts";
import sharp, { type Sharp } from "sharp";

/** Face chips laid out in one picture, row by row; what is left of the last row is grey. */
export interface LaidOutFaces {
  picture: Sharp;
  /** Side of a face in pixels. */
  side: number;
  columns: number;
  rows: number;
}

/** What is behind no face. */
const GREY = 128;

/**
 * @param facesFile faces.npy, uint8 [N, side, side, channels]
 * @param indices rows of it, in the picture's order; at least one
 * @param columns faces in a row
 */
export async function layOutFaces(
  facesFile: string,
  indices: readonly number[],
  columns: number,
): Promise<LaidOutFaces> {
  const faces = await openNpy(facesFile);
  try {
    const [, side = 0, , channels = 1] = faces.shape;
    const rows = Math.ceil(indices.length / columns);
    const width = columns * side;
    const pixels = Buffer.alloc(rows * side * width * channels, GREY);
    for (const [place, index] of indices.entries()) {
      const face = await faces.readRows(index, 1);
      const left = (place % columns) * side;
      const top = Math.floor(place / columns) * side;
      for (let y = 0; y < side; y++) {
        const line = face.subarray(y * side * channels, (y + 1) * side * channels);
        pixels.set(line, ((top + y) * width + left) * channels);
      }
    }
    const raw = { width, height: rows * side, channels: channels as 1 | 3 };
    return { picture: sharp(pixels, { raw }), side, columns, rows };
  } finally {
    await faces.close();
  }
}
