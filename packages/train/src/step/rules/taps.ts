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
  const apart = rowStride > 1 || columnStride > 1;
  const placed = tapsOf(kernel).map(([row, column], tap) => {
    let spread = onnx.node("Reshape", [taps[tap]!, onnx.integers(-1, heightOut, widthOut, batch)]);
    if (apart) {
      // Zeros between the pixels: each becomes a block of stride x stride with the rest padded.
      const blocks = onnx.node("Reshape", [spread, onnx.integers(-1, heightOut, 1, widthOut, 1, batch)]);
      const filled = onnx.node("Pad", [
        blocks,
        onnx.integers(0, 0, 0, 0, 0, 0, 0, 0, rowStride - 1, 0, columnStride - 1, 0),
      ]);
      spread = onnx.node("Reshape", [
        filled,
        onnx.integers(-1, heightOut * rowStride, widthOut * columnStride, batch),
      ]);
    }
    const top = row - padding.top;
    const left = column - padding.left;
    return pad(onnx, spread, {
      top,
      left,
      bottom: height - heightOut * rowStride - top,
      right: width - widthOut * columnStride - left,
    });
  });
  const sum = placed.reduce((total, next) => onnx.node("Add", [total, next]));
  return onnx.node("Reshape", [sum, onnx.integers(-1, height * width, batch)]);
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
