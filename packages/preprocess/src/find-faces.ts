import { FerBenchError } from "@fer-bench/artifacts";
import type { Box, PixelImage } from "@fer-bench/datasets";
import { alignFace, DLIB_PADDING } from "./align/align-face.ts";
import { resizeBicubic, warpBicubic } from "./bicubic.ts";
import { type DetectedFace, detectorWith, type FaceDetectorOptions } from "./detector/face-detector.ts";
import { faceFilters } from "./detector/face-filters.ts";
import { createSimdSearch } from "./detector/simd/simd-search.ts";
import { type LandmarkFinder, openLandmarks } from "./landmarks/open-landmarks.ts";
import type { LocatedFace } from "./located-face.ts";

/** Which of several faces count: the one with the largest box, the one nearest to the picture's middle, or each. */
export type FacesPolicy = "largest" | "central" | "all";
/** What becomes of a picture without a face: it stands for one itself, or has none. */
export type NoFacePolicy = "whole" | "drop";

export interface FaceFinderOptions extends FaceDetectorOptions {
  /** A `.dat` file of dlib's shape predictor, of 5 or 68 points. Default: the five points that come with the package. */
  readonly landmarks?: string | undefined;
  /** Where there is no face, the picture is doubled once more, until it is doubled so many times. Default `upsamplings`. */
  readonly mostUpsamplings?: number;
  /** Pictures that are face chips already are searched at so many times their size, bicubic. Default 1. */
  readonly enlarge?: number;
  /** Repeated from the edge around the picture before the search, as a share of its longer side: faces that fill it need room. Default 0. */
  readonly border?: number;
  /** What is seen around the face on each side, as a share of its own. Default `DLIB_PADDING`. */
  readonly padding?: number;
  /** How far chips are moved up, as a share of the face's side. Default 0. */
  readonly lift?: number;
  /** Side of the chips that will be cut, in pixels. Default 48. */
  readonly size?: number;
  /** Default "largest". */
  readonly faces?: FacesPolicy;
  /** Default "drop". */
  readonly ifNone?: NoFacePolicy;
}

/**
 * `detected` at the first attempt; `detected-upsampled` where the picture was doubled once more for it; `whole-image`
 * where there is no face, and the picture stands for one.
 */
export type FoundHow = "detected" | "detected-upsampled" | "whole-image";

/** A face to be cut by `cutChip`. All in pixels of the picture. */
export interface FoundFace extends LocatedFace {
  readonly found: FoundHow;
  readonly among: number;
}

export interface FaceFinder {
  /** The faces that the policies leave, the surest first. Synchronous; one picture at a time. */
  find(image: PixelImage): FoundFace[];
}

/**
 * Finds faces as dlib does and turns them upright by their landmarks. Errors: `missing`, or `bad-data` naming the file
 * of the landmarks.
 */
export async function openFaceFinder(options: FaceFinderOptions = {}): Promise<FaceFinder> {
  const landmarks = await openLandmarks(options.landmarks);
  if (landmarks.points === 5 || landmarks.points === 68) return finderWith(landmarks, options);
  throw new FerBenchError("bad-data", `faces cannot be turned upright by ${landmarks.points} landmarks`, {
    ...(options.landmarks !== undefined && { file: options.landmarks }),
    remedy: "name a shape predictor of 5 or of 68 points",
  });
}

function finderWith(landmarks: LandmarkFinder, options: FaceFinderOptions): FaceFinder {
  const { upsamplings = 0, threshold = 0, smallestFace = 0 } = options;
  const {
    mostUpsamplings = upsamplings,
    enlarge = 1,
    border = 0,
    padding = DLIB_PADDING,
    lift = 0,
    size = 48,
  } = options;
  const { faces: policy = "largest", ifNone = "drop" } = options;
  const search = createSimdSearch(faceFilters());
  const attempts = Array.from({ length: Math.max(1, mostUpsamplings - upsamplings + 1) }, (_, more) => ({
    found: more === 0 ? ("detected" as const) : ("detected-upsampled" as const),
    detector: detectorWith(search, {
      upsamplings: upsamplings + more,
      threshold,
      smallestFace: smallestFace * enlarge,
    }),
  }));
  return {
    find(image) {
      const around = Math.round(border * Math.max(image.width, image.height));
      const searched = enlarged(withBorder(image, around), enlarge);
      const toPicture = (box: Box): Box => ({
        left: box.left / enlarge - around,
        top: box.top / enlarge - around,
        width: box.width / enlarge,
        height: box.height / enlarge,
      });
      for (const { found, detector } of attempts) {
        const faces = detector.detect(searched);
        if (faces.length === 0) continue;
        return choose(faces, policy, searched).map((face) => {
          const box = { left: face.x, top: face.y, width: face.width, height: face.height };
          const points = landmarks.find(searched, box);
          const aligned = alignFace(points, { size, padding, lift });
          return {
            box: toPicture(aligned.box),
            roll: aligned.roll,
            landmarks: points.map((position) => (position + 0.5) / enlarge - 0.5 - around),
            score: face.score,
            found,
            detected: toPicture(box),
            among: faces.length,
          };
        });
      }
      if (ifNone === "drop") return [];
      const { width, height } = image;
      return [{ box: { left: 0, top: 0, width, height }, found: "whole-image", among: 0 }];
    },
  };
}

/** Of equals the surest, which comes first. */
function choose(
  faces: readonly DetectedFace[],
  policy: FacesPolicy,
  { width, height }: PixelImage,
): readonly DetectedFace[] {
  if (policy === "all") return faces;
  const merit = (face: DetectedFace): number =>
    policy === "largest"
      ? face.width * face.height
      : -Math.hypot(face.x + (face.width - width) / 2, face.y + (face.height - height) / 2);
  return [faces.reduce((best, face) => (merit(face) > merit(best) ? face : best))];
}

function enlarged(image: PixelImage, factor: number): PixelImage {
  return factor === 1 ? image : resizeBicubic(image, image.width * factor, image.height * factor);
}

/** The picture with so many pixels more on each side, repeated from its edge. */
function withBorder(image: PixelImage, around: number): PixelImage {
  if (around === 0) return image;
  return warpBicubic(
    image,
    [1, 0, -around, 0, 1, -around],
    image.width + 2 * around,
    image.height + 2 * around,
  );
}
