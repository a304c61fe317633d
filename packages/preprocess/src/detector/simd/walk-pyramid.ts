import type { PixelImage } from "@fer-bench/datasets";
import { enlargedSize, pyramidLevels, type Size } from "../pyramid.ts";
import type { Arena } from "./arena.ts";
import type { Kernels } from "./kernels.ts";
import { resizePlanes } from "./resizer.ts";

export interface Walk {
  /** How many times to enlarge the picture before. */
  readonly upsamplings: number;
  /** No level is smaller. */
  readonly smallest: Size;
}

/** Shows each level of a picture's pyramid, from the largest down: where its planes are, its size and its number. */
export function walkPyramid(
  kernels: Kernels,
  arena: Arena,
  image: PixelImage,
  { upsamplings, smallest }: Walk,
  visit: (planes: number, level: Size, number: number) => void,
): void {
  const start = arena.mark();
  const { channels } = image;
  let size: Size = image;
  let planes = loadPlanes(kernels, arena, image);
  for (let i = 0; i < upsamplings; i++) {
    const larger = enlargedSize(size);
    const out = takePlanes(arena, channels, larger);
    resizePlanes(kernels, arena, planes, channels, size, larger, out);
    [planes, size] = [out, larger];
  }
  const levels = pyramidLevels(size, smallest);
  // Each level has room where the last but one was.
  let spare = takePlanes(arena, channels, levels[1] ?? size);
  for (const [number, level] of levels.entries()) {
    if (number > 0) {
      resizePlanes(kernels, arena, planes, channels, size, level, spare);
      [planes, spare, size] = [spare, planes, level];
    }
    visit(planes, level, number);
  }
  arena.release(start);
}

/** Room for the planes of a picture. */
export function takePlanes(arena: Arena, channels: number, { width, height }: Size): number {
  return arena.take(channels * width * height);
}

/** A picture as planes, one a channel. */
export function loadPlanes(
  kernels: Kernels,
  arena: Arena,
  { width, height, channels, data }: PixelImage,
): number {
  const planes = arena.take(data.length);
  if (channels === 1) {
    arena.bytes(planes, data.length).set(data);
    return planes;
  }
  const mark = arena.mark();
  const interleaved = arena.take(data.length);
  arena.bytes(interleaved, data.length).set(data);
  kernels.spread(interleaved, planes, width * height);
  arena.release(mark);
  return planes;
}
