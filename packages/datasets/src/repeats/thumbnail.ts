import type { PixelImage } from "../sample.ts";

/** Side of a thumbnail in pixels: what is left of a face at this size still tells one photograph from another. */
export const SIDE = 32;

/** A picture as SIDE x SIDE grey levels: means over equal areas, whatever its proportions. Colour counts by Rec. 601. */
export function thumbnail(image: PixelImage): Uint8Array {
  const { width, height } = image;
  const grey = greyLevels(image);
  const narrow = shrinkRows(grey, width, height);
  const small = shrinkRows(transposed(narrow, SIDE, height), height, SIDE);
  const thumb = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) thumb[y * SIDE + x] = Math.round(small[x * SIDE + y]!);
  }
  return thumb;
}

function greyLevels({ width, height, channels, data }: PixelImage): Float32Array {
  const grey = new Float32Array(width * height);
  if (channels === 1) grey.set(data);
  else {
    for (let i = 0; i < grey.length; i++) {
      grey[i] = 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!;
    }
  }
  return grey;
}

/** Rows of `width` values as rows of SIDE values, each the mean over its share of the row. */
function shrinkRows(values: Float32Array, width: number, rows: number): Float32Array {
  const out = new Float32Array(rows * SIDE);
  const step = width / SIDE;
  for (let place = 0; place < SIDE; place++) {
    const from = place * step;
    const to = from + step;
    for (let x = Math.floor(from); x < Math.min(width, Math.ceil(to)); x++) {
      const share = (Math.min(to, x + 1) - Math.max(from, x)) / step;
      for (let row = 0; row < rows; row++) out[row * SIDE + place]! += share * values[row * width + x]!;
    }
  }
  return out;
}

/** [rows, columns] as [columns, rows]. */
function transposed(values: Float32Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column]!;
  }
  return out;
}

/** Mean and standard deviation of a thumbnail's levels. */
export function contrastOf(thumb: Uint8Array): { mean: number; deviation: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < thumb.length; i++) {
    const level = thumb[i]!;
    sum += level;
    squares += level * level;
  }
  const mean = sum / thumb.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / thumb.length - mean * mean)) };
}
