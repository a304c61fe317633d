import { type OnnxGraph, type Shape, sizeOf, type Value } from "@fer-bench/models";

/**
 * What a layer gives for a whole batch, pixel by pixel with the images innermost: parts of the channels, each
 * [channels, pixels, N]. So a 1x1 convolution is one matrix product for the batch, a batch norm reads rows, and a
 * layer that treats channels apart can go through them part by part while they are in the cache.
 */
export interface Columns {
  readonly parts: readonly Value[];
  /** Channels of each part. */
  readonly sizes: readonly number[];
  /** Pixels, 1 for a vector; a gradient of 1 pixel counts for every pixel of its layer. */
  readonly pixels: number;
  /**
   * Of a gradient: factors [channels, 1, 1] of each part that are still to be multiplied in. A product with a kernel
   * takes them into the kernel, which is smaller; `settle` multiplies them in.
   */
  readonly gains?: readonly Value[];
}

/** Bytes of a part that stay in a core's cache through the few operators that follow one another on it. */
const PART_BYTES = 1 << 20;
/** Matrices of fewer rows waste a matrix product. */
const FEWEST_CHANNELS = 24;

/** How `channels` are cut into parts of [channels, pixels, batch] floats: sizes of FEWEST_CHANNELS or more that differ little. */
export function partSizes(channels: number, pixels: number, batch: number): number[] {
  const fit = Math.floor(PART_BYTES / (4 * pixels * batch));
  const parts = Math.max(1, Math.floor(channels / Math.max(FEWEST_CHANNELS, fit)));
  const smallest = Math.floor(channels / parts);
  return Array.from({ length: parts }, (_, part) => smallest + (part < channels % parts ? 1 : 0));
}

/** Channels of all parts. */
export function channelsOf({ sizes }: Columns): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Pixels of a picture [height, width, channels]; 1 of a vector. */
export function pixelsOf(shape: Shape): number {
  return sizeOf(shape) / shape.at(-1)!;
}

/** The same gradient without pending gains. */
export function settle(onnx: OnnxGraph, { gains, ...columns }: Columns): Columns {
  if (gains === undefined) return columns;
  return { ...columns, parts: columns.parts.map((part, i) => onnx.node("Mul", [part, gains[i]!])) };
}

/** The same channels in one part. */
export function joinParts(onnx: OnnxGraph, columns: Columns): Columns {
  if (columns.parts.length === 1) return columns;
  const join = (parts: readonly Value[]) => [onnx.node("Concat", parts, { axis: 0 })];
  return {
    parts: join(columns.parts),
    sizes: [channelsOf(columns)],
    pixels: columns.pixels,
    ...(columns.gains && { gains: join(columns.gains) }),
  };
}

/** The same channels in parts of these sizes. */
export function cutParts(onnx: OnnxGraph, columns: Columns, sizes: readonly number[]): Columns {
  if (columns.sizes.join() === sizes.join()) return columns;
  const { parts, gains, pixels } = joinParts(onnx, columns);
  const cut = (whole: Value) => split(onnx, whole, sizes, 0);
  return { parts: cut(parts[0]!), sizes, pixels, ...(gains && { gains: cut(gains[0]!) }) };
}

/** One value as several along an axis. */
export function split(onnx: OnnxGraph, value: Value, sizes: readonly number[], axis: number): Value[] {
  if (sizes.length === 1) return [value];
  return onnx.nodes("Split", [value, onnx.integers(...sizes)], sizes.length, { axis });
}

/** [channels, pixels, N] as the matrix [channels, pixels * N]. */
export function asMatrix(onnx: OnnxGraph, value: Value): Value {
  return onnx.node("Reshape", [value, onnx.integers(0, -1)]);
}

/** A matrix [channels, pixels * N] as [channels, pixels, N]. */
export function asColumns(onnx: OnnxGraph, value: Value, pixels: number): Value {
  return onnx.node("Reshape", [value, onnx.integers(0, pixels, -1)]);
}
