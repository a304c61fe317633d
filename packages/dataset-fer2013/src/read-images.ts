import { stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeImage, mapAhead, openSource, type PixelImage } from "@fer-bench/datasets";
import sharp from "sharp";
import { CLASSES, SIDE } from "./facts.ts";
import { readImagePath, type UsageHint } from "./image-path.ts";
import { type CsvSource, csvRows } from "./import-csv.ts";
import { isImageName } from "./source-form.ts";

/** One image of a copy: what names say of it, its file, and what is decoded from that. */
export interface ImageFile {
  /** Path in the source, or `file#row`. */
  readonly name: string;
  /** Index of CLASSES. */
  readonly label: number;
  readonly hint: UsageHint;
  readonly file: Buffer;
  readonly image: PixelImage;
}

/** Images decoded at once. */
export const AHEAD = 8;

/** The images in train|test/<class>/ folders, in the source's order. */
export async function* folderImages(source: string): AsyncGenerator<ImageFile> {
  const inFolder = (await stat(source)).isDirectory();
  async function* files() {
    for await (const entry of openSource(source)) {
      if (!isImageName(entry.name)) continue;
      yield { name: entry.name, ...readImagePath(entry.name, source), file: await entry.bytes() };
    }
  }
  yield* mapAhead(files(), AHEAD, async (file) => {
    const where = inFolder ? join(source, file.name) : `${source}: ${file.name}`;
    return { ...file, image: await decodeImage(file.file, where) };
  });
}

/** The rows of a CSV as PNGs under train|test names of their own. */
export async function* csvImages(csv: CsvSource): AsyncGenerator<ImageFile> {
  yield* mapAhead(csvRows(csv), AHEAD, async ({ row, label, usage, pixels }) => {
    const image: PixelImage = { width: SIDE, height: SIDE, channels: 1, data: pixels };
    const raw = { width: SIDE, height: SIDE, channels: 1 } as const;
    return {
      name: `${csv.entry}/${CLASSES[label]}/${usage}_${row}.png`,
      label,
      hint: usage,
      file: await sharp(pixels, { raw }).toColourspace("b-w").png().toBuffer(),
      image,
    };
  });
}
