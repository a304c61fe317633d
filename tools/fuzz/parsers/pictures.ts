import { decodeImage } from "@fer-bench/datasets";
import { readPhotograph } from "@fer-bench/preprocess";
import sharp from "sharp";
import { jpegQuantisation } from "../../../packages/dataset-fer2013/src/jpeg.ts";
import type { Parser } from "../parser.ts";

const picture = (width: number, height: number, channels: 1 | 3) =>
  sharp(
    Uint8Array.from({ length: width * height * channels }, (_, i) => (i * i) >> 3),
    { raw: { width, height, channels } },
  );

async function examples(): Promise<readonly Uint8Array[]> {
  return Promise.all([
    picture(48, 48, 1).toColourspace("b-w").png().toBuffer(),
    picture(40, 30, 3).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    picture(40, 30, 3).jpeg({ progressive: true }).toBuffer(),
    picture(31, 17, 3).webp({ effort: 0 }).toBuffer(),
    picture(20, 20, 3).gif({ effort: 1 }).toBuffer(),
    picture(20, 20, 3).tiff({ compression: "none" }).toBuffer(),
    picture(16, 16, 3).avif({ effort: 0 }).toBuffer(),
  ]);
}

/** Photographs and the pictures of data sets. */
export const pictures: readonly Parser[] = [
  {
    name: "photographs",
    file: "photograph.jpg",
    onDisk: true,
    examples,
    read: ({ path }) => readPhotograph(path),
  },
  {
    name: "pictures of a data set",
    file: "picture.png",
    examples,
    read: ({ bytes, path }) => decodeImage(bytes, path),
  },
  {
    name: "JPEG's quantisation tables",
    file: "picture.jpg",
    examples: async () => (await examples()).slice(1, 3),
    read: ({ bytes }) => jpegQuantisation(bytes),
  },
];
