import type { Box, PixelImage } from "@fer-bench/datasets";
import { readFivePoints } from "./five-points.ts";
import { predictLandmarks } from "./predict-landmarks.ts";
import { readShapePredictor } from "./read-shape-predictor.ts";
import { descend } from "./supervised-descent.ts";

/** Finds the landmarks of a face whose box is known, such as dlib's frontal face detector gives. */
export interface LandmarkFinder {
  /** Points of a face: 5 or 68 as dlib's, or as many as the file has. */
  readonly points: number;
  /** x0, y0, x1, y1 ... in pixels of the picture, whose first pixel has its centre at (0, 0). */
  find(image: PixelImage, box: Box): Float32Array;
}

/**
 * dlib's own landmarks from a `.dat` file of its shape predictor, bit for bit what dlib 19.24 gives; or, without a file,
 * the five that fer-bench brings. Errors: `missing`, or `bad-data` naming the file.
 */
export async function openLandmarks(file?: string): Promise<LandmarkFinder> {
  if (file === undefined) {
    const model = await readFivePoints();
    return { points: model.start.length / 2, find: (image, box) => descend(model, image, box) };
  }
  const predictor = await readShapePredictor(file);
  return { points: predictor.points, find: (image, box) => predictLandmarks(predictor, image, box) };
}
