import type { Split } from "./labels.ts";

/** A decoded picture: 8 bits a channel, rows from the top, channels interleaved. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for sRGB. */
  readonly channels: 1 | 3;
  /** height x width x channels values. */
  readonly data: Uint8Array;
}

/** A rectangle in pixels; edges may fall between pixels or outside the picture. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One labelled image as a data set's raw data give it. */
export interface RawSample {
  /** Unique in the data set, stable across forms of its distribution. */
  readonly id: string;
  readonly split: Split;
  /** One of the data set's classes. */
  readonly label: string;
  /** Who is pictured, where the set says so. */
  readonly subject?: string;
  /** Where in the raw data: a file's path, or `file#row`. */
  readonly path: string;
  readonly image: PixelImage;
  readonly box?: Box;
  /** x0, y0, x1, y1 ... in pixels; 68 points in the order of iBUG 300-W where there are 136 numbers. */
  readonly landmarks?: Float32Array;
  /** Votes of annotators: how many for each class, in the order of the manifest entry's classes. */
  readonly votes?: readonly number[];
}
