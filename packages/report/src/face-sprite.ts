import { layOutFaces } from "./lay-out-faces.ts";

/** Faces in one picture, so that a page holds them all in one data URI. */
export interface FaceSprite {
  /** All faces, left to right, as a data URI. */
  uri: string;
  /** Side of a face in the sprite, in pixels. */
  side: number;
  count: number;
}

/**
 * The chips at these places of a faces.npy (uint8 [N, side, side, channels]), in their order.
 */
export async function faceSprite(facesFile: string, indices: readonly number[]): Promise<FaceSprite> {
  const { picture, side } = await layOutFaces(facesFile, indices, indices.length);
  const png = await picture.png({ compressionLevel: 9 }).toBuffer();
  return { uri: `data:image/png;base64,${png.toString("base64")}`, side, count: indices.length };
}

/** Side of a face on the page, in CSS pixels: PAGE_STYLE's. */
export const FACE_SIDE = 96;

/** The style of a list whose items show faces of a sprite. */
export function spriteStyle({ uri, count }: FaceSprite): string {
  return `--sprite: url(${uri}); --sprite-width: ${count * FACE_SIDE}px`;
}

/** The style of the item that shows the sprite's face at `place`. */
export function placeInSprite(place: number): string {
  return `background-position:-${place * FACE_SIDE}px 0`;
}
