/** Standard deviations after which the kernel is cut off: scipy.ndimage.gaussian_filter's default. */
const TRUNCATE = 4;

/** A picture's blurring, with its working memory. */
export type Blur = (source: Uint8Array, result: Uint8Array) => void;

/**
 * Gaussian blur of square pictures [size, size, channels], rows then columns in double precision, the border repeated:
 * scipy.ndimage.gaussian_filter with mode "nearest", rounded to levels.
 * @param sigma standard deviation in pixels
 */
export function createGaussianBlur(
  sigma: number,
  { size, channels }: { size: number; channels: number },
): Blur {
  const kernel = gaussianKernel(sigma);
  const radius = (kernel.length - 1) / 2;
  const across = new Float64Array(size * size * channels);
  const line = new Float64Array(size + 2 * radius);

  /** Blurs one line of `size` values that lie `step` apart. */
  const blurLine = (
    from: ArrayLike<number>,
    at: number,
    step: number,
    put: (i: number, value: number) => void,
  ) => {
    for (let i = 0; i < line.length; i++) {
      line[i] = from[at + Math.min(size - 1, Math.max(0, i - radius)) * step]!;
    }
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * line[i + k]!;
      put(at + i * step, sum);
    }
  };

  return (source, result) => {
    for (let y = 0; y < size; y++) {
      for (let c = 0; c < channels; c++) {
        blurLine(source, y * size * channels + c, channels, (at, value) => {
          across[at] = value;
        });
      }
    }
    for (let i = 0; i < size * channels; i++) {
      blurLine(across, i, size * channels, (at, value) => {
        result[at] = Math.floor(value + 0.5);
      });
    }
  };
}

/** Weights of 2 r + 1 pixels, their sum 1; r is 4 standard deviations, rounded. */
function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
