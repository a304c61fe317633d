import { createRandom } from "@fer-bench/artifacts";
import { drawIdentity, drawScene, perform, renderPortrait } from "@fer-bench/dataset-synthetic";
import { CANONICAL_LABELS, type PixelImage } from "@fer-bench/datasets";
import { withChannels } from "@fer-bench/preprocess";
import { cropPicture } from "./crop-picture.ts";

/** A rendered picture and how dlib is to look at it. */
export interface Portrait {
  readonly image: PixelImage;
  readonly upsamplings: number;
  /** Added to the filters' thresholds: below 0 there are faces that are none, and boxes to suppress. */
  readonly threshold: number;
}

/** What portraits.json was recorded of. */
export const PORTRAITS = 60;

/** One of the portraits: 140 to 249 pixels a side, every third one grey, every fourth one enlarged before. */
export function portrait(index: number, size = 144 + ((index * 37) % 107)): Portrait {
  const identity = drawIdentity(7, index);
  const label = CANONICAL_LABELS[index % CANONICAL_LABELS.length]!;
  const { units } = perform(label, createRandom("portraits", index), 0.6);
  const scene = drawScene(index, identity, { size, variation: 1, occlusion: 0.1 });
  const { image } = renderPortrait(identity, units, scene, size);
  const part = cropPicture(image, { left: 0, top: 0, width: size - (index % 7), height: size - (index % 5) });
  return {
    image: withChannels(part, index % 3 === 2 ? 1 : 3),
    upsamplings: index % 4 === 3 ? 1 : 0,
    threshold: index % 5 === 4 ? -1 : 0,
  };
}
