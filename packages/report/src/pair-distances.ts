import type { Matrix } from "./matrix.ts";

/** Rows a tile: the sums of 4 by 4 products stay in registers, for 8 numbers loaded. */
const TILE = 4;

/**
 * Calls `visit` once for every two rows i < j with their squared Euclidean distance |a|² + |b|² - 2ab, clipped at 0. For
 * each row, the others come in ascending order. Rows are centred first, which keeps digits; what equal rows are apart is
 * rounding.
 */
export function forEachPair(
  matrix: Matrix,
  visit: (i: number, j: number, squaredDistance: number) => void,
): void {
  const { rows } = matrix;
  const padded = paddedRows(matrix);
  const lengths = Float64Array.from({ length: padded.rows }, (_, i) => dot(padded, i, i));
  const products = new Float64Array(TILE * padded.rows);
  for (let first = 0; first < rows; first += TILE) {
    for (let other = first; other < rows; other += TILE) fillProducts(products, padded, first, other);
    for (let r = 0; r < TILE && first + r < rows; r++) {
      const i = first + r;
      for (let j = i + 1; j < rows; j++) {
        const product = products[r * padded.rows + j]!;
        visit(i, j, Math.max(lengths[i]! + lengths[j]! - 2 * product, 0));
      }
    }
  }
}

/** Centred rows, and rows of zeros up to a multiple of the tile. */
function paddedRows({ rows, columns, data }: Matrix): Matrix<Float64Array> {
  const means = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let c = 0; c < columns; c++) means[c]! += data[i * columns + c]! / rows;
  const whole = Math.ceil(rows / TILE) * TILE;
  const padded = new Float64Array(whole * columns);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < columns; c++) padded[i * columns + c] = data[i * columns + c]! - means[c]!;
  }
  return { rows: whole, columns, data: padded };
}

function dot({ columns, data }: Matrix<Float64Array>, i: number, j: number): number {
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += data[i * columns + c]! * data[j * columns + c]!;
  return sum;
}

/** Products of rows i to i + 3 with rows j to j + 3 into [4, rows]. */
function fillProducts(
  products: Float64Array,
  { rows, columns, data }: Matrix<Float64Array>,
  i: number,
  j: number,
): void {
  const [a0, b0] = [i * columns, j * columns];
  const [a1, b1] = [a0 + columns, b0 + columns];
  const [a2, b2] = [a1 + columns, b1 + columns];
  const [a3, b3] = [a2 + columns, b2 + columns];
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let c = 0; c < columns; c++) {
    const x0 = data[a0 + c]!;
    const x1 = data[a1 + c]!;
    const x2 = data[a2 + c]!;
    const x3 = data[a3 + c]!;
    let y = data[b0 + c]!;
    s00 += x0 * y;
    s10 += x1 * y;
    s20 += x2 * y;
    s30 += x3 * y;
    y = data[b1 + c]!;
    s01 += x0 * y;
    s11 += x1 * y;
    s21 += x2 * y;
    s31 += x3 * y;
    y = data[b2 + c]!;
    s02 += x0 * y;
    s12 += x1 * y;
    s22 += x2 * y;
    s32 += x3 * y;
    y = data[b3 + c]!;
    s03 += x0 * y;
    s13 += x1 * y;
    s23 += x2 * y;
    s33 += x3 * y;
  }
  products.set([s00, s01, s02, s03], j);
  products.set([s10, s11, s12, s13], rows + j);
  products.set([s20, s21, s22, s23], 2 * rows + j);
  products.set([s30, s31, s32, s33], 3 * rows + j);
}
