import type { PixelImage } from "@fer-bench/datasets";
import { type Affine, warpBicubic } from "@fer-bench/preprocess";
import type { Augmentation } from "./augmentation-config.ts";
import type { BatchSourceOptions } from "./batch-source.ts";
import { drawPlan, type SamplePlan } from "./sample-plan.ts";

/* The plain twin of augment-pictures.mjs and of the whole batch source: one thread, one pixel at a time. */

/** A square picture after its plan. */
export function plainPicture(
  picture: PixelImage,
  { map, brightness, contrast, erase }: Omit<SamplePlan, "share">,
  border: Augmentation["border"],
  fill: "mean" | number,
): Uint8Array {
  const warped = border === "edge" ? seenThrough(picture, map) : seenThroughFramed(picture, map, border);
  const bright = warped.map((level) => toLevel(brightness * level));
  const mean = meanLuma(bright, picture.channels);
  const result = bright.map((level) => toLevel(contrast * (level - mean) + mean));
  const means = channelMeans(result, picture.channels);
  return result.map((level, i) => {
    const pixel = Math.floor(i / picture.channels);
    const x = (pixel % picture.width) - erase.left;
    const y = Math.floor(pixel / picture.width) - erase.top;
    const inside = x >= 0 && x < erase.width && y >= 0 && y < erase.height;
    if (!inside) return level;
    return fill === "mean" ? toLevel(means[i % picture.channels]!) : fill;
  });
}

/** A batch of a source's. */
export function plainBatch(
  options: BatchSourceOptions,
  epoch: number,
  step: number,
): { samples: number[]; pictures: Uint8Array; targets: Float32Array } {
  const { faces, size, channels, targets, classes, augmentation, seed, batchSize, orderOf } = options;
  const samples = [...orderOf(epoch)].slice(step * batchSize, (step + 1) * batchSize);
  const augmented = samples.map((sample) => {
    const data = faces.slice(sample * size * size * channels, (sample + 1) * size * size * channels);
    const plan = drawPlan(augmentation, size, seed, epoch, sample);
    const fill = augmentation.erase?.fill ?? "mean";
    return {
      share: plan.share,
      levels: plainPicture({ width: size, height: size, channels, data }, plan, augmentation.border, fill),
      target: targets.slice(sample * classes, (sample + 1) * classes),
    };
  });
  const mixed = augmented.map((own, i) => {
    const other = augmented[samples.length - 1 - i]!;
    const mix = (a: number, b: number) => own.share * a + (1 - own.share) * b;
    return {
      levels: own.levels.map((level, k) => toLevel(mix(level, other.levels[k]!))),
      target: own.target.map((probability, k) => mix(probability, other.target[k]!)),
    };
  });
  return {
    samples,
    pictures: Uint8Array.from(mixed.flatMap(({ levels }) => [...levels])),
    targets: Float32Array.from(mixed.flatMap(({ target }) => [...target])),
  };
}

function seenThrough(picture: PixelImage, map: Affine): Uint8Array {
  return warpBicubic(picture, map, picture.width, picture.height).data;
}

/** With a frame of one pixel, beyond which its level is repeated, all that lies outside has the level. */
function seenThroughFramed(picture: PixelImage, [a, b, c, d, e, f]: Affine, level: number): Uint8Array {
  const { width, height, channels, data } = picture;
  const framed = new Uint8Array((width + 2) * (height + 2) * channels).fill(level);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width * channels, (y + 1) * width * channels);
    framed.set(row, ((y + 1) * (width + 2) + 1) * channels);
  }
  const image = { width: width + 2, height: height + 2, channels, data: framed };
  return warpBicubic(image, [a, b, c + 1, d, e, f + 1], width, height).data;
}

function channelMeans(levels: Uint8Array, channels: number): number[] {
  return Array.from({ length: channels }, (_, channel) => {
    const own = levels.filter((_, i) => i % channels === channel);
    return own.reduce((sum, level) => sum + level, 0) / own.length;
  });
}

/** By ITU-R BT.601 where there is colour. */
function meanLuma(levels: Uint8Array, channels: number): number {
  const pixels = levels.length / channels;
  let sum = 0;
  for (let i = 0; i < levels.length; i += channels) {
    sum += channels === 1 ? levels[i]! : 9798 * levels[i]! + 19235 * levels[i + 1]! + 3735 * levels[i + 2]!;
  }
  return channels === 1 ? sum / pixels : sum / (32768 * pixels);
}

function toLevel(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value + 0.5)));
}
