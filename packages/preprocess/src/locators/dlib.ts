import { z } from "zod";
import { openFaceFinder } from "../find-faces.ts";
import { SHIPPED_LANDMARKS } from "../landmarks/named-landmarks.ts";
import type { LocatorContext } from "../locate.ts";
import type { FaceLocator } from "../located-face.ts";

/** For photographs: faces found as dlib finds them, and turned upright by their landmarks. */
export const dlibSettings = z
  .strictObject({
    kind: z.literal("dlib"),
    /** Doublings before the search: 0 finds faces from 73 pixels on, 1 from 36, 2 from 18. */
    upsamplings: z.int().min(0).max(4).default(0),
    /** Where there is no face, the picture is doubled once more, up to so many times. Default: as often as `upsamplings`. */
    mostUpsamplings: z.int().min(0).max(4).optional(),
    /** Least score of a face. */
    threshold: z.number().min(-5).max(10).default(0),
    /** Side of the smallest face of interest, in pixels of the picture. */
    smallestFace: z.number().min(0).default(0),
    /** For pictures that are chips already: searched at so many times their size, and cut from as they are. */
    enlarge: z.int().min(1).max(8).default(1),
    /** Repeated from the edge around the picture before the search, as a share of its longer side. */
    border: z.number().min(0).max(1).default(0),
    /** The five that come with the package, `dlib-5-points`, `dlib-68-points`, or a `.dat` file of the workspace. */
    landmarks: z.string().min(1).default(SHIPPED_LANDMARKS),
    /** Seen around the face on each side, as a share of its own: 0.25 in dlib's examples; 0 is brows to chin. */
    padding: z.number().min(0).max(2).default(0.25),
    /** Of several faces: the largest, the one nearest to the middle, or all. */
    faces: z.enum(["largest", "central", "all"]).default("largest"),
    /** Where there is no face: the whole picture is taken for one, or the sample is left out. */
    ifNone: z.enum(["whole", "drop"]),
  })
  .refine(({ upsamplings, mostUpsamplings = upsamplings }) => mostUpsamplings >= upsamplings, {
    path: ["mostUpsamplings"],
    error: "mostUpsamplings is at least upsamplings",
  });

/** The locator for chips of `size` pixels, by landmarks of the file; the package's own where absent. */
export async function locateByDlib(
  { mostUpsamplings, ...settings }: z.infer<typeof dlibSettings>,
  { size, landmarks }: LocatorContext,
): Promise<FaceLocator> {
  const { find } = await openFaceFinder({
    ...settings,
    ...(mostUpsamplings !== undefined && { mostUpsamplings }),
    size,
    landmarks,
  });
  return ({ image }) => find(image);
}
