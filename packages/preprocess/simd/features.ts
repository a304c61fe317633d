/** A cell of the histogram: 18 numbers and two zeros. */
const CELL: usize = 80;
/** A cell of the features: 31 numbers and a zero. */
const FEATURES: usize = 128;

/**
 * The 31 features of every inner cell (dlib's impl_extract_fhog_features): 18 signed orientations, 9 unsigned ones and
 * 4 of texture, each clipped and normalised by the energies of the four squares of cells around it.
 *
 * In memory a cell is 32 floats, in the order that makes whole vectors: signed 0 to 17, unsigned 8, zero, unsigned 0 to
 * 7, texture. `energies` needs 4 x cellsWide x cellsHigh bytes.
 */
export function features(histogram: usize, cellsWide: i32, cellsHigh: i32, energies: usize, out: usize): void {
  const cellRow = (<usize>cellsWide + 2) * CELL;
  sumEnergies(histogram + cellRow + CELL, cellRow, cellsWide, cellsHigh, energies);
  const energyRow: usize = <usize>4 * <usize>cellsWide;
  for (let row = 0; row < cellsHigh - 2; row++) {
    let cell = histogram + <usize>(row + 2) * cellRow + 2 * CELL;
    let energy = energies + <usize>row * energyRow;
    for (let column = 0; column < cellsWide - 2; column++) {
      normalise(cell, energy, energyRow, out);
      cell += CELL;
      energy += 4;
      out += FEATURES;
    }
  }
}

function sumEnergies(from: usize, cellRow: usize, cellsWide: i32, cellsHigh: i32, energies: usize): void {
  for (let row = 0; row < cellsHigh; row++) {
    let cell = from + <usize>row * cellRow;
    for (let column = 0; column < cellsWide; column++) {
      const a = f32x4.add(v128.load(cell, 0), v128.load(cell, 36));
      const b = f32x4.add(v128.load(cell, 16), v128.load(cell, 52));
      const c = load<f32>(cell, 32) + load<f32>(cell, 68);
      const squares = f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b));
      const halves = f32x4.add(squares, v128.shuffle<i64>(squares, squares, 1, 0));
      store<f32>(energies, f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1) + c * c);
      energies += 4;
      cell += CELL;
    }
  }
}

function normalise(cell: usize, energy: usize, energyRow: usize, out: usize): void {
  // Sums of two neighbours of three rows, then of two rows: the four squares.
  const top = pairSums(energy);
  const middle = pairSums(energy + energyRow);
  const bottom = pairSums(energy + 2 * energyRow);
  const upper = f32x4.add(top, middle);
  const lower = f32x4.add(middle, bottom);
  const squares = v128.shuffle<i32>(upper, lower, 5, 1, 4, 0);
  const limits = f32x4.mul(f32x4.splat(0.2), f32x4.sqrt(f32x4.add(squares, f32x4.splat(0.0001))));
  const scales = f32x4.div(f32x4.splat(0.1), limits);

  const limit0 = v128.shuffle<i32>(limits, limits, 0, 0, 0, 0);
  const limit1 = v128.shuffle<i32>(limits, limits, 1, 1, 1, 1);
  const limit2 = v128.shuffle<i32>(limits, limits, 2, 2, 2, 2);
  const limit3 = v128.shuffle<i32>(limits, limits, 3, 3, 3, 3);
  const scale0 = v128.shuffle<i32>(scales, scales, 0, 0, 0, 0);
  const scale1 = v128.shuffle<i32>(scales, scales, 1, 1, 1, 1);
  const scale2 = v128.shuffle<i32>(scales, scales, 2, 2, 2, 2);
  const scale3 = v128.shuffle<i32>(scales, scales, 3, 3, 3, 3);

  let texture0 = f32x4.splat(0);
  let texture1 = f32x4.splat(0);
  let texture2 = f32x4.splat(0);
  let texture3 = f32x4.splat(0);
  const signedOnly = i64x2.replace_lane(i64x2.splat(0), 0, -1);
  for (let vector: usize = 0; vector < 80; vector += 16) {
    let values = v128.load(cell + vector);
    if (vector == 64) values = f32x4.replace_lane(values, 2, load<f32>(cell, 32) + load<f32>(cell, 68));
    const share0 = f32x4.mul(f32x4.pmin(values, limit0), scale0);
    const share1 = f32x4.mul(f32x4.pmin(values, limit1), scale1);
    const share2 = f32x4.mul(f32x4.pmin(values, limit2), scale2);
    const share3 = f32x4.mul(f32x4.pmin(values, limit3), scale3);
    v128.store(out + vector, f32x4.add(f32x4.add(share0, share1), f32x4.add(share2, share3)));
    const mask = vector == 64 ? signedOnly : i32x4.splat(-1);
    texture0 = f32x4.add(texture0, v128.and(share0, mask));
    texture1 = f32x4.add(texture1, v128.and(share1, mask));
    texture2 = f32x4.add(texture2, v128.and(share2, mask));
    texture3 = f32x4.add(texture3, v128.and(share3, mask));
  }
  for (let vector: usize = 0; vector < 32; vector += 16) {
    const values = f32x4.add(v128.load(cell + vector), v128.load(cell + vector, 36));
    const share0 = f32x4.mul(f32x4.pmin(values, limit0), scale0);
    const share1 = f32x4.mul(f32x4.pmin(values, limit1), scale1);
    const share2 = f32x4.mul(f32x4.pmin(values, limit2), scale2);
    const share3 = f32x4.mul(f32x4.pmin(values, limit3), scale3);
    v128.store(out + vector, f32x4.add(f32x4.add(share0, share1), f32x4.add(share2, share3)), 80);
  }
  const sums = laneSums(texture0, texture1, texture2, texture3);
  v128.store(out, f32x4.mul(sums, f32x4.splat(<f32>(2 * 0.2357))), 112);
}

/** Of three numbers in a row, the sums of the first two and of the last two, as the first two lanes. */
// @ts-ignore: decorator
@inline
function pairSums(at: usize): v128 {
  return f32x4.add(v128.load64_zero(at), v128.load64_zero(at, 4));
}

/** The sums of the lanes of four vectors, as one vector. */
// @ts-ignore: decorator
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}
