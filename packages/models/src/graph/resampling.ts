import type { AdaptiveAveragePool2dLayer, ResizeLayer, Shape } from "./layers.ts";

/** A linear map along one axis of a picture, [to, from] row-major. */
export interface AxisMatrix {
  from: number;
  to: number;
  data: Float64Array;
}

/** What a layer of these kinds does: picture [height, width] -> rows x picture x columns', channel by channel. */
export function resamplingMatrices(
  layer: ResizeLayer | AdaptiveAveragePool2dLayer,
  input: Shape,
): { rows: AxisMatrix; columns: AxisMatrix } {
  const alongAxis = layer.kind === "resize" ? KERNELS[layer.interpolation] : binMeans;
  const [height, width] = input as [number, number];
  return { rows: alongAxis(height, layer.size[0]), columns: alongAxis(width, layer.size[1]) };
}

const KERNELS = {
  bicubic: (from: number, to: number) => interpolation(from, to, cubic, 2),
  bilinear: (from: number, to: number) => interpolation(from, to, triangle, 1),
};

/** Weights of the pixels within `reach` of each new pixel's centre, by their distance; border pixels repeated. */
function interpolation(
  from: number,
  to: number,
  weight: (distance: number) => number,
  reach: number,
): AxisMatrix {
  const data = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const before = Math.floor(centre);
    for (let pixel = before - reach + 1; pixel <= before + reach; pixel++) {
      const inside = Math.min(from - 1, Math.max(0, pixel));
      data[i * from + inside]! += weight(Math.abs(centre - pixel));
    }
  }
  return { from, to, data };
}

/** OpenCV's a (modules/imgproc/src/resize.cpp); Keys himself prefers -0.5. */
const KERNEL_A = -0.75;

/** Keys' cubic convolution kernel. */
function cubic(d: number): number {
  const a = KERNEL_A;
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

function triangle(d: number): number {
  return Math.max(0, 1 - d);
}

/** The bins of PyTorch's adaptive pooling. */
function binMeans(from: number, to: number): AxisMatrix {
  const data = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const start = Math.floor((i * from) / to);
    const end = Math.ceil(((i + 1) * from) / to);
    data.fill(1 / (end - start), i * from + start, i * from + end);
  }
  return { from, to, data };
}
