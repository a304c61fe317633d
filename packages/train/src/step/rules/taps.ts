import type { OnnxGraph, Padding, Value } from "@fer-bench/models";

/** Where a kernel's taps lie over a picture. */
export interface Window {
  height: number;
  width: number;
  heightOut: number;
  widthOut: number;
  kernel: readonly [number, number];
  strides: readonly [number, number];
  padding: Padding;
  /** Images, the innermost axis. */
  batch: number;
}

/** For each tap, what it sees at every output pixel: [channels, pixels, N] to taps of [channels, pixels out, N]. */
export function gatherTaps(onnx: OnnxGraph, x: Value, window: Window, outside = 0): Value[] {
  const { height, width, heightOut, widthOut, kernel, strides, padding, batch } = window;
  const picture = onnx.node("Reshape", [x, onnx.integers(-1, height, width, batch)]);
  const padded = pad(onnx, picture, padding, outside);
  return tapsOf(kernel).map(([row, column]) => {
    const slice = onnx.node("Slice", [
      padded,
      onnx.integers(row, column),
      onnx.integers(row + (heightOut - 1) * strides[0] + 1, column + (widthOut - 1) * strides[1] + 1),
      onnx.integers(1, 2),
      onnx.integers(...strides),
    ]);
    return onnx.node("Reshape", [slice, onnx.integers(-1, heightOut * widthOut, batch)]);
  });
}

/** The transpose of `gatherTaps`: what each tap has at every output pixel, summed at the pixels that it sees. */
export function scatterTaps(onnx: OnnxGraph, taps: readonly Value[], window: Window): Value {
  const { height, width, heightOut, widthOut, kernel, strides, padding, batch } = window;
  const [rowStride, columnStride] = strides;
  const rows = Math.ceil(height / rowStride);
  const columns = Math.ceil(width / columnStride);
  const places = tapsOf(kernel);
  // Pixels of one phase, strides apart, are summed as a small picture of their own; then the phases are interleaved.
  const phases = tapsOf(strides).map(([rowPhase, columnPhase]) => {
    const placed = places.flatMap(([row, column], tap) => {
      const [fromTop, fromLeft] = [row - padding.top, column - padding.left];
      const [top, left] = [(fromTop - rowPhase) / rowStride, (fromLeft - columnPhase) / columnStride];
      if (!(Number.isInteger(top) && Number.isInteger(left))) return [];
      const picture = onnx.node("Reshape", [taps[tap]!, onnx.integers(-1, heightOut, widthOut, batch)]);
      const [bottom, right] = [rows - heightOut - top, columns - widthOut - left];
      return [pad(onnx, picture, { top, left, bottom, right })];
    });
    return placed.length > 0 ? placed.reduce((total, next) => onnx.node("Add", [total, next])) : undefined;
  });
  const sum = phases.length === 1 ? phases[0]! : interleave(onnx, phases, { rows, columns, strides, batch });
  const cut = pad(onnx, sum, {
    top: 0,
    left: 0,
    bottom: height - rows * rowStride,
    right: width - columns * columnStride,
  });
  return onnx.node("Reshape", [cut, onnx.integers(-1, height * width, batch)]);
}

/**
 * Pictures [channels, rows, columns, N], one a phase of the strides, as one whose pixels they are in turns; undefined
 * is one of zeros.
 */
function interleave(
  onnx: OnnxGraph,
  phases: readonly (Value | undefined)[],
  size: { rows: number; columns: number; strides: readonly [number, number]; batch: number },
): Value {
  const { rows, columns, batch } = size;
  const [rowStride, columnStride] = size.strides;
  const like = phases.find((phase) => phase !== undefined)!;
  const stacked = phases.map((phase) =>
    onnx.node("Reshape", [
      phase ?? onnx.node("Mul", [like, onnx.float(0)]),
      onnx.integers(0, 1, rows, columns, batch),
    ]),
  );
  const blocks = onnx.node("Reshape", [
    onnx.node("Concat", stacked, { axis: 1 }),
    onnx.integers(0, rowStride, columnStride, rows, columns, batch),
  ]);
  const turned = onnx.node("Transpose", [blocks], { perm: [0, 3, 1, 4, 2, 5] });
  return onnx.node("Reshape", [turned, onnx.integers(0, rows * rowStride, columns * columnStride, batch)]);
}

/** [row, column] of every tap, row by row, as Keras's kernels are laid out. */
export function tapsOf([height, width]: readonly [number, number]): [number, number][] {
  return Array.from({ length: height * width }, (_, tap) => [Math.floor(tap / width), tap % width]);
}

/** Adds `value` around pictures [channels, height, width, N]; negative extents cut off. */
function pad(onnx: OnnxGraph, x: Value, { top, left, bottom, right }: Padding, value = 0): Value {
  if (top === 0 && left === 0 && bottom === 0 && right === 0) return x;
  const pads = onnx.integers(0, top, left, 0, 0, bottom, right, 0);
  return onnx.node("Pad", value === 0 ? [x, pads] : [x, pads, onnx.float(value)]);
}
