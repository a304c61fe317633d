// The pixel loops of augmentation, in plain JavaScript for the worker thread that runs them (augment-worker.mjs). Their
// plain twin is in augment-plain.test.helper.ts.
import { PLAN } from "./plan-layout.mjs";

/**
 * @typedef {object} PictureSettings
 * @property {number} size side in pixels
 * @property {1 | 3} channels
 * @property {"edge" | number} border
 * @property {"mean" | number} fill of erased rectangles
 */

/**
 * @callback AugmentPicture
 * @param {Uint8Array} source a picture [size, size, channels]
 * @param {Float64Array} plan a row of plan-layout.mjs
 * @param {Uint8Array} result where the augmented picture goes, [size, size, channels]
 * @returns {void}
 */

/*
 * Bicubic interpolation, to the byte that of packages/preprocess/src/bicubic.ts, which is OpenCV's: Keys' kernel with
 * a = -0.75, coordinates rounded to 1/1024 pixel and the sampling point to 1/32. At multiples of 1/32 the weights are
 * multiples of 2^-17, so sums of products are exact in doubles, in whatever order they are made.
 */
const STEPS = 32;
const WEIGHTS = new Float64Array(4 * STEPS);
for (let step = 0; step < STEPS; step++) {
  const t = step / STEPS;
  WEIGHTS.set(
    [
      -0.75 * t * (1 - t) * (1 - t),
      (1.25 * t - 2.25) * t * t + 1,
      ((-1.25 * t + 1.5) * t + 0.75) * t,
      -0.75 * t * t * (1 - t),
    ],
    4 * step,
  );
}

/** Added and taken away again, it rounds a double below 2^51 to the nearest integer, halves to even. */
const ROUNDING = 1.5 * 2 ** 52;
/** Pixels around the padded picture. A point three pixels out sees nothing but border, so it need not go further. */
const PAD = 4;

/** Shares of red, green and blue in the luma of ITU-R BT.601, in 1/32768, as in preprocessing. */
const LUMA = [9798, 19235, 3735];

/**
 * Makes the function that augments pictures of one kind; it keeps its working memory.
 * @param {PictureSettings} settings
 * @returns {AugmentPicture}
 */
export function createPictureAugmenter({ size, channels, border, fill }) {
  const pixels = size * size;
  const stride = (size + 2 * PAD) * channels;
  const padded = new Float64Array((size + 2 * PAD) * stride);
  if (border !== "edge") padded.fill(border);
  const columnsX = new Int32Array(size);
  const columnsY = new Int32Array(size);
  const levels = new Uint8Array(256);

  /** @param {Uint8Array} source */
  const pad = (source) => {
    const length = size * channels;
    for (let y = 0; y < size; y++) {
      const row = (y + PAD) * stride;
      for (let i = 0; i < length; i++) padded[row + PAD * channels + i] = source[y * length + i];
      if (border !== "edge") continue;
      for (let i = 0; i < PAD * channels; i++) {
        padded[row + i] = source[y * length + (i % channels)];
        padded[row + stride - 1 - i] = source[(y + 1) * length - 1 - (i % channels)];
      }
    }
    if (border !== "edge") return;
    for (let y = 0; y < PAD; y++) {
      padded.copyWithin(y * stride, PAD * stride, (PAD + 1) * stride);
      padded.copyWithin((size + PAD + y) * stride, (size + PAD - 1) * stride, (size + PAD) * stride);
    }
  };

  /** @param {Float64Array} plan @param {Uint8Array} result */
  const warp = (plan, result) => {
    const [a, b, c, d, e, f] = plan.subarray(PLAN.map, PLAN.map + 6);
    for (let x = 0; x < size; x++) {
      columnsX[x] = fixed(a * x);
      columnsY[x] = fixed(d * x);
    }
    let to = 0;
    for (let y = 0; y < size; y++) {
      const rowX = fixed(b * y + c) + 16;
      const rowY = fixed(e * y + f) + 16;
      for (let x = 0; x < size; x++) {
        const stepX = (rowX + columnsX[x]) >> 5;
        const stepY = (rowY + columnsY[x]) >> 5;
        const left = within(stepX >> 5, size);
        const top = within(stepY >> 5, size);
        const wx = (stepX & 31) << 2;
        const wy = (stepY & 31) << 2;
        let at = (top + PAD - 1) * stride + (left + PAD - 1) * channels;
        for (let channel = 0; channel < channels; channel++, at++) {
          const sum =
            WEIGHTS[wy] * alongRow(padded, at, channels, wx) +
            WEIGHTS[wy + 1] * alongRow(padded, at + stride, channels, wx) +
            WEIGHTS[wy + 2] * alongRow(padded, at + 2 * stride, channels, wx) +
            WEIGHTS[wy + 3] * alongRow(padded, at + 3 * stride, channels, wx);
          result[to++] = toLevel(sum);
        }
      }
    }
  };

  /**
   * Multiplies the distance of every level from a centre.
   * @param {Uint8Array} picture @param {number} factor @param {number} centre
   */
  const stretch = (picture, factor, centre) => {
    for (let level = 0; level < 256; level++) levels[level] = toLevel(factor * (level - centre) + centre);
    for (let i = 0; i < picture.length; i++) picture[i] = levels[picture[i]];
  };

  /** @param {Uint8Array} picture @param {number} channel */
  const sumOf = (picture, channel) => {
    let sum = 0;
    for (let i = channel; i < picture.length; i += channels) sum += picture[i];
    return sum;
  };

  /** @param {Uint8Array} picture */
  const meanLuma = (picture) =>
    channels === 1
      ? sumOf(picture, 0) / pixels
      : LUMA.reduce((sum, weight, channel) => sum + weight * sumOf(picture, channel), 0) / (32768 * pixels);

  /** @param {Float64Array} plan @param {Uint8Array} picture */
  const erase = (plan, picture) => {
    const [left, top, width, height] = plan.subarray(PLAN.erase, PLAN.erase + 4);
    if (width === 0) return;
    for (let channel = 0; channel < channels; channel++) {
      const level = fill === "mean" ? toLevel(sumOf(picture, channel) / pixels) : fill;
      for (let y = top; y < top + height; y++) {
        const row = y * size;
        for (let x = left; x < left + width; x++) picture[(row + x) * channels + channel] = level;
      }
    }
  };

  return (source, plan, result) => {
    if (leavesInPlace(plan)) result.set(source);
    else {
      pad(source);
      warp(plan, result);
    }
    const brightness = plan[PLAN.brightness];
    if (brightness !== 1) stretch(result, brightness, 0);
    const contrast = plan[PLAN.contrast];
    if (contrast !== 1) stretch(result, contrast, meanLuma(result));
    erase(plan, result);
  };
}

/**
 * Mixes rows of a batch in place, each with its mirror in the batch (the first with the last), by the share of its plan.
 * The order of an epoch is random, so the mirror is a random partner. Rows are pictures or targets.
 * @param {Uint8Array | Float32Array} rows [count, length]
 * @param {Float64Array} plans [count, PLAN.length]
 * @param {number} count
 */
export function mixRows(rows, plans, count) {
  const length = rows.length / count;
  const rounding = rows instanceof Uint8Array ? 0.5 : 0;
  for (let first = 0, second = count - 1; first < second; first++, second--) {
    const p = plans[first * PLAN.length + PLAN.share];
    const q = plans[second * PLAN.length + PLAN.share];
    if (p === 1 && q === 1) continue;
    const start = first * length;
    const mirror = second * length;
    for (let i = 0; i < length; i++) {
      const a = rows[start + i];
      const b = rows[mirror + i];
      // A typed array of integers drops what is behind the point.
      rows[start + i] = p * a + (1 - p) * b + rounding;
      rows[mirror + i] = q * b + (1 - q) * a + rounding;
    }
  }
}

/**
 * Four pixels of a row, weighted. A loop in its place takes a fifth longer.
 * @param {Float64Array} levels @param {number} at @param {number} step to the next pixel @param {number} weights
 */
function alongRow(levels, at, step, weights) {
  return (
    WEIGHTS[weights] * levels[at] +
    WEIGHTS[weights + 1] * levels[at + step] +
    WEIGHTS[weights + 2] * levels[at + 2 * step] +
    WEIGHTS[weights + 3] * levels[at + 3 * step]
  );
}

/** @param {Float64Array} plan */
function leavesInPlace(plan) {
  const at = PLAN.map;
  return (
    plan[at] === 1 &&
    plan[at + 1] === 0 &&
    plan[at + 2] === 0 &&
    plan[at + 3] === 0 &&
    plan[at + 4] === 1 &&
    plan[at + 5] === 0
  );
}

/** In 1/1024 pixel. @param {number} coordinate */
function fixed(coordinate) {
  return coordinate * 1024 + ROUNDING - ROUNDING;
}

/** @param {number} position @param {number} size */
function within(position, size) {
  return position < -3 ? -3 : position > size + 1 ? size + 1 : position;
}

/** @param {number} value */
function toLevel(value) {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}
