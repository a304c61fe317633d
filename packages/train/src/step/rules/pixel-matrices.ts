import type { ConvolveChannels } from "./depthwise.ts";
import { tapsOf, type Window } from "./taps.ts";

/**
 * For small pictures: each channel is the product of a matrix [pixels out, pixels in] with its pixels [pixels in, N].
 * The matrix is the filter's taps laid out by a constant of zeros and ones, and the filter's gradient is the matrix's,
 * summed by the same constant.
 */
export const pixelMatrices: ConvolveChannels = (step, window, filters) => {
  const { onnx } = step;
  const pixelsIn = window.height * window.width;
  const pixelsOut = window.heightOut * window.widthOut;
  const places = step.constant(`places/${JSON.stringify(window)}`, () => [
    placesOf(window),
    [window.kernel[0] * window.kernel[1], pixelsOut * pixelsIn],
  ]);
  const matrices = step.reshape(onnx.node("MatMul", [filters, places]), -1, pixelsOut, pixelsIn);
  const turned = (value: typeof matrices) => onnx.node("Transpose", [value], { perm: [0, 2, 1] });
  return {
    forward: (x) => onnx.node("MatMul", [matrices, x]),
    ofInput: (dy) => onnx.node("MatMul", [turned(matrices), dy]),
    ofFilters(dy, x) {
      const ofMatrices = onnx.node("MatMul", [dy, turned(x)]);
      return onnx.node("Gemm", [step.reshape(ofMatrices, -1, pixelsOut * pixelsIn), places], { transB: 1 });
    },
  };
};

/** [taps, pixels out, pixels in]: 1 where an output pixel sees an input pixel through a tap. */
function placesOf({ height, width, heightOut, widthOut, kernel, strides, padding }: Window): Float32Array {
  const pixelsIn = height * width;
  const pixelsOut = heightOut * widthOut;
  const places = new Float32Array(kernel[0] * kernel[1] * pixelsOut * pixelsIn);
  tapsOf(kernel).forEach(([row, column], tap) => {
    for (let out = 0; out < pixelsOut; out++) {
      const y = Math.floor(out / widthOut) * strides[0] + row - padding.top;
      const x = (out % widthOut) * strides[1] + column - padding.left;
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      places[(tap * pixelsOut + out) * pixelsIn + y * width + x] = 1;
    }
  });
  return places;
}
