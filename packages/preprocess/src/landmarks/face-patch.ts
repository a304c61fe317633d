import type { Box, PixelImage } from "@fer-bench/datasets";
import { clamp } from "../bicubic.ts";

/** Side of the patch that a box becomes, and what is seen around it on each side, in patch pixels. */
const INNER = 72;
const MARGIN = 20;
export const PATCH_SIDE = INNER + 2 * MARGIN;
/** Samples per patch pixel along each axis, at the most. */
const MOST_SAMPLES = 6;

/** A face in grey at one scale, whatever the photograph's. */
export interface FacePatch {
  /** PATCH_SIDE x PATCH_SIDE levels. */
  readonly levels: Float32Array;
  /** Picture pixels a patch pixel. */
  readonly scale: number;
  /** The picture's point at the centre of the patch's first pixel. */
  readonly left: number;
  readonly top: number;
}

/**
 * The face in `box` with some of its surroundings: averaged where the picture is larger, bilinear where it is smaller,
 * repeated beyond the border. The picture's first pixel has its centre at (0, 0); a box's edge lies half a pixel before.
 */
export function cutFacePatch(image: PixelImage, box: Box): FacePatch {
  const scale = Math.max(box.width, box.height) / INNER;
  const left = box.left + box.width / 2 - 0.5 - ((PATCH_SIDE - 1) / 2) * scale;
  const top = box.top + box.height / 2 - 0.5 - ((PATCH_SIDE - 1) / 2) * scale;
  const samples = Math.max(1, Math.min(MOST_SAMPLES, Math.round(scale)));
  const columns = tapsAlong(left, scale, samples, image.width);
  const rows = tapsAlong(top, scale, samples, image.height);
  const rowAcross = averageAcross(image, columns);
  const levels = new Float32Array(PATCH_SIDE * PATCH_SIDE);
  for (let y = 0; y < PATCH_SIDE; y++) {
    const { first, weights } = rows[y]!;
    for (let k = 0; k < weights.length; k++) {
      const weight = weights[k]!;
      if (weight === 0) continue;
      const across = rowAcross(first + k);
      for (let x = 0; x < PATCH_SIDE; x++) levels[y * PATCH_SIDE + x]! += weight * across[x]!;
    }
  }
  return { levels, scale, left, top };
}

/** What a patch pixel takes of the picture's pixels from `first` on, along one axis. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The mean of `samples` bilinear samples in each patch pixel; along each axis by itself, for a box is not turned. */
function tapsAlong(start: number, scale: number, samples: number, size: number): Taps[] {
  return Array.from({ length: PATCH_SIDE }, (_, pixel) => {
    const positionOf = (sample: number): number => start + scale * (pixel + (sample + 0.5) / samples - 0.5);
    const first = clamp(Math.floor(positionOf(0)), size);
    const last = clamp(Math.floor(positionOf(samples - 1)) + 1, size);
    const weights = new Float64Array(last - first + 1);
    for (let sample = 0; sample < samples; sample++) {
      const position = positionOf(sample);
      const before = Math.floor(position);
      const t = position - before;
      weights[clamp(before, size) - first]! += (1 - t) / samples;
      weights[clamp(before + 1, size) - first]! += t / samples;
    }
    return { first, weights };
  });
}

/** Gives a row of the picture as the patch's columns average it, of the mean of the colours; each is made once. */
function averageAcross(
  { width, channels, data }: PixelImage,
  columns: readonly Taps[],
): (row: number) => Float64Array {
  const start = columns[0]!.first;
  const lastTaps = columns.at(-1)!;
  const grey = new Float64Array(lastTaps.first + lastTaps.weights.length - start);
  const made = new Map<number, Float64Array>();
  return (row) => {
    const known = made.get(row);
    if (known !== undefined) return known;
    let at = (row * width + start) * channels;
    for (let i = 0; i < grey.length; i++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) sum += data[at++]!;
      grey[i] = sum / channels;
    }
    const across = new Float64Array(PATCH_SIDE);
    for (let x = 0; x < PATCH_SIDE; x++) {
      const { first, weights } = columns[x]!;
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * grey[first - start + k]!;
      across[x] = sum;
    }
    made.set(row, across);
    return across;
  };
}

/** The patch as a mirror shows it. */
export function mirrorLevels(levels: Float32Array): Float32Array {
  const mirrored = new Float32Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    const x = i % PATCH_SIDE;
    mirrored[i] = levels[i - x + PATCH_SIDE - 1 - x]!;
  }
  return mirrored;
}
