import sharp from "sharp";
import { SIDE } from "./facts.ts";
import { type Grey, mirrored } from "./grey.ts";

/** A face saved again: what is decoded from it, and the file where it is a JPEG. */
export interface SavedCopy {
  readonly grey: Grey;
  readonly jpeg?: Buffer;
}

const raw = ({ width, height, data }: Grey) => sharp(data, { raw: { width, height, channels: 1 } });

export const face = (data: Uint8Array): Grey => ({ width: SIDE, height: SIDE, data });

export async function png(image: Grey): Promise<Buffer> {
  return raw(image).png().toBuffer();
}

export async function savedAsJpeg(
  image: Grey,
  options: { quality: number; mozjpeg?: boolean; colour?: boolean },
): Promise<SavedCopy> {
  const { colour = false, ...jpeg } = options;
  const encoded = await raw(image)
    .toColourspace(colour ? "srgb" : "b-w")
    .jpeg(jpeg)
    .toBuffer();
  const data = await sharp(encoded).toColourspace("b-w").raw().toBuffer();
  return { grey: { ...image, data }, jpeg: encoded };
}

/** Histogram equalisation, as OpenCV's equalizeHist and most textbooks have it. */
export function equalised(image: Grey): Grey {
  const counts = new Array<number>(256).fill(0);
  for (const value of image.data) counts[value]!++;
  const first = counts.find((count) => count > 0)!;
  const pixels = image.data.length;
  let below = 0;
  const level = counts.map((count) => {
    below += count;
    return pixels === first ? 0 : Math.max(0, Math.round((255 * (below - first)) / (pixels - first)));
  });
  return { ...image, data: image.data.map((value) => level[value]!) };
}

/** Grey values v mapped to 255 (v / 255)^(1 / gamma). */
export function gammaCorrected(image: Grey, gamma: number): Grey {
  return { ...image, data: image.data.map((value) => Math.round(255 * (value / 255) ** (1 / gamma))) };
}

/** The inner part, without `border` pixels at each side. */
export function cropped(image: Grey, border: number): Grey {
  const width = image.width - 2 * border;
  const height = image.height - 2 * border;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (y + border) * image.width + border;
    data.set(image.data.subarray(from, from + width), y * width);
  }
  return { width, height, data };
}

export type Kernel = "linear" | "cubic" | "cubic-opencv" | "lanczos";

/**
 * Resampled with aligned centres and repeated edges: `cubic` (a = -0.5) and `lanczos` (3 lobes) widen when they
 * shrink, as Pillow's do; `linear` and `cubic-opencv` (a = -0.75) do not, as OpenCV's do not.
 */
export function resized(image: Grey, side: number, kernel: Kernel): Grey {
  const weights = Array.from({ length: side }, (_, at) => kernelTaps(image.width, side, at, kernel));
  const narrow = new Float64Array(side * image.height);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < side; x++) {
      narrow[y * side + x] = weights[x]!.reduce(
        (sum, [at, weight]) => sum + weight * image.data[y * image.width + at]!,
        0,
      );
    }
  }
  const data = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const value = weights[y]!.reduce((sum, [at, weight]) => sum + weight * narrow[at * side + x]!, 0);
      data[y * side + x] = Math.max(0, Math.min(255, Math.round(value)));
    }
  }
  return { width: side, height: side, data };
}

function kernelTaps(from: number, to: number, at: number, kernel: Kernel): [number, number][] {
  const { reach, weigh } = KERNELS[kernel];
  const scale = from / to;
  const widen = kernel === "cubic" || kernel === "lanczos" ? Math.max(1, scale) : 1;
  const centre = (at + 0.5) * scale - 0.5;
  const taps: [number, number][] = [];
  for (let i = Math.ceil(centre - reach * widen); i <= centre + reach * widen; i++) {
    taps.push([Math.max(0, Math.min(from - 1, i)), weigh(Math.abs(i - centre) / widen)]);
  }
  const sum = taps.reduce((total, [, weight]) => total + weight, 0);
  return taps.map(([i, weight]) => [i, weight / sum]);
}

/** Keys (1981) with parameter a. */
const cubic =
  (a: number) =>
  (x: number): number =>
    x < 1 ? (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1 : x < 2 ? a * (x ** 3 - 5 * x ** 2 + 8 * x - 4) : 0;

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const KERNELS: Record<Kernel, { reach: number; weigh: (x: number) => number }> = {
  linear: { reach: 1, weigh: (x) => Math.max(0, 1 - x) },
  cubic: { reach: 2, weigh: cubic(-0.5) },
  "cubic-opencv": { reach: 2, weigh: cubic(-0.75) },
  lanczos: { reach: 3, weigh: (x) => (x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

export { mirrored };
