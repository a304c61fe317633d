import { detailFloor } from "./detail-floor.ts";
import type { Distance } from "./distance.ts";
import { SIDE } from "./facts.ts";
import { EARLIER_SAVE } from "./jpeg.ts";
import type { SourceImage } from "./source-image.ts";

/** How far a faithful JPEG may shift the median mean, in grey levels, and the median contrast, as a share. */
const MEAN_SHIFT = 0.5;
const CONTRAST = 0.02;
/** The median image's grey values this near to uniform are equalised: of FER-2013's own, 1 in 100 comes so near. */
const EVEN = 0.08;
/** More of the finest detail than JPEG's artefacts leave (1.03 at most). */
const SHARPENED = 1.05;

/**
 * What is different about images that are not FER-2013's pixel for pixel, in words; `distance` is theirs to their
 * rows. Empty if JPEG's quantisation accounts for all of it.
 */
export function describeAlterations(
  images: readonly SourceImage[],
  distance: Distance | undefined,
): string[] {
  const found = [...describeSizes(images), ...describeColour(images)];
  if (distance === undefined) return found;
  const tone = describeTone(distance);
  // Detail is told apart from tone and size only where those are the originals'.
  const detail = tone.length === 0 && images.every(isFullSize) ? describeDetail(images, distance) : [];
  return [...found, ...tone, ...detail, ...describeDifference(distance)];
}

function isFullSize({ width, height }: SourceImage): boolean {
  return width === SIDE && height === SIDE;
}

function describeSizes(images: readonly SourceImage[]): string[] {
  const sizes = new Map<string, number>();
  for (const image of images) {
    if (isFullSize(image)) continue;
    const size = `${image.width}x${image.height}`;
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
  }
  const common = [...sizes].sort((a, b) => b[1] - a[1]);
  const named = common.slice(0, 3).map(([size, count]) => `${size} (${count} images)`);
  const others = common.length > 3 ? ` and ${common.length - 3} other sizes` : "";
  return common.length === 0 ? [] : [`size ${named.join(", ")}${others} instead of ${SIDE}x${SIDE}`];
}

function describeColour(images: readonly SourceImage[]): string[] {
  const coloured = images.filter((image) => image.coloured).length;
  return coloured === 0 ? [] : [`${coloured} images in colour instead of grey`];
}

function describeTone({ contrast, mean, contrastRatio, meanShift, unevenness }: Distance): string[] {
  const contrasts = `${contrast.copy.toFixed(1)} instead of ${contrast.rows.toFixed(1)}`;
  const means = `${mean.copy.toFixed(1)} instead of ${mean.rows.toFixed(1)}`;
  const changed = Math.abs(contrastRatio - 1) > CONTRAST;
  if (changed && unevenness <= EVEN) {
    return [
      `histogram-equalised: grey values spread evenly (at most ${(100 * unevenness).toFixed(0)}% from uniform in the ` +
        `median image), contrast (standard deviation) ${contrasts}, mean ${means}`,
    ];
  }
  return [
    ...(changed ? [`contrast changed: standard deviation ${contrasts} in the median image`] : []),
    ...(Math.abs(meanShift) > MEAN_SHIFT ? [`brightness changed: mean ${means} in the median image`] : []),
  ];
}

function describeDetail(images: readonly SourceImage[], { bound, rms, detailRatio }: Distance): string[] {
  const left = `${(100 * detailRatio).toFixed(0)}% of the originals' finest detail`;
  if (detailRatio > SHARPENED) return [`sharpened, or noisier: ${left}`];
  const floor = detailFloor(
    bound,
    rms,
    images.every((image) => image.standardTables),
  );
  if (detailRatio >= floor) return [];
  return [
    `smoothed, as by resizing and back: ${left}, where ` +
      `${bound === 0 ? "an unaltered copy" : "a JPEG of this quality"} keeps ${(100 * floor).toFixed(0)}% or more`,
  ];
}

function describeDifference({ rms, bound }: Distance): string[] {
  if (rms <= (bound === 0 ? 0 : Math.max(bound, EARLIER_SAVE.rms))) return [];
  const explained =
    bound === 0
      ? "though its files lose nothing"
      : `of which its JPEG quantisation accounts for ${bound.toFixed(1)} at most`;
  return [
    `pixels differ from FER-2013's by ${rms.toFixed(1)} grey levels of 255 (root mean square), ${explained}`,
  ];
}
