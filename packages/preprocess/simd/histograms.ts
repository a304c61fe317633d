/** Eighteen orientations; the nineteenth slot is the first one once more, where turning by half a circle leads. */
const SLOTS: usize = 19;
/** A slot has the four cells around a block of 8x8 pixels; even and odd pixels are added up apart. */
const BLOCK: usize = SLOTS * 32;
/** A cell of the histogram: 18 numbers and two zeros. */
const CELL: usize = 80;

/** Weights of a pixel for the four cells around it: 8 rows x 8 columns x 4. */
const weights = memory.data(1024, 16);

function tabulateWeights(): void {
  for (let row = 0; row < 8; row++) {
    for (let column = 0; column < 8; column++) {
      const y = (<f32>row + <f32>0.5) / <f32>8;
      const x = (<f32>column + <f32>0.5) / <f32>8;
      const at = weights + 16 * (8 * row + column);
      store<f32>(at, (<f32>1 - y) * (<f32>1 - x), 0);
      store<f32>(at, (<f32>1 - y) * x, 4);
      store<f32>(at, y * (<f32>1 - x), 8);
      store<f32>(at, y * x, 12);
    }
  }
}
tabulateWeights();

/**
 * Gradient histograms of cells of 8x8 pixels, as dlib's impl_extract_fhog_features: the gradient of the strongest
 * channel, snapped to one of 18 orientations, its length shared among the four nearest cells.
 *
 * `histogram` is (cellsHigh + 2) x (cellsWide + 2) cells of 20 floats: a border of one cell collects what no feature
 * needs. `blocks` needs (cellsWide + 1) x 608 bytes, `slots` and `lengths` 4 x (width + 16) each.
 */
export function histograms(
  planes: usize,
  channels: i32,
  width: i32,
  height: i32,
  cellsWide: i32,
  cellsHigh: i32,
  histogram: usize,
  blocks: usize,
  slots: usize,
  lengths: usize,
): void {
  const cellRow = (<usize>cellsWide + 2) * CELL;
  memory.fill(histogram, 0, (<usize>cellsHigh + 2) * cellRow);
  memory.fill(blocks, 0, (<usize>cellsWide + 1) * BLOCK);
  const right = min(8 * cellsWide, width) - 1;
  const bottom = min(8 * cellsHigh, height) - 1;
  const plane = <usize>width * <usize>height;
  for (let y = 1; y < bottom; y++) {
    const row = planes + <usize>y * <usize>width;
    if (channels == 1) greyGradients(row, width, right, slots, lengths);
    else colourGradients(row, plane, width, right, slots, lengths);
    addRow(blocks, slots, lengths, right, weights + 128 * ((y + 4) & 7));
    if (((y + 4) & 7) == 7 || y + 1 == bottom) {
      flush(blocks, histogram + <usize>((y + 4) >> 3) * cellRow, cellRow, cellsWide + 1);
    }
  }
}

/** Slots of `count` gradients given as pairs of 16-bit integers, across and down. */
export function orientations(gradients: usize, count: i32, slots: usize): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(slots + 4 * i, slotsOf(v128.load(gradients + 4 * i)));
  }
}

function greyGradients(row: usize, width: i32, right: i32, slots: usize, lengths: usize): void {
  for (let x = 1; x < right; x += 8) {
    const at = row + x;
    const across = i16x8.sub(v128.load8x8_u(at, 1), v128.load8x8_u(at - 1));
    const down = i16x8.sub(v128.load8x8_u(at + width), v128.load8x8_u(at - width));
    const low = pairsLow(across, down);
    const high = pairsHigh(across, down);
    store4(low, i32x4.dot_i16x8_s(low, low), slots + 4 * x, lengths + 4 * x);
    store4(high, i32x4.dot_i16x8_s(high, high), slots + 4 * x + 16, lengths + 4 * x + 16);
  }
}

/** Of equally strong channels dlib takes the last, but in the columns that fill no group of eight the first. */
function colourGradients(
  row: usize,
  plane: usize,
  width: i32,
  right: i32,
  slots: usize,
  lengths: usize,
): void {
  for (let x = 1; x < right; x += 8) {
    const preferLast = i32x4.splat(x + 8 <= right ? -1 : 0);
    const at = row + x;
    let across = i16x8.sub(v128.load8x8_u(at, 1), v128.load8x8_u(at - 1));
    let down = i16x8.sub(v128.load8x8_u(at + width), v128.load8x8_u(at - width));
    let low = pairsLow(across, down);
    let high = pairsHigh(across, down);
    let lowLength = i32x4.dot_i16x8_s(low, low);
    let highLength = i32x4.dot_i16x8_s(high, high);
    for (let channel = at + plane, last = at + 2 * plane; channel <= last; channel += plane) {
      across = i16x8.sub(v128.load8x8_u(channel, 1), v128.load8x8_u(channel - 1));
      down = i16x8.sub(v128.load8x8_u(channel + width), v128.load8x8_u(channel - width));
      const otherLow = pairsLow(across, down);
      const otherHigh = pairsHigh(across, down);
      const otherLowLength = i32x4.dot_i16x8_s(otherLow, otherLow);
      const otherHighLength = i32x4.dot_i16x8_s(otherHigh, otherHigh);
      // a > b - 1 is a >= b.
      const lowTaken = i32x4.gt_s(otherLowLength, i32x4.add(lowLength, preferLast));
      const highTaken = i32x4.gt_s(otherHighLength, i32x4.add(highLength, preferLast));
      low = v128.bitselect(otherLow, low, lowTaken);
      high = v128.bitselect(otherHigh, high, highTaken);
      lowLength = i32x4.max_s(lowLength, otherLowLength);
      highLength = i32x4.max_s(highLength, otherHighLength);
    }
    store4(low, lowLength, slots + 4 * x, lengths + 4 * x);
    store4(high, highLength, slots + 4 * x + 16, lengths + 4 * x + 16);
  }
}

// @ts-ignore: decorator
@inline
function pairsLow(across: v128, down: v128): v128 {
  return v128.shuffle<i16>(across, down, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function pairsHigh(across: v128, down: v128): v128 {
  return v128.shuffle<i16>(across, down, 4, 12, 5, 13, 6, 14, 7, 15);
}

// @ts-ignore: decorator
@inline
function store4(pairs: v128, squared: v128, slots: usize, lengths: usize): void {
  v128.store(slots, i32x4.shl(slotsOf(pairs), 5));
  v128.store(lengths, f32x4.sqrt(f32x4.convert_i32x4_s(squared)));
}

/**
 * The slot, 0 to 18, of four gradients. In the first quarter circle a gradient passes from one of dlib's directions to
 * the next where its slope exceeds the ratio of their differences; the other quarters mirror it. No gradient of bytes
 * lies on such a border, so this gives dlib's choice for every one of them.
 */
// @ts-ignore: decorator
@inline
function slotsOf(pairs: v128): v128 {
  const across = i32x4.shr_s(i32x4.shl(pairs, 16), 16);
  const down = i32x4.shr_s(pairs, 16);
  const x = f32x4.convert_i32x4_s(across);
  const y = f32x4.convert_i32x4_s(down);
  const width = f32x4.abs(x);
  const height = f32x4.abs(y);
  // Comparisons are 0 or -1.
  let slot = f32x4.gt(height, f32x4.mul(width, f32x4.splat(<f32>(0.0603 / 0.342))));
  slot = i32x4.add(slot, f32x4.gt(height, f32x4.mul(width, f32x4.splat(<f32>(0.1737 / 0.3008)))));
  slot = i32x4.add(slot, f32x4.gt(height, f32x4.mul(width, f32x4.splat(<f32>(0.266 / 0.2232)))));
  slot = i32x4.add(slot, f32x4.gt(height, f32x4.mul(width, f32x4.splat(<f32>(0.3264 / 0.1188)))));
  // slot is minus the direction: mirrored 9 - direction, else the direction.
  const mirrored = f32x4.lt(f32x4.mul(x, y), f32x4.splat(0));
  const direction = i32x4.sub(
    v128.and(mirrored, i32x4.splat(9)),
    i32x4.sub(v128.xor(slot, mirrored), mirrored),
  );
  const backwards = i32x4.lt_s(i32x4.add(i32x4.shl(down, 10), across), i32x4.splat(0));
  return i32x4.add(direction, v128.and(backwards, i32x4.splat(9)));
}

/** Adds a row of pixels to its blocks. Block b is columns 8b - 4 to 8b + 3. */
function addRow(blocks: usize, slots: usize, lengths: usize, right: i32, rowWeights: usize): void {
  let x = 1;
  for (; x < min(right, 4); x++) addPixel(blocks, slots, lengths, x, rowWeights);
  let block = blocks + BLOCK;
  for (; x + 8 <= right; x += 8) {
    const slot = slots + 4 * x;
    const length = lengths + 4 * x;
    add(block + load<u32>(slot, 0), v128.load32_splat(length, 0), v128.load(rowWeights, 0));
    add(block + 16 + load<u32>(slot, 4), v128.load32_splat(length, 4), v128.load(rowWeights, 16));
    add(block + load<u32>(slot, 8), v128.load32_splat(length, 8), v128.load(rowWeights, 32));
    add(block + 16 + load<u32>(slot, 12), v128.load32_splat(length, 12), v128.load(rowWeights, 48));
    add(block + load<u32>(slot, 16), v128.load32_splat(length, 16), v128.load(rowWeights, 64));
    add(block + 16 + load<u32>(slot, 20), v128.load32_splat(length, 20), v128.load(rowWeights, 80));
    add(block + load<u32>(slot, 24), v128.load32_splat(length, 24), v128.load(rowWeights, 96));
    add(block + 16 + load<u32>(slot, 28), v128.load32_splat(length, 28), v128.load(rowWeights, 112));
    block += BLOCK;
  }
  for (; x < right; x++) addPixel(blocks, slots, lengths, x, rowWeights);
}

// @ts-ignore: decorator
@inline
function add(sum: usize, length: v128, weight: v128): void {
  v128.store(sum, f32x4.add(v128.load(sum), f32x4.mul(length, weight)));
}

function addPixel(blocks: usize, slots: usize, lengths: usize, x: i32, rowWeights: usize): void {
  const block = blocks + <usize>((x + 4) >> 3) * BLOCK;
  const weight = v128.load(rowWeights + 16 * ((x + 4) & 7));
  add(block + load<u32>(slots + 4 * x), v128.load32_splat(lengths + 4 * x), weight);
}

/** Adds the blocks of a row to the cells around them, and empties them. */
function flush(blocks: usize, cell: usize, cellRow: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    // Half a circle on from the ninth direction is the first.
    addTo(blocks, blocks + 32 * 18);
    addTo(blocks + 16, blocks + 32 * 18 + 16);
    for (let slot: usize = 0; slot < 16; slot += 4) {
      flush4(
        taken(blocks + 32 * slot),
        taken(blocks + 32 * slot + 32),
        taken(blocks + 32 * slot + 64),
        taken(blocks + 32 * slot + 96),
        cell + 4 * slot,
        cellRow,
      );
    }
    const none = f32x4.splat(0);
    flush4(taken(blocks + 32 * 16), taken(blocks + 32 * 17), none, none, cell + 64, cellRow);
    taken(blocks + 32 * 18);
    blocks += BLOCK;
    cell += CELL;
  }
}

// @ts-ignore: decorator
@inline
function addTo(sum: usize, more: usize): void {
  v128.store(sum, f32x4.add(v128.load(sum), v128.load(more)));
}

/** Even and odd pixels together; zero is left. */
// @ts-ignore: decorator
@inline
function taken(slot: usize): v128 {
  const sum = f32x4.add(v128.load(slot), v128.load(slot, 16));
  v128.store(slot, f32x4.splat(0), 0);
  v128.store(slot, f32x4.splat(0), 16);
  return sum;
}

/** Four slots of four cells: transposed, and added to the cells. */
// @ts-ignore: decorator
@inline
function flush4(a: v128, b: v128, c: v128, d: v128, cell: usize, cellRow: usize): void {
  const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  addVector(cell, v128.shuffle<i64>(abLow, cdLow, 0, 2));
  addVector(cell + CELL, v128.shuffle<i64>(abLow, cdLow, 1, 3));
  addVector(cell + cellRow, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
  addVector(cell + cellRow + CELL, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
}

// @ts-ignore: decorator
@inline
function addVector(at: usize, vector: v128): void {
  v128.store(at, f32x4.add(v128.load(at), vector));
}
