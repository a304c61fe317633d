import type { PixelImage } from "@fer-bench/datasets";
import type { FaceFilters } from "../face-filters.ts";
import type { Size } from "../pyramid.ts";
import type { Answer, Search, SearchSettings } from "../search.ts";
import { cellsOf } from "../window.ts";
import { type Arena, createArena } from "./arena.ts";
import { createCorrelator } from "./correlator.ts";
import { CELL_FLOATS } from "./feature-order.ts";
import { createKernels, type Kernels } from "./kernels.ts";
import { walkPyramid } from "./walk-pyramid.ts";

/** An instance that a large picture made larger than this is given up, for memory does not shrink. */
const KEPT_BYTES = 64 * 2 ** 20;

/** The search with the kernels of data/detector.wasm. */
export function createSimdSearch(filters: FaceFilters): Search {
  let kept: Instance | undefined;
  return (image, settings) => {
    const instance = kept ?? createInstance(filters);
    // After an error nobody knows what the memory holds.
    kept = undefined;
    const answers = searchWith(instance, filters, image, settings);
    if (instance.kernels.memory.buffer.byteLength <= KEPT_BYTES) kept = instance;
    return answers;
  };
}

type Instance = ReturnType<typeof createInstance>;

function searchWith(
  { kernels, arena, correlator }: Instance,
  filters: FaceFilters,
  image: PixelImage,
  settings: SearchSettings,
): Answer[] {
  const answers = correlator.begin(settings.threshold);
  const walk = { upsamplings: settings.upsamplings, smallest: filters.smallestLevel };
  walkPyramid(kernels, arena, image, walk, (planes, level, number) => {
    if (number < settings.firstLevel) return;
    const mark = arena.mark();
    const map = featureMap(kernels, arena, planes, image.channels, level);
    if (map) answers.add(map.offset, map.width, map.height, number);
    arena.release(mark);
  });
  return answers.finish();
}

function createInstance(filters: FaceFilters) {
  const kernels = createKernels();
  const arena = createArena(kernels);
  return { kernels, arena, correlator: createCorrelator(kernels, arena, filters) };
}

/** The features of a level's inner cells, or nothing where it has none. */
export function featureMap(
  kernels: Kernels,
  arena: Arena,
  planes: number,
  channels: number,
  { width, height }: Size,
) {
  const [wide, high] = [cellsOf(width), cellsOf(height)];
  if (wide < 3 || high < 3) return undefined;
  const offset = arena.take((wide - 2) * (high - 2) * CELL_FLOATS * 4);
  const mark = arena.mark();
  const histogram = arena.take((wide + 2) * (high + 2) * 80);
  const blocks = arena.take((wide + 1) * 608);
  const slots = arena.take(4 * (width + 16));
  const lengths = arena.take(4 * (width + 16));
  kernels.histograms(planes, channels, width, height, wide, high, histogram, blocks, slots, lengths);
  const energies = arena.take(4 * wide * high + 16);
  kernels.features(histogram, wide, high, energies, offset);
  arena.release(mark);
  return { offset, width: wide - 2, height: high - 2 };
}
