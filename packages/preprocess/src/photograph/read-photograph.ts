import { stat } from "node:fs/promises";
import { FerBenchError } from "@fer-bench/artifacts";
import { type PixelImage, toPixels } from "@fer-bench/datasets";
import sharp, { type Metadata, type Sharp } from "sharp";
import { turnUpright } from "./turn-upright.ts";

/** Any picture file as upright 8-bit grey or RGB, perhaps smaller than it is. */
export interface Photograph {
  readonly image: PixelImage;
  /** Size of the upright original in pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels of `image` to one of the original along the longer side; 1 where it was not reduced. */
  readonly scale: number;
}

export interface PhotographOptions {
  /** A larger picture is reduced to this while it is decoded, keeping its proportions. */
  readonly longestSide?: number;
  /** What errors call a picture given as bytes. */
  readonly name?: string;
}

const LONGEST_SIDE = 2048;
/** Pictures that are decoded row by row: libvips holds a few rows, JPEG is reduced as it is decoded. */
const MOST_PIXELS_STREAMED = 400_000_000;
/** Pictures that are decoded as a whole first, at up to 8 bytes a pixel. */
const MOST_PIXELS_WHOLE = 64_000_000;
/** Neither PNG nor JPEG of the size allowed takes nearly as long. */
const MOST_SECONDS = 60;
/** Drawings and documents are no photographs, and can ask for any size. */
const NOT_PHOTOGRAPHS = new Set(["svg", "pdf", "magick", "openslide", "vips", "raw"]);

/**
 * Reads a photograph from a file or its bytes: turned as its EXIF orientation says, the first frame of an animation,
 * transparent parts on black, CMYK and other colours as sRGB, 16 bits as 8, grey as one channel. Memory is bounded
 * whatever the header says. Errors: `missing`, or `bad-data` naming the file, for everything that is no whole picture.
 */
export async function readPhotograph(
  source: string | Uint8Array,
  {
    longestSide = LONGEST_SIDE,
    name = typeof source === "string" ? source : "photograph",
  }: PhotographOptions = {},
): Promise<Photograph> {
  if (typeof source === "string") await checkFile(source);
  try {
    const input = sharp(source, { limitInputPixels: MOST_PIXELS_STREAMED, failOn: "error" });
    const header = await input.metadata();
    checkHeader(header);
    return await decode(input, header, longestSide);
  } catch (cause) {
    throw new FerBenchError("bad-data", `not a photograph that can be read: ${reasonOf(cause)}`, {
      file: name,
      remedy: "replace the file by the original, or leave it out",
      cause,
    });
  }
}

async function decode(input: Sharp, header: Metadata, longestSide: number): Promise<Photograph> {
  const { width, height, orientation = 1 } = header;
  const reduced = input
    .resize({ width: longestSide, height: longestSide, fit: "inside", withoutEnlargement: true })
    .timeout({ seconds: MOST_SECONDS });
  // Turned when it is small: what is turned has to be in memory as a whole.
  const image = turnUpright(await toPixels(reduced, header), orientation);
  const lying = orientation >= 5;
  return {
    image,
    width: lying ? height : width,
    height: lying ? width : height,
    scale: Math.max(image.width, image.height) / Math.max(width, height),
  };
}

function checkHeader({ format, width, height, isProgressive }: Metadata): void {
  if (NOT_PHOTOGRAPHS.has(format)) throw new Error(`a drawing or document (${format})`);
  const streamed = (format === "jpeg" || format === "png") && !isProgressive;
  if (!streamed && width * height > MOST_PIXELS_WHOLE) {
    throw new Error(
      `${width} x ${height} pixels, more than are read of ${isProgressive ? "an interlaced " : "a "}${format}`,
    );
  }
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw new FerBenchError("missing", `the photograph cannot be read: ${cause.code}`, {
      file,
      remedy: "check the path",
      cause,
    });
  });
  if (found.isFile()) return;
  throw new FerBenchError("bad-data", "not a photograph but a folder or device", {
    file,
    remedy: "name a picture file",
  });
}

/** libvips's messages are several lines, of which the first says it. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split("\n", 1)[0]!.trim();
}
