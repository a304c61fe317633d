import type { Box } from "@fer-bench/datasets";
import { FIVE_POINTS, SIXTY_EIGHT_POINTS, SIXTY_EIGHT_USED } from "./face-shape.ts";
import { findSimilarity } from "./similarity.ts";

/** What a chip shows, as a share of the face's side added on each side; dlib's examples take 0.25. */
export const DLIB_PADDING = 0.25;
/** From brow to brow and from the brows to the chin, as face chips like FER-2013's show it. */
export const TIGHT_PADDING = 0;

export interface AlignOptions {
  /** Side of the chip in pixels. */
  readonly size: number;
  /** Added on each side, as a share of the face's own side; 0 or more. */
  readonly padding: number;
  /** How far the chip is moved up from where dlib has it, as a share of the face's own side. Default 0. */
  readonly lift?: number | undefined;
}

/** The square of the picture that becomes the chip, turned by `roll` radians about its centre. */
export interface AlignedFace {
  readonly box: Box;
  readonly roll: number;
}

/**
 * The face upright by its landmarks, with the geometry of dlib's `get_face_chip_details` and `get_mapping_to_chip`, for
 * 5 or 68 points (x0, y0 ... in pixels, the first pixel's centre at (0, 0)). `cutChip` cuts it. Throws a RangeError
 * where there are other landmarks, or all in one place.
 */
export function alignFace(
  landmarks: ArrayLike<number>,
  { size, padding, lift = 0 }: AlignOptions,
): AlignedFace {
  const { shape, points } = alignedBy(landmarks);
  const chip = shape.map((share) => ((padding + share) / (2 * padding + 1)) * size);
  const { a, b, c, d } = findSimilarity(chip, points);
  const scale = Math.hypot(a, b);
  if (!(scale > 0) || !Number.isFinite(scale)) throw new RangeError("landmarks without extent");
  const [middle, height] = [size / 2, size / 2 - (lift * size) / (2 * padding + 1)];
  const centreX = a * middle - b * height + c;
  const centreY = b * middle + a * height + d;
  // dlib's rectangles hold their last pixel: the outermost pixel centres of chip and rectangle meet.
  const side = size === 1 ? scale : ((size * scale - 1) / (size - 1)) * size;
  return {
    box: { left: centreX + 0.5 - side / 2, top: centreY + 0.5 - side / 2, width: side, height: side },
    roll: Math.atan2(b, a),
  };
}

/** The landmarks that count, and where they belong. */
function alignedBy(landmarks: ArrayLike<number>): { shape: readonly number[]; points: ArrayLike<number> } {
  const count = landmarks.length / 2;
  if (count === 5) return { shape: FIVE_POINTS, points: landmarks };
  if (count !== 68) throw new RangeError(`${count} landmarks; 5 or 68 are needed to align a face`);
  const points = SIXTY_EIGHT_USED.flatMap((i) => [landmarks[2 * i]!, landmarks[2 * i + 1]!]);
  return { shape: SIXTY_EIGHT_POINTS, points };
}
