import type { PixelImage } from "@fer-bench/datasets";

/** Grey pixels of any size, row-major. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Channels further apart than this are colour, not the rounding of a grey picture saved as one in colour. */
const COLOUR = 8;

/** The picture in grey (ITU-R BT.601 luma), and whether it had colour; equal channels pass unchanged. */
export function toGrey(image: PixelImage): { grey: Grey; coloured: boolean } {
  const { width, height, channels, data } = image;
  if (channels === 1) return { grey: { width, height, data }, coloured: false };
  const luma = new Uint8Array(width * height);
  let coloured = false;
  for (let i = 0; i < luma.length; i++) {
    const [r, g, b] = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > COLOUR) coloured = true;
    luma[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  }
  return { grey: { width, height, data: luma }, coloured };
}

/** Resampled by a triangle filter, as wide as a source or a target pixel, whichever is wider. */
export function resample(image: Grey, width: number, height: number): Grey {
  if (image.width === width && image.height === height) return image;
  const across = taps(image.width, width);
  const down = taps(image.height, height);
  const narrow = new Float64Array(width * image.height);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const { at, weight } of across[x]!) sum += weight * image.data[y * image.width + at]!;
      narrow[y * width + x] = sum;
    }
  }
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const { at, weight } of down[y]!) sum += weight * narrow[at * width + x]!;
      data[y * width + x] = Math.round(sum);
    }
  }
  return { width, height, data };
}

/** For each target pixel, its source pixels and weights; centres are aligned, edges repeat. */
function taps(from: number, to: number): { at: number; weight: number }[][] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, target) => {
    const centre = (target + 0.5) * scale - 0.5;
    const found: { at: number; weight: number }[] = [];
    for (let at = Math.ceil(centre - reach); at <= centre + reach; at++) {
      const weight = 1 - Math.abs(at - centre) / reach;
      if (weight > 0) found.push({ at: Math.min(from - 1, Math.max(0, at)), weight });
    }
    const sum = found.reduce((total, { weight }) => total + weight, 0);
    return found.map(({ at, weight }) => ({ at, weight: weight / sum }));
  });
}

/** Greatest distance of the grey values' distribution from the uniform one, 0..1; near 0 after equalisation. */
export function unevenness(image: Grey): number {
  const counts = new Uint32Array(256);
  for (const value of image.data) counts[value]!++;
  let below = 0;
  let worst = 0;
  for (let value = 0; value < 256; value++) {
    below += counts[value]!;
    worst = Math.max(worst, Math.abs(below / image.data.length - (value + 1) / 256));
  }
  return worst;
}

export function mirrored(image: Grey): Grey {
  const { width, height } = image;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = image.data[y * width + width - 1 - x]!;
  }
  return { width, height, data };
}

/** Undoes a central crop that took `border` pixels off each side before enlarging: shrinks, and repeats the edge. */
export function uncropped(image: Grey, border: number): Grey {
  const { width, height } = image;
  const inner = resample(image, width - 2 * border, height - 2 * border);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(inner.height - 1, Math.max(0, y - border));
    for (let x = 0; x < width; x++) {
      const column = Math.min(inner.width - 1, Math.max(0, x - border));
      data[y * width + x] = inner.data[row * inner.width + column]!;
    }
  }
  return { width, height, data };
}
