import type { Value } from "@fer-bench/models";
import type { StepBuilder } from "../step-builder.ts";
import type { ChannelConvolution, ConvolveChannels } from "./depthwise.ts";
import type { Window } from "./taps.ts";

/**
 * For larger pictures: a grouped convolution over [height, width * N] whose taps lie N apart, or with a stride over
 * [height, width, N]. Behind a stride the input's gradient, and everywhere the filters', go by rows: with X the
 * picture's columns as each tap across sees them, [rows in * taps across, columns out * N], a channel is y = A X where
 * A [rows out, rows in * taps across] holds the filter; so dA = dy X' and dX = A' dy.
 */
export const rowConvolutions: ConvolveChannels = (step, window, filters, channels) => {
  const strided = window.strides[0] > 1 || window.strides[1] > 1;
  const byRows = rowProducts(step, window, filters, channels);
  return {
    forward: strided
      ? stridedConvolution(step, window, filters, channels)
      : convolution(step, window, filters, channels),
    ofInput: strided ? byRows.ofInput : turnedConvolution(step, window, filters, channels),
    ofFilters: byRows.ofFilters,
  };
};

type Convolve = ChannelConvolution["forward"];

function convolution(step: StepBuilder, window: Window, filters: Value, channels: number): Convolve {
  const { height, width, kernel, padding, batch } = window;
  const { top, left, bottom, right } = padding;
  const kernels = step.reshape(filters, channels, 1, ...kernel);
  const attributes = {
    group: channels,
    kernel_shape: kernel,
    dilations: [1, batch],
    pads: [top, left * batch, bottom, right * batch],
  };
  return (x) => {
    const picture = step.reshape(x, 1, channels, height, width * batch);
    const y = step.onnx.node("Conv", [picture, kernels], attributes);
    return step.reshape(y, channels, -1, batch);
  };
}

/** The gradient of `convolution`'s input: the filters turned by half a turn, the padding of the other sides. */
function turnedConvolution(step: StepBuilder, window: Window, filters: Value, channels: number): Convolve {
  const { height, width, heightOut, widthOut, kernel, padding } = window;
  const taps = kernel[0] * kernel[1];
  const backwards = step.onnx.integers(...Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
  const turned = step.onnx.node("Gather", [filters, backwards], { axis: 1 });
  const around = {
    top: kernel[0] - 1 - padding.top,
    left: kernel[1] - 1 - padding.left,
    bottom: height - heightOut + padding.top,
    right: width - widthOut + padding.left,
  };
  const back = {
    ...window,
    height: heightOut,
    width: widthOut,
    heightOut: height,
    widthOut: width,
    padding: around,
  };
  return convolution(step, back, turned, channels);
}

function stridedConvolution(step: StepBuilder, window: Window, filters: Value, channels: number): Convolve {
  const { height, width, kernel, strides, padding, batch } = window;
  const { top, left, bottom, right } = padding;
  const kernels = step.reshape(filters, channels, 1, ...kernel, 1);
  const attributes = {
    group: channels,
    kernel_shape: [...kernel, 1],
    strides: [...strides, 1],
    pads: [top, left, 0, bottom, right, 0],
  };
  return (x) => {
    const picture = step.reshape(x, 1, channels, height, width, batch);
    return step.reshape(step.onnx.node("Conv", [picture, kernels], attributes), channels, -1, batch);
  };
}

/** Everything by rows, without a convolution. */
export const rowProducts: ConvolveChannels = (step, window, filters) => {
  const { onnx } = step;
  const { height, width, heightOut, widthOut, kernel, strides, padding, batch } = window;
  const across = kernel[1];
  const places = step.constant(`rows/${JSON.stringify(window)}`, () => [
    rowPlacesOf(window),
    [kernel[0] * across, heightOut * height * across],
  ]);
  /** Which column of the picture each tap across sees at each output column; `width` where it is none. */
  const seen = Array.from({ length: across * widthOut }, (_, i) => {
    const column = (i % widthOut) * strides[1] + Math.floor(i / widthOut) - padding.left;
    return column >= 0 && column < width ? column : width;
  });
  const matricesOf = () =>
    step.reshape(onnx.node("MatMul", [filters, places]), -1, heightOut, height * across);
  const columnsSeen = (x: Value) => {
    const columns = step.reshape(x, -1, width, batch);
    const withZero = onnx.node("Pad", [columns, onnx.integers(0, 0, 0, 0, 1, 0)]);
    const taken = onnx.node("Gather", [withZero, onnx.integers(...seen)], { axis: 1 });
    return step.reshape(taken, -1, height * across, widthOut * batch);
  };
  return {
    forward(x) {
      const rows = onnx.node("MatMul", [matricesOf(), columnsSeen(x)]);
      return step.reshape(rows, -1, heightOut * widthOut, batch);
    },
    ofFilters(dy, x) {
      const ofTaps = columnsSeen(x);
      const rows = step.reshape(dy, -1, heightOut, widthOut * batch);
      const ofRows = onnx.node("MatMul", [rows, onnx.node("Transpose", [ofTaps], { perm: [0, 2, 1] })]);
      return onnx.node("Gemm", [step.reshape(ofRows, -1, heightOut * height * across), places], {
        transB: 1,
      });
    },
    ofInput(dy) {
      const rows = step.reshape(dy, -1, heightOut, widthOut * batch);
      const turned = onnx.node("Transpose", [matricesOf()], { perm: [0, 2, 1] });
      const ofTaps = step.reshape(onnx.node("MatMul", [turned, rows]), -1, across * widthOut, batch);
      const sums = step.constant(`columns/${JSON.stringify(window)}`, () => [
        columnSumsOf(seen, width),
        [width, across * widthOut],
      ]);
      return step.reshape(onnx.node("MatMul", [sums, ofTaps]), -1, height * width, batch);
    },
  };
};

/** [taps, rows out, rows in * taps across]: 1 where an output row sees an input row through a tap. */
function rowPlacesOf({ height, heightOut, kernel, strides, padding }: Window): Float32Array {
  const [down, across] = kernel;
  const places = new Float32Array(down * across * heightOut * height * across);
  for (let row = 0; row < down; row++) {
    for (let out = 0; out < heightOut; out++) {
      const y = out * strides[0] + row - padding.top;
      if (y < 0 || y >= height) continue;
      for (let column = 0; column < across; column++) {
        const tap = row * across + column;
        places[((tap * heightOut + out) * height + y) * across + column] = 1;
      }
    }
  }
  return places;
}

/** [columns, taps across * columns out]: 1 where a tap sees that column of the picture. */
function columnSumsOf(seen: readonly number[], width: number): Float32Array {
  const sums = new Float32Array(width * seen.length);
  seen.forEach((column, i) => {
    if (column < width) sums[column * seen.length + i] = 1;
  });
  return sums;
}
