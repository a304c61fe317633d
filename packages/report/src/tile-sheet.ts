import sharp from "sharp";

/** Square tiles in one picture, row by row. */
export interface TileSheet {
  /** A data URI. */
  uri: string;
  columns: number;
  rows: number;
}

/** Lossy: what is laid out so is smooth. */
const QUALITY = 82;

/**
 * Lays tiles out in one WebP picture.
 * @param tiles [side, side, 3] each; at least one
 */
export async function tileSheet(
  tiles: readonly Uint8Array[],
  side: number,
  columns: number,
): Promise<TileSheet> {
  const rows = Math.ceil(tiles.length / columns);
  const [width, height] = [columns * side, rows * side];
  const pixels = new Uint8Array(width * height * 3);
  for (const [place, tile] of tiles.entries()) {
    const left = (place % columns) * side;
    const top = Math.floor(place / columns) * side;
    for (let y = 0; y < side; y++) {
      pixels.set(tile.subarray(3 * y * side, 3 * (y + 1) * side), 3 * ((top + y) * width + left));
    }
  }
  const webp = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .webp({ quality: QUALITY })
    .toBuffer();
  return { uri: `data:image/webp;base64,${webp.toString("base64")}`, columns, rows };
}
