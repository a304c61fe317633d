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
  const within = (sample: number): number => (sample + 0.5) / samples - 0.5;
  const levels = new Float32Array(PATCH_SIDE * PATCH_SIDE);
  for (let y = 0; y < PATCH_SIDE; y++) {
    for (let j = 0; j < samples; j++) {
      const row = top + scale * (y + within(j));
      for (let x = 0; x < PATCH_SIDE; x++) {
        let sum = 0;
        for (let i = 0; i < samples; i++) sum += levelAt(image, left + scale * (x + within(i)), row);
        levels[y * PATCH_SIDE + x]! += sum / (samples * samples);
      }
    }
  }
  return { levels, scale, left, top };
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

/** Bilinear, of the mean of the colours. */
function levelAt(image: PixelImage, x: number, y: number): number {
  const { width, height, channels, data } = image;
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [tx, ty] = [x - column, y - row];
  const x0 = clamp(column, width) * channels;
  const x1 = clamp(column + 1, width) * channels;
  const y0 = clamp(row, height) * width * channels;
  const y1 = clamp(row + 1, height) * width * channels;
  let level = 0;
  for (let channel = 0; channel < channels; channel++) {
    const upper = (1 - tx) * data[y0 + x0 + channel]! + tx * data[y0 + x1 + channel]!;
    const lower = (1 - tx) * data[y1 + x0 + channel]! + tx * data[y1 + x1 + channel]!;
    level += (1 - ty) * upper + ty * lower;
  }
  return level / channels;
}
