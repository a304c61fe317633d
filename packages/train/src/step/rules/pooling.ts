import { type LayerOfKind, resamplingMatrices, type Value } from "@fer-bench/models";
import { cutParts } from "../columns.ts";
import { mapParts, type StepBuilder, type StepRule } from "../step-builder.ts";
import { gatherTaps, scatterTaps } from "./taps.ts";
import { windowOf } from "./window.ts";

/** The mean of all pixels; every pixel has an equal share of the gradient. */
export const globalAveragePool: StepRule<"globalAveragePool"> = (layer, [x], { onnx }) => ({
  columns: {
    ...mapParts(x!, (part) => onnx.node("ReduceMean", [part, onnx.integers(1)], { keepdims: 1 }, layer.name)),
    pixels: 1,
  },
  backward: (gradient) => [mapParts(gradient, (part) => onnx.node("Mul", [part, onnx.float(1 / x!.pixels)]))],
});

/** The largest float there is to lose against every value under a window. */
const LOWEST = -3.4028234663852886e38;

/** y = the largest value under the window, whose pixel has all the gradient; of equals the first, as in PyTorch. */
export const maxPool2d: StepRule<"maxPool2d"> = (layer, [x], step) => {
  const { onnx } = step;
  const window = windowOf({ ...layer, kernel: layer.window }, x!, step);
  const taps = x!.parts.map((part) => gatherTaps(onnx, part, window, LOWEST));
  const largest = taps.map((ofPart) =>
    ofPart.length === 1 ? ofPart[0]! : onnx.node("Max", ofPart, {}, layer.name),
  );
  const pixels = window.heightOut * window.widthOut;
  return {
    columns: { parts: largest, sizes: x!.sizes, pixels },
    backward(gradient) {
      const dy = cutParts(onnx, step.everyPixel(gradient, pixels), x!.sizes);
      const parts = dy.parts.map((part, i) =>
        scatterTaps(onnx, shareOut(step, part, taps[i]!, largest[i]!), window),
      );
      return [{ parts, sizes: x!.sizes, pixels: x!.pixels }];
    },
  };
};

/** Of each tap, the gradient where it is the first that is the largest. */
function shareOut({ onnx }: StepBuilder, dy: Value, taps: readonly Value[], largest: Value): Value[] {
  let left = dy;
  return taps.map((tap) => {
    const isLargest = onnx.node("Cast", [onnx.node("Equal", [tap, largest])], { to: 1 });
    const share = onnx.node("Mul", [left, isLargest]);
    left = onnx.node("Sub", [left, share]);
    return share;
  });
}

/** A linear map along rows and one along columns; the gradient goes through their transposes. */
const resample =
  <Kind extends "resize" | "adaptiveAveragePool2d">(): StepRule<Kind> =>
  (layer, [x], step) => {
    const { onnx, batch } = step;
    const [height, width] = x!.shape as [number, number, number];
    const [heightOut, widthOut] = (layer as LayerOfKind<"resize">).size;
    const matrices = resamplingMatrices(layer as LayerOfKind<"resize">, x!.shape);
    const constant = (data: Float64Array, shape: number[]) => onnx.floats(Float32Array.from(data), shape);
    const rows = constant(matrices.rows.data, [heightOut, height]);
    const columns = constant(matrices.columns.data, [widthOut, width]);
    const transposed = (matrix: Value) => onnx.node("Transpose", [matrix], { perm: [1, 0] });
    const along = (
      part: Value,
      ofRows: Value,
      ofColumns: Value,
      from: [number, number],
      to: [number, number],
    ) => {
      const across = onnx.node("MatMul", [ofColumns, step.reshape(part, -1, from[1], batch)]);
      const down = onnx.node("MatMul", [ofRows, step.reshape(across, -1, from[0], to[1] * batch)]);
      return step.reshape(down, -1, to[0] * to[1], batch);
    };
    return {
      columns: {
        ...mapParts(x!, (part) => along(part, rows, columns, [height, width], [heightOut, widthOut])),
        pixels: heightOut * widthOut,
      },
      backward(gradient) {
        const dy = cutParts(onnx, step.everyPixel(gradient, heightOut * widthOut), x!.sizes);
        const back = (part: Value) =>
          along(part, transposed(rows), transposed(columns), [heightOut, widthOut], [height, width]);
        return [{ ...mapParts(dy, back), pixels: x!.pixels }];
      },
    };
  };

export const adaptiveAveragePool2d = resample<"adaptiveAveragePool2d">();
export const resize = resample<"resize">();
