import { createRandom, type Random, randomInt, uniform } from "@fer-bench/artifacts";
import type { Affine } from "@fer-bench/preprocess";
import type { Augmentation } from "./augmentation-config.ts";
import { symmetricBeta } from "./beta.ts";
import { PLAN } from "./plan-layout.mjs";

/** Pixels; nothing is erased where the width is 0. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** All that is decided about one sample in one epoch: its picture follows from this without chance. */
export interface SamplePlan {
  /** From the result's pixels to the sample's. */
  map: Affine;
  brightness: number;
  contrast: number;
  erase: Rectangle;
  /** Share of the picture itself in the mixture, a multiple of 1/65536, so that mixing is exact in doubles; 1: alone. */
  share: number;
}

export interface Placement {
  /** Mirrors left and right, before the rest. */
  flip: boolean;
  /** Counter-clockwise, about the picture's centre. */
  degrees: number;
  /** Above 1 the face is larger. */
  scale: number;
  /** To the right and down, in pixels. */
  shift: readonly [number, number];
}

const NOTHING: Rectangle = { left: 0, top: 0, width: 0, height: 0 };
/** torchvision's RandomErasing gives up after as many rectangles that stick out. */
const ERASE_TRIES = 10;
const SHARE_ONE = 65_536;

/**
 * Draws what happens to a sample in an epoch, from a stream of their own: whatever else is in the batch, and whichever
 * thread works on it, its own pixels are the same. Settings that are off use up their numbers too, so that switching
 * one on leaves the others' as they were.
 */
export function drawPlan(
  config: Augmentation,
  size: number,
  seed: number,
  epoch: number,
  sample: number,
): SamplePlan {
  const random = createRandom("augment", seed, epoch, sample);
  const flip = random.next() < config.flip;
  const degrees = uniform(random, -config.rotate, config.rotate);
  const scale = uniform(random, ...config.scale);
  const reach = config.shift * size;
  const shift = [uniform(random, -reach, reach), uniform(random, -reach, reach)] as const;
  const brightness = uniform(random, 1 - config.brightness, 1 + config.brightness);
  const contrast = uniform(random, 1 - config.contrast, 1 + config.contrast);
  return {
    map: placementMap({ flip, degrees, scale, shift }, size),
    brightness,
    contrast,
    erase: config.erase === null ? NOTHING : drawRectangle(config.erase, size, random),
    share: config.mixup === null ? 1 : drawShare(config.mixup.alpha, seed, epoch, sample),
  };
}

/**
 * The one inverse map of a placement: out of the shift, back by the rotation, divided by the scale, mirrored. The
 * centre is (size - 1) / 2, pixel centres being at whole coordinates.
 */
export function placementMap({ flip, degrees, scale, shift }: Placement, size: number): Affine {
  const radians = (degrees * Math.PI) / 180;
  const cos = Math.cos(radians) / scale;
  const sin = Math.sin(radians) / scale;
  const centre = (size - 1) / 2;
  const [a, b] = flip ? [-cos, sin] : [cos, -sin];
  const [d, e] = [sin, cos];
  const [x, y] = [centre + shift[0], centre + shift[1]];
  return [a, b, centre - a * x - b * y, d, e, centre - d * x - e * y];
}

/** As torchvision's RandomErasing: area and aspect are drawn until a rectangle fits, ten times at most. */
function drawRectangle(
  { probability, area, aspect }: NonNullable<Augmentation["erase"]>,
  size: number,
  random: Random,
): Rectangle {
  if (random.next() >= probability) return NOTHING;
  for (let tries = 0; tries < ERASE_TRIES; tries++) {
    const pixels = uniform(random, ...area) * size * size;
    const ratio = Math.exp(uniform(random, Math.log(aspect[0]), Math.log(aspect[1])));
    const height = Math.max(1, Math.round(Math.sqrt(pixels * ratio)));
    const width = Math.max(1, Math.round(Math.sqrt(pixels / ratio)));
    if (height >= size || width >= size) continue;
    const left = randomInt(random, size - width + 1);
    const top = randomInt(random, size - height + 1);
    return { left, top, width, height };
  }
  return NOTHING;
}

function drawShare(alpha: number, seed: number, epoch: number, sample: number): number {
  const share = symmetricBeta(createRandom("mixup", seed, epoch, sample), alpha);
  return Math.round(Math.max(share, 1 - share) * SHARE_ONE) / SHARE_ONE;
}

/** Writes a plan where a worker reads it: `PLAN.length` numbers. */
export function writePlan(plan: SamplePlan, sample: number, row: Float64Array): void {
  const { map, brightness, contrast, erase, share } = plan;
  row[PLAN.sample] = sample;
  row.set(map, PLAN.map);
  row[PLAN.brightness] = brightness;
  row[PLAN.contrast] = contrast;
  row.set([erase.left, erase.top, erase.width, erase.height], PLAN.erase);
  row[PLAN.share] = share;
}
