import { layOutFaces } from "./lay-out-faces.ts";

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
  if (indices.length === 0) return undefined;
  const columns = Math.ceil(Math.sqrt(indices.length));
  const { picture, side, rows } = await layOutFaces(facesFile, indices, columns);
  if (columns * side > MOST_PIXELS) return undefined;
  const webp = await picture.webp({ quality: QUALITY }).toBuffer();
  return { uri: `data:image/webp;base64,${webp.toString("base64")}`, side, columns, rows };
}
