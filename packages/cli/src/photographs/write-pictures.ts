import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainDisk, temporaryPath } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { annotatePicture, encodeJpeg, encodePng, type FaceMark } from "@fer-bench/preprocess";

/** Where a photograph's pictures were written. */
export interface WrittenPictures {
  readonly annotated: string;
  /** A file a face. */
  readonly chips: readonly string[];
}

/** Writes the annotated photograph, `<name>.faces.jpg`, and a chip a face, `<name>.face-<number>.png`. */
export async function writePictures(
  out: string,
  name: string,
  image: PixelImage,
  marks: readonly FaceMark[],
  chips: readonly PixelImage[],
): Promise<WrittenPictures> {
  const caption = marks.length === 0 ? "no face found" : undefined;
  const annotated = join(out, `${name}.faces.jpg`);
  await writeWhole(annotated, await encodeJpeg(await annotatePicture(image, marks, { caption })));
  const files: string[] = [];
  for (const [i, chip] of chips.entries()) {
    const file = join(out, `${name}.face-${i + 1}.png`);
    await writeWhole(file, await encodePng(chip));
    files.push(file);
  }
  return { annotated, chips: files };
}

/** The file is there whole or not at all. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const unfinished = temporaryPath(folder, basename(path));
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(unfinished, bytes);
    await rename(unfinished, path);
  } catch (error) {
    throw explainDisk(error, path, "the picture");
  } finally {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}
