import type { Matrix } from "./matrix.ts";
import { fillCentred, placeMatrices } from "./row-products.ts";

/** Rows whose products with all others are made at a time; a multiple of four. */
const BLOCK = 32;

/**
 * Calls `visit` for every row i in turn with its squared Euclidean distances |a|² + |b|² - 2ab, clipped at 0, from the
 * rows behind it: `squared[j]` for j > i, a view that is overwritten afterwards. Rows are centred first, which keeps
 * digits; what equal rows are apart is rounding.
 */
export function forEachRow(matrix: Matrix, visit: (i: number, squared: Float64Array) => void): void {
  const { rows } = matrix;
  const { kernels, placed } = placeMatrices([rows, matrix.columns], [BLOCK, rows]);
  const [centred, products] = [placed[0]!, placed[1]!];
  fillCentred(centred, matrix);
  const lengths = Float64Array.from({ length: rows }, (_, i) => squaredLength(centred, i));
  const size = Float64Array.BYTES_PER_ELEMENT;
  for (let first = 0; first < rows; first += BLOCK) {
    const from = centred.offset + first * centred.columns * size;
    kernels.rowProducts(
      from,
      Math.min(BLOCK, centred.rows - first),
      from,
      centred.rows - first,
      centred.columns,
      products.offset + first * size,
      products.columns,
    );
    for (let i = first; i < Math.min(first + BLOCK, rows); i++) {
      const row = (i - first) * products.columns;
      const squared = products.data.subarray(row, row + rows);
      const length = lengths[i]!;
      for (let j = i + 1; j < rows; j++) squared[j] = Math.max(length + lengths[j]! - 2 * squared[j]!, 0);
      visit(i, squared);
    }
  }
}

function squaredLength({ columns, data }: Matrix<Float64Array>, i: number): number {
  let sum = 0;
  for (let c = i * columns; c < (i + 1) * columns; c++) sum += data[c]! ** 2;
  return sum;
}
