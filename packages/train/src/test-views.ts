import { createPictureAugmenter } from "./augment/augment-pictures.mjs";
import { PLAN } from "./augment/plan-layout.mjs";
import { type Placement, placementMap, writePlan } from "./augment/sample-plan.ts";
import { changedFaces } from "./changed-faces.ts";
import type { Faces } from "./faces.ts";

/** Sets of views of a test picture, over which probabilities are averaged. */
export const VIEW_SETS = ["flip", "tenCrop"] as const;
export type ViewSet = (typeof VIEW_SETS)[number];

/** Side of a crop: AlexNet's 224 of 256 (Krizhevsky et al., 2012). */
const CROP = 224 / 256;

/** Whether the picture as it is counts as a view, too: its features are there already. */
export function includesPicture(set: ViewSet): boolean {
  return set === "flip";
}

/** The other views of a set: the mirror image; or four corners and the centre, enlarged, and their mirror images. */
export function viewsOf(set: ViewSet, size: number): Placement[] {
  if (set === "flip") return [{ flip: true, degrees: 0, scale: 1, shift: [0, 0] }];
  // A crop's centre is brought to the picture's, and so much enlarged that it fills the picture.
  const reach = (size * (1 - CROP)) / 2 / CROP;
  const centres = [
    [0, 0],
    [reach, reach],
    [-reach, reach],
    [reach, -reach],
    [-reach, -reach],
  ] as const;
  return [false, true].flatMap((flip) =>
    centres.map((shift): Placement => ({ flip, degrees: 0, scale: 1 / CROP, shift })),
  );
}

/** Every view of some faces, one view's faces after the other's: [views * indices, size, size, channels]. */
export function viewedFaces(
  faces: Faces,
  { indices, size, views }: { indices: Int32Array; size: number; views: readonly Placement[] },
): Faces {
  const plans = views.map((placement) => planOf(placement, size));
  const augment = createPictureAugmenter({ size, channels: faces.channels, border: "edge", fill: "mean" });
  return changedFaces(faces, {
    indices,
    size,
    times: views.length,
    change: (face, { place }, result) => augment(face, plans[Math.floor(place / indices.length)]!, result),
  });
}

function planOf(placement: Placement, size: number): Float64Array {
  const row = new Float64Array(PLAN.length);
  const erase = { left: 0, top: 0, width: 0, height: 0 };
  const map = placementMap(placement, size);
  writePlan({ map, brightness: 1, contrast: 1, erase, share: 1 }, 0, row);
  return row;
}
