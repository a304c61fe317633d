import { createRandom, normal, randomInt } from "@fer-bench/artifacts";
import { createPictureAugmenter } from "../augment/augment-pictures.mjs";
import { PLAN } from "../augment/plan-layout.mjs";
import { placementMap, type SamplePlan, writePlan } from "../augment/sample-plan.ts";
import { createGaussianBlur } from "./gaussian-blur.ts";
import { jpegRoundTrip } from "./jpeg-round-trip.ts";
import type { CorruptionKind } from "./robustness-config.ts";

/** One level of a kind; `value` in the kind's unit (`CORRUPTIONS`). */
export interface CorruptionLevel {
  kind: CorruptionKind;
  value: number;
}

/** Writes a picture [size, size, channels] as it is after the corruption; what is drawn for it depends on `sample` alone. */
export type CorruptPicture = (source: Uint8Array, sample: number, result: Uint8Array) => void | Promise<void>;

export interface PictureFormat {
  /** Side in pixels. */
  size: number;
  channels: 1 | 3;
}

/**
 * A corruption of pictures; it keeps its working memory. Chance comes from (seed, kind, value, sample): neither other
 * levels nor the order of the samples change a picture.
 */
export function createCorruption(
  { kind, value }: CorruptionLevel,
  format: PictureFormat,
  seed: number,
): CorruptPicture {
  const { size, channels } = format;
  const randomOf = (sample: number) => createRandom("corrupt", seed, kind, String(value), sample);
  switch (kind) {
    case "occlusion": {
      const side = Math.round(size * Math.sqrt(value / 100));
      return planned(format, (sample) => {
        const random = randomOf(sample);
        const left = randomInt(random, size - side + 1);
        const top = randomInt(random, size - side + 1);
        return { erase: { left, top, width: side, height: side } };
      });
    }
    case "darkness":
    case "brightness":
      return planned(format, () => ({ brightness: value }));
    case "contrast":
      return planned(format, () => ({ contrast: value }));
    case "roll":
      return planned(format, (sample) => {
        const degrees = randomOf(sample).next() < 0.5 ? value : -value;
        return { map: placementMap({ flip: false, degrees, scale: 1, shift: [0, 0] }, size) };
      });
    case "blur": {
      const blur = createGaussianBlur(value, format);
      return (source, _sample, result) => blur(source, result);
    }
    case "noise":
      return (source, sample, result) => {
        const random = randomOf(sample);
        source.forEach((level, i) => {
          result[i] = Math.min(255, Math.max(0, Math.floor(level + value * normal(random) + 0.5)));
        });
      };
    case "jpeg":
      return async (source, _sample, result) => {
        result.set(await jpegRoundTrip(source, { size, channels, quality: value }));
      };
  }
}

const UNCHANGED: SamplePlan = {
  map: [1, 0, 0, 0, 1, 0],
  brightness: 1,
  contrast: 1,
  erase: { left: 0, top: 0, width: 0, height: 0 },
  share: 1,
};

/** What the augmentation of training does to a picture, with its plan given. */
function planned(
  { size, channels }: PictureFormat,
  planOf: (sample: number) => Partial<SamplePlan>,
): CorruptPicture {
  const augment = createPictureAugmenter({ size, channels, border: "edge", fill: "mean" });
  const row = new Float64Array(PLAN.length);
  return (source, sample, result) => {
    writePlan({ ...UNCHANGED, ...planOf(sample) }, sample, row);
    augment(source, row, result);
  };
}
