import type { Box, RawSample } from "@fer-bench/datasets";

/** Where a face is in its picture. */
export interface LocatedFace {
  /** What the chip shows, in pixels; it may reach beyond the picture. */
  readonly box: Box;
  /** How it was found: the locator's word, counted in `preprocess.json`. */
  readonly found: string;
  /** The detector's score, where there is one. */
  readonly score?: number;
  /** Radians by which the box is turned about its centre, clockwise as seen; the chip is upright. */
  readonly roll?: number;
  /** x0, y0, x1, y1 ... in pixels of the picture. */
  readonly landmarks?: Float32Array;
  /** The detector's own box, where there is one; `box` is then its alignment. */
  readonly detected?: Box;
  /** Faces found in the picture, where they were searched for: those counted that a policy leaves out. */
  readonly among?: number;
}

/** What of a sample tells where its face is. */
export type Locatable = Pick<RawSample, "id" | "path" | "image" | "box" | "landmarks">;

/** Finds the faces of a sample. Errors: `bad-data` naming the sample where what it needs is not there. */
export type FaceLocator = (sample: Locatable) => readonly LocatedFace[] | Promise<readonly LocatedFace[]>;
