/** Mean and standard deviation of pixel values, 0 to 1, one number a channel. */
export interface PixelStatistics {
  readonly count: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Adds up pictures as they pass. Sums are of whole numbers, so their order does not matter. */
export function createPixelStatistics(channels: 1 | 3): {
  add(data: Uint8Array): void;
  result(): PixelStatistics;
} {
  const histogram = new Float64Array(256 * channels);
  let count = 0;
  return {
    add(data) {
      for (let i = 0; i < data.length; i++) histogram[256 * (i % channels) + data[i]!]!++;
      count++;
    },
    result() {
      const moments = Array.from({ length: channels }, (_, channel) =>
        momentsOf(histogram.subarray(256 * channel, 256 * (channel + 1))),
      );
      return { count, mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
    },
  };
}

function momentsOf(histogram: Float64Array): { mean: number; std: number } {
  let pixels = 0;
  let sum = 0;
  let squares = 0;
  histogram.forEach((frequency, level) => {
    pixels += frequency;
    sum += frequency * level;
    squares += frequency * level * level;
  });
  const mean = sum / pixels;
  return { mean: mean / 255, std: Math.sqrt(Math.max(0, squares / pixels - mean * mean)) / 255 };
}
