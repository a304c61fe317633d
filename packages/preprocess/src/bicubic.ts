import type { PixelImage } from "@fer-bench/datasets";

/**
 * Bicubic interpolation as OpenCV's INTER_CUBIC does it on 8-bit pictures: Keys' kernel with a = -0.75 over
 * 4x4 pixels, no antialiasing, pixel centres at whole coordinates, pixels beyond the border repeated from it.
 * Results are within one level of OpenCV's (modules/imgproc/src/resize.cpp and imgwarp.cpp, version 4).
 */

/**
 * A map from the pixel (x, y) of a result to the pixel of its source, row-major 2x3:
 * (a x + b y + c, d x + e y + f), as cv2.warpAffine takes it with WARP_INVERSE_MAP.
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** What looks at a picture through a map: `warpBicubic`, or a native library as `openNativeWarp` gives it. */
export type Warp = (image: PixelImage, map: Affine, width: number, height: number) => PixelImage;

const KERNEL_A = -0.75;
/** resize.cpp: weights are rounded to 11 bits. */
const RESIZE_WEIGHT_ONE = 2048;
/** imgwarp.cpp: a transform is evaluated in 1/1024 pixel ... */
const WARP_COORDINATE_ONE = 1024;
/** ... and interpolation happens at multiples of 1/32 pixel. */
const WARP_STEPS = 32;

/** The whole picture at another size, cv2.resize's INTER_CUBIC. The same size gives the same pixels. */
export function resizeBicubic(image: PixelImage, width: number, height: number): PixelImage {
  const { channels } = image;
  if (image.width === width && image.height === height) return { ...image, data: image.data.slice() };
  const columns = resizeTaps(image.width, width);
  const rows = resizeTaps(image.height, height);
  const rowLength = width * channels;
  const across = new Int32Array(image.height * rowLength);
  for (let y = 0; y < image.height; y++) {
    const source = y * image.width * channels;
    for (let i = 0; i < rowLength; i++) {
      const tap = 4 * Math.floor(i / channels);
      const channel = source + (i % channels);
      let sum = 0;
      for (let k = tap; k < tap + 4; k++) {
        sum += columns.weights[k]! * image.data[channel + columns.positions[k]! * channels]!;
      }
      across[y * rowLength + i] = sum;
    }
  }
  const data = new Uint8Array(height * rowLength);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < rowLength; i++) {
      let sum = 0;
      for (let k = 4 * y; k < 4 * y + 4; k++) {
        sum += rows.weights[k]! * across[rows.positions[k]! * rowLength + i]!;
      }
      data[y * rowLength + i] = toLevel(sum / (RESIZE_WEIGHT_ONE * RESIZE_WEIGHT_ONE));
    }
  }
  return { width, height, channels, data };
}

/**
 * A picture seen through an affine map, cv2.warpAffine's INTER_CUBIC with BORDER_REPLICATE: source coordinates are
 * rounded to 1/32 pixel before interpolation, as OpenCV rounds them.
 */
export function warpBicubic(image: PixelImage, map: Affine, width: number, height: number): PixelImage {
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  const columns = new Int32Array(4);
  const rows = new Int32Array(4);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const rowX = fixed(map[1] * y + map[2]);
    const rowY = fixed(map[4] * y + map[5]);
    for (let x = 0; x < width; x++) {
      const stepX = toSteps(rowX + fixed(map[0] * x));
      const stepY = toSteps(rowY + fixed(map[3] * x));
      const left = Math.floor(stepX / WARP_STEPS);
      const top = Math.floor(stepY / WARP_STEPS);
      const weightX = 4 * (stepX - left * WARP_STEPS);
      const weightY = 4 * (stepY - top * WARP_STEPS);
      for (let k = 0; k < 4; k++) {
        columns[k] = clamp(left - 1 + k, image.width) * channels;
        rows[k] = clamp(top - 1 + k, image.height) * image.width * channels;
      }
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let j = 0; j < 4; j++) {
          const row = rows[j]! + channel;
          let along = 0;
          for (let i = 0; i < 4; i++) along += STEP_WEIGHTS[weightX + i]! * image.data[row + columns[i]!]!;
          sum += STEP_WEIGHTS[weightY + j]! * along;
        }
        data[at++] = toLevel(sum);
      }
    }
  }
  return { width, height, channels, data };
}

/** The four weights of a point that lies `t` (0 to 1) after the second of four pixels. */
function cubicWeights(t: number): [number, number, number, number] {
  const a = KERNEL_A;
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  const first = far(1 + t);
  const second = near(t);
  const third = near(1 - t);
  return [first, second, third, 1 - first - second - third];
}

const STEP_WEIGHTS = Float64Array.from({ length: WARP_STEPS }, (_, i) => i / WARP_STEPS).reduce(
  (table, t, i) => {
    table.set(cubicWeights(t), 4 * i);
    return table;
  },
  new Float64Array(4 * WARP_STEPS),
);

/** For each pixel of the result along one axis, the four source pixels and their weights in 1/2048. */
function resizeTaps(from: number, to: number): { positions: Int32Array; weights: Int32Array } {
  const positions = new Int32Array(4 * to);
  const weights = new Int32Array(4 * to);
  for (let i = 0; i < to; i++) {
    const centre = Math.fround((i + 0.5) * (from / to) - 0.5);
    const second = Math.floor(centre);
    cubicWeights(centre - second).forEach((weight, k) => {
      positions[4 * i + k] = clamp(second - 1 + k, from);
      weights[4 * i + k] = roundHalfEven(weight * RESIZE_WEIGHT_ONE);
    });
  }
  return { positions, weights };
}

/** A coordinate in 1/1024 pixel. */
function fixed(coordinate: number): number {
  return roundHalfEven(coordinate * WARP_COORDINATE_ONE);
}

/** From 1/1024 pixel to the nearest 1/32. */
function toSteps(fixedCoordinate: number): number {
  const perStep = WARP_COORDINATE_ONE / WARP_STEPS;
  return Math.floor((fixedCoordinate + perStep / 2) / perStep);
}

/** A position of a picture that has `size` of them, the outermost ones repeated. */
export function clamp(position: number, size: number): number {
  return position < 0 ? 0 : position >= size ? size - 1 : position;
}

function toLevel(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.floor(value + 0.5);
}

/** OpenCV's cvRound. */
function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}
