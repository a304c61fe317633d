/** Rows of B whose products with all of A are made before the next: so many of 1,280 numbers stay in a cache of 512 KB. */
const BLOCK: i32 = 32;

/**
 * Products of every row of A with every row of B into C: C[i, j] = Σ_c A[i, c] B[j, c], all float64 and row-major.
 *
 * @param rowsOfA a multiple of 4
 * @param rowsOfB a multiple of 2
 * @param columns of both, a multiple of 2
 * @param stride numbers from one row of C to the next
 */
export function rowProducts(
  a: usize,
  rowsOfA: i32,
  b: usize,
  rowsOfB: i32,
  columns: i32,
  c: usize,
  stride: i32,
): void {
  const row = <usize>columns << 3;
  const rowOfC = <usize>stride << 3;
  for (let block = 0; block < rowsOfB; block += BLOCK) {
    const end = min(block + BLOCK, rowsOfB);
    for (let i = 0; i < rowsOfA; i += 4) {
      const rowsOfTile = a + <usize>i * row;
      const to = c + <usize>i * rowOfC;
      for (let j = block; j < end; j += 2) {
        fillTile(rowsOfTile, b + <usize>j * row, row, to + (<usize>j << 3), rowOfC);
      }
    }
  }
}

/** Four rows with two: eight sums, which stay in registers, for six loads. */
function fillTile(a: usize, b: usize, row: usize, c: usize, rowOfC: usize): void {
  const none = f64x2.splat(0);
  let s00 = none;
  let s01 = none;
  let s10 = none;
  let s11 = none;
  let s20 = none;
  let s21 = none;
  let s30 = none;
  let s31 = none;
  const a1 = a + row;
  const a2 = a1 + row;
  const a3 = a2 + row;
  const b1 = b + row;
  for (let at: usize = 0; at < row; at += 16) {
    const y0 = v128.load(b + at);
    const y1 = v128.load(b1 + at);
    let x = v128.load(a + at);
    s00 = f64x2.add(s00, f64x2.mul(x, y0));
    s01 = f64x2.add(s01, f64x2.mul(x, y1));
    x = v128.load(a1 + at);
    s10 = f64x2.add(s10, f64x2.mul(x, y0));
    s11 = f64x2.add(s11, f64x2.mul(x, y1));
    x = v128.load(a2 + at);
    s20 = f64x2.add(s20, f64x2.mul(x, y0));
    s21 = f64x2.add(s21, f64x2.mul(x, y1));
    x = v128.load(a3 + at);
    s30 = f64x2.add(s30, f64x2.mul(x, y0));
    s31 = f64x2.add(s31, f64x2.mul(x, y1));
  }
  storeSums(c, s00, s01);
  storeSums(c + rowOfC, s10, s11);
  storeSums(c + 2 * rowOfC, s20, s21);
  storeSums(c + 3 * rowOfC, s30, s31);
}

// @ts-ignore: decorator
@inline
function storeSums(at: usize, first: v128, second: v128): void {
  v128.store(at, f64x2.add(v128.shuffle<f64>(first, second, 0, 2), v128.shuffle<f64>(first, second, 1, 3)));
}
