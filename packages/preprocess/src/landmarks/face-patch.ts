import type { Box, PixelImage } from "@fer-bench/datasets";

/** Side of the patch that the box becomes, in pixels, and what is seen around it on each side. */
export const PATCH_INNER = 96;
export const PATCH_MARGIN = 24;
export const PATCH_SIDE = PATCH_INNER + 2 * PATCH_MARGIN;
/** Mean and standard deviation of levels that the box is brought to. */
const LEVEL = 128;
const SPREAD = 50;
/** A plain wall's noise is not stretched to that. */
const LEAST_SPREAD = 6;

/** A face at one scale and contrast, whatever the photograph's. */
export interface FacePatch {
  readonly image: PixelImage;
  /** Picture pixels a patch pixel. */
  readonly scale: number;
  /** The picture's point at the patch's pixel (0, 0). */
  readonly left: number;
  readonly top: number;
}

/**
 * The grey face in `box` with some of its surroundings as a patch of PATCH_SIDE: averaged where the picture is larger,
 * bilinear where it is smaller, repeated beyond the border, and brought to one mean and spread of levels.
 */
export function cutFacePatch(image: PixelImage, box: Box): FacePatch {
  const scale = Math.max(box.width, box.height) / PATCH_INNER;
  // Of pixel centres: a box's edge lies half a pixel before its first pixel's centre.
  const left = box.left + box.width / 2 - (PATCH_SIDE / 2 - 0.5) * scale - 0.5;
  const top = box.top + box.height / 2 - (PATCH_SIDE / 2 - 0.5) * scale - 0.5;
  const levels = new Float32Array(PATCH_SIDE * PATCH_SIDE);
  const steps = Math.max(1, Math.min(8, Math.round(scale)));
  for (let y = 0; y < PATCH_SIDE; y++) {
    for (let x = 0; x < PATCH_SIDE; x++) {
      let sum = 0;
      for (let j = 0; j < steps; j++) {
        const v = top + scale * (y + (j + 0.5) / steps - 0.5);
        for (let i = 0; i < steps; i++) sum += levelAt(image, left + scale * (x + (i + 0.5) / steps - 0.5), v);
      }
      levels[y * PATCH_SIDE + x] = sum / (steps * steps);
    }
  }
  const data = evenContrast(levels);
  return { image: { width: PATCH_SIDE, height: PATCH_SIDE, channels: 1, data }, scale, left, top };
}

/** Bilinear, in the mean of the colours. */
function levelAt(image: PixelImage, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [tx, ty] = [x - left, y - top];
  const upper = (1 - tx) * greyAt(image, left, top) + tx * greyAt(image, left + 1, top);
  const lower = (1 - tx) * greyAt(image, left, top + 1) + tx * greyAt(image, left + 1, top + 1);
  return (1 - ty) * upper + ty * lower;
}

function greyAt({ width, height, channels, data }: PixelImage, x: number, y: number): number {
  const column = x < 0 ? 0 : x >= width ? width - 1 : x;
  const row = y < 0 ? 0 : y >= height ? height - 1 : y;
  const at = (row * width + column) * channels;
  return channels === 1 ? data[at]! : (data[at]! + data[at + 1]! + data[at + 2]!) / 3;
}

function evenContrast(levels: Float32Array): Uint8Array {
  let [sum, squares, count] = [0, 0, 0];
  for (let y = PATCH_MARGIN; y < PATCH_SIDE - PATCH_MARGIN; y++) {
    for (let x = PATCH_MARGIN; x < PATCH_SIDE - PATCH_MARGIN; x++) {
      const level = levels[y * PATCH_SIDE + x]!;
      sum += level;
      squares += level * level;
      count++;
    }
  }
  const mean = sum / count;
  const spread = Math.sqrt(Math.max(0, squares / count - mean * mean));
  const gain = SPREAD / Math.max(spread, LEAST_SPREAD);
  return Uint8Array.from(levels, (level) => Math.max(0, Math.min(255, Math.round(LEVEL + gain * (level - mean)))));
}
