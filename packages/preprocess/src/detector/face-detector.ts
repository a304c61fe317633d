import { FerBenchError } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { faceFilters } from "./face-filters.ts";
import { downFromEnlarged, upToPicture } from "./pyramid.ts";
import type { Search } from "./search.ts";
import { createSimdSearch } from "./simd/simd-search.ts";
import { suppressOverlaps } from "./suppress.ts";
import { WINDOW_SIDE, windowOf } from "./window.ts";

export interface FaceDetectorOptions {
  /** How many times the picture is doubled before: 0 finds faces from 73 pixels on, 1 from 36, 2 from 18. Default 0. */
  readonly upsamplings?: number;
  /** Faces from this score on; below 0 more are found, and more that are none. Default 0, as dlib. */
  readonly threshold?: number;
  /** Side of the smallest box of interest, in pixels; levels with smaller ones are not searched. Default: all. */
  readonly smallestFace?: number;
}

/** A box in the picture's pixels, edges between pixels; it may reach beyond the picture. */
export interface DetectedFace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How far above the filter's threshold; dlib's confidence. */
  readonly score: number;
  /** Which of dlib's filters: 0 looking ahead, 1 left, 2 right, 3 ahead and turned left, 4 turned right. */
  readonly detector: number;
}

export interface FaceDetector {
  /** The faces, the surest first. Synchronous; one picture at a time. */
  detect(image: PixelImage): DetectedFace[];
}

/**
 * dlib 19.24's frontal face detector (`get_frontal_face_detector`, D. E. King 2014): linear filters on Felzenszwalb's
 * histograms of oriented gradients over an image pyramid. A picture is grey or RGB, of any size.
 */
export function createFaceDetector(options: FaceDetectorOptions = {}): FaceDetector {
  return detectorWith(createSimdSearch(faceFilters()), options);
}

export function detectorWith(
  search: Search,
  { upsamplings = 0, threshold = 0, smallestFace = 0 }: FaceDetectorOptions,
): FaceDetector {
  const { filters, overlap } = faceFilters();
  const settings = { upsamplings, threshold, firstLevel: firstLevelWith(smallestFace * 2 ** upsamplings) };
  return {
    detect(image) {
      checkPicture(image);
      const boxes = search(image, settings).map((answer) => ({
        ...upToPicture(windowOf(answer.row, answer.column), answer.level),
        score: answer.value - filters[answer.filter]!.threshold,
        detector: answer.filter,
      }));
      return suppressOverlaps(boxes, overlap).map((box) => {
        const { left, top, right, bottom } = downFromEnlarged(box, upsamplings);
        const { score, detector } = box;
        return { x: left, y: top, width: right - left + 1, height: bottom - top + 1, score, detector };
      });
    },
  };
}

/** Boxes of level n are 6/5 as large as those of the one before. */
function firstLevelWith(side: number): number {
  return side <= WINDOW_SIDE ? 0 : Math.ceil(Math.log(side / WINDOW_SIDE) / Math.log(6 / 5) - 1e-9);
}

function checkPicture({ width, height, channels, data }: PixelImage): void {
  const valid = Number.isSafeInteger(width) && Number.isSafeInteger(height) && width > 0 && height > 0;
  if (valid && (channels === 1 || channels === 3) && data.length === width * height * channels) return;
  throw new FerBenchError(
    "bad-data",
    `a picture of ${width}x${height} pixels, ${channels} channels and ${data.length} bytes`,
    { remedy: "Give height x width x channels bytes, 1 channel for grey or 3 for RGB." },
  );
}
