/*
 * Repulsion between all points of a map by J. Barnes and P. Hut, "A hierarchical O(N log N) force-calculation
 * algorithm", Nature 324 (1986), as L. van der Maaten has it for t-SNE, JMLR 15 (2014): the points of a far cell count
 * as one at their centre. Neighbouring points share one list of what repels them, made for the nearest of them: the sums
 * run without a branch, two points to a vector, and are nearer to the exact ones than with a list a point.
 */

/** Cells are halved so often at most: points that are still together count as one. */
const LEVELS: i32 = 24;
const STEPS: f64 = <f64>(1 << LEVELS);
/** Points of a cell that share a list. */
const GROUP: i32 = 32;

/** A cell: x and y of its centre, the number of its points, its side squared (0 of a leaf); */
const X: usize = 0;
const Y: usize = 8;
const COUNT: usize = 16;
const SIDE: usize = 24;
/** where its points begin in `order`; */
const BEGIN: usize = 32;
/** the cell past what is inside. Cells lie depth first, so that a walk goes on by one, or to there. */
const NEXT: usize = 36;
const CELL: usize = 40;
/** What repels a group: x, y and count of each. */
const ENTRY: usize = 24;

let n: i32 = 0;
let points: usize = 0;
let cells: usize = 0;
let used: i32 = 0;
/** Points in the order of the cells. */
let order: usize = 0;
let sorted: usize = 0;
/** Places on a grid of STEPS by STEPS, whose bits name the quarters: x and y of each. */
let grid: usize = 0;
let list: usize = 0;
/** The side of the whole map. */
let whole: f64 = 0;

let left: f64 = 0;
let right: f64 = 0;
let bottom: f64 = 0;
let top: f64 = 0;

/** Takes memory from `free` on, which may come later, for a tree over `count` points at `y`, [n, 2]; gives its end. */
export function layOutTree(count: i32, y: usize, free: usize): usize {
  n = count;
  points = y;
  // A cell is made only where it parts points: fewer than n of these, and n leaves at most.
  cells = free;
  list = cells + 2 * CELL * <usize>n;
  order = list + 2 * ENTRY * <usize>n;
  sorted = order + 4 * <usize>n;
  grid = sorted + 4 * <usize>n;
  used = 0;
  return grid + 8 * <usize>n;
}

/**
 * Adds up Σ_j w_ij² (y_i - y_j) for each point into `repulsion` [n, 2], w_ij = 1 / (1 + |y_i - y_j|²), and gives
 * Σ w_ij over ordered pairs i ≠ j. A cell counts as one point where its side is at most `theta` times its distance; with
 * 0 none does.
 */
export function repel(repulsion: usize, theta: f64): f64 {
  build();
  let total: f64 = 0;
  let cell: i32 = 0;
  while (cell < used) {
    const at = cells + <usize>cell * CELL;
    const count = <i32>load<f64>(at, COUNT);
    if (count > GROUP && load<f64>(at, SIDE) > 0) {
      cell++;
      continue;
    }
    const first = order + (<usize>load<i32>(at, BEGIN) << 2);
    const end = gather(first, count, theta * theta);
    let k = 0;
    for (; k + 4 <= count; k += 4) total += repelFour(repulsion, first + (<usize>k << 2), end);
    for (; k < count; k++) total += repelOne(repulsion, first + (<usize>k << 2), end);
    cell = load<i32>(at, NEXT);
  }
  return total;
}

function build(): void {
  // The first time; later the last map's order is near to this one's.
  if (used == 0) for (let i = 0; i < n; i++) store<i32>(order + (<usize>i << 2), i);
  measure(order, n);
  whole = max(right - left, top - bottom);
  if (whole == 0) whole = 1;
  const scale = (STEPS - 1) / whole;
  for (let i = 0; i < n; i++) {
    const at = points + (<usize>i << 4);
    const to = grid + (<usize>i << 3);
    store<i32>(to, <i32>((load<f64>(at) - left) * scale));
    store<i32>(to, <i32>((load<f64>(at, 8) - bottom) * scale), 4);
  }
  used = 0;
  makeCell(0, n, LEVELS - 1);
}

/** Bounds of so many points, named from `from` on. */
function measure(from: usize, count: i32): void {
  left = Infinity;
  right = -Infinity;
  bottom = Infinity;
  top = -Infinity;
  const end = from + (<usize>count << 2);
  for (let k = from; k < end; k += 4) {
    const at = points + (<usize>load<i32>(k) << 4);
    const x = load<f64>(at);
    const y = load<f64>(at, 8);
    left = min(left, x);
    right = max(right, x);
    bottom = min(bottom, y);
    top = max(top, y);
  }
}

/** The cell of the points order[from..to), which are in one quarter on all levels above `level`. */
function makeCell(from: i32, to: i32, level: i32): void {
  const cell = cells + <usize>used * CELL;
  used++;
  const size = to - from;
  let side: f64 = 0;
  let sumX: f64 = 0;
  let sumY: f64 = 0;
  // Levels on which all are in one quarter need no cell.
  const bit = size == 1 ? -1 : dividingLevel(from, to, level);
  if (bit < 0) {
    for (let k = from; k < to; k++) {
      const at = points + (<usize>load<i32>(order + (<usize>k << 2)) << 4);
      sumX += load<f64>(at);
      sumY += load<f64>(at, 8);
    }
  } else {
    side = whole * <f64>(2 << bit) / STEPS;
    sortByQuarter(from, to, bit);
    let start = from;
    while (start < to) {
      const quarter = quarterOf(load<i32>(order + (<usize>start << 2)), bit);
      let end = start + 1;
      while (end < to && quarterOf(load<i32>(order + (<usize>end << 2)), bit) == quarter) end++;
      const child = cells + <usize>used * CELL;
      makeCell(start, end, bit - 1);
      sumX += load<f64>(child, X) * load<f64>(child, COUNT);
      sumY += load<f64>(child, Y) * load<f64>(child, COUNT);
      start = end;
    }
  }
  store<f64>(cell, sumX / <f64>size, X);
  store<f64>(cell, sumY / <f64>size, Y);
  store<f64>(cell, <f64>size, COUNT);
  store<f64>(cell, side * side, SIDE);
  store<i32>(cell, from, BEGIN);
  store<i32>(cell, used, NEXT);
}

// @ts-ignore: decorator
@inline
function quarterOf(i: i32, bit: i32): i32 {
  const at = grid + (<usize>i << 3);
  return ((load<i32>(at) >> bit) & 1) | (((load<i32>(at, 4) >> bit) & 1) << 1);
}

/** The highest level from `level` down on which points are in different quarters; below 0 where there is none. */
function dividingLevel(from: i32, to: i32, level: i32): i32 {
  const first = load<i64>(grid + (<usize>load<i32>(order + (<usize>from << 2)) << 3));
  let differing: i64 = 0;
  for (let k = from + 1; k < to; k++) {
    differing |= first ^ load<i64>(grid + (<usize>load<i32>(order + (<usize>k << 2)) << 3));
  }
  return min(level, 31 - <i32>clz(<i32>differing | <i32>(differing >>> 32)));
}

/** Stable: what is in order already, as most of the map is from one iteration to the next, stays so. */
function sortByQuarter(from: i32, to: i32, bit: i32): void {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  for (let k = from; k < to; k++) {
    const quarter = quarterOf(load<i32>(order + (<usize>k << 2)), bit);
    c0 += i32(quarter == 0);
    c1 += i32(quarter == 1);
    c2 += i32(quarter == 2);
  }
  let p0 = from;
  let p1 = p0 + c0;
  let p2 = p1 + c1;
  let p3 = p2 + c2;
  for (let k = from; k < to; k++) {
    const i = load<i32>(order + (<usize>k << 2));
    const quarter = quarterOf(i, bit);
    const place = quarter == 0 ? p0++ : quarter == 1 ? p1++ : quarter == 2 ? p2++ : p3++;
    store<i32>(sorted + (<usize>place << 2), i);
  }
  memory.copy(order + (<usize>from << 2), sorted + (<usize>from << 2), <usize>(to - from) << 2);
}

/** Lists what repels `count` points, named from `first` on, by the smallest distance that one of them may have. */
function gather(first: usize, count: i32, theta2: f64): usize {
  measure(first, count);
  let to = list;
  let cell = cells;
  const end = cells + <usize>used * CELL;
  while (cell < end) {
    const x = load<f64>(cell, X);
    const y = load<f64>(cell, Y);
    const dx = max(max(left - x, x - right), 0);
    const dy = max(max(bottom - y, y - top), 0);
    if (load<f64>(cell, SIDE) <= theta2 * (dx * dx + dy * dy)) {
      v128.store(to, v128.load(cell));
      store<f64>(to, load<f64>(cell, COUNT), COUNT);
      to += ENTRY;
      cell = cells + <usize>load<i32>(cell, NEXT) * CELL;
    } else {
      cell += CELL;
    }
  }
  return to;
}

/** What the list does to four points. Their own place stands there, too: with no force, and w = 1, which is taken off. */
function repelFour(repulsion: usize, names: usize, end: usize): f64 {
  const i0 = <usize>load<i32>(names) << 4;
  const i1 = <usize>load<i32>(names, 4) << 4;
  const i2 = <usize>load<i32>(names, 8) << 4;
  const i3 = <usize>load<i32>(names, 12) << 4;
  const p0 = v128.load(points + i0);
  const p1 = v128.load(points + i1);
  const p2 = v128.load(points + i2);
  const p3 = v128.load(points + i3);
  const xA = v128.shuffle<f64>(p0, p1, 0, 2);
  const yA = v128.shuffle<f64>(p0, p1, 1, 3);
  const xB = v128.shuffle<f64>(p2, p3, 0, 2);
  const yB = v128.shuffle<f64>(p2, p3, 1, 3);
  const one = f64x2.splat(1);
  const none = f64x2.splat(0);
  let sum = f64x2.splat(-2);
  let repelXA = none;
  let repelYA = none;
  let repelXB = none;
  let repelYB = none;
  for (let entry = list; entry < end; entry += ENTRY) {
    const x = v128.load64_splat(entry, X);
    const y = v128.load64_splat(entry, Y);
    const count = v128.load64_splat(entry, COUNT);
    const dxA = f64x2.sub(xA, x);
    const dyA = f64x2.sub(yA, y);
    const dxB = f64x2.sub(xB, x);
    const dyB = f64x2.sub(yB, y);
    const wA = f64x2.div(one, f64x2.add(f64x2.add(one, f64x2.mul(dxA, dxA)), f64x2.mul(dyA, dyA)));
    const wB = f64x2.div(one, f64x2.add(f64x2.add(one, f64x2.mul(dxB, dxB)), f64x2.mul(dyB, dyB)));
    const countedA = f64x2.mul(count, wA);
    const countedB = f64x2.mul(count, wB);
    sum = f64x2.add(sum, f64x2.add(countedA, countedB));
    const forceA = f64x2.mul(countedA, wA);
    const forceB = f64x2.mul(countedB, wB);
    repelXA = f64x2.add(repelXA, f64x2.mul(forceA, dxA));
    repelYA = f64x2.add(repelYA, f64x2.mul(forceA, dyA));
    repelXB = f64x2.add(repelXB, f64x2.mul(forceB, dxB));
    repelYB = f64x2.add(repelYB, f64x2.mul(forceB, dyB));
  }
  v128.store(repulsion + i0, v128.shuffle<f64>(repelXA, repelYA, 0, 2));
  v128.store(repulsion + i1, v128.shuffle<f64>(repelXA, repelYA, 1, 3));
  v128.store(repulsion + i2, v128.shuffle<f64>(repelXB, repelYB, 0, 2));
  v128.store(repulsion + i3, v128.shuffle<f64>(repelXB, repelYB, 1, 3));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function repelOne(repulsion: usize, name: usize, end: usize): f64 {
  const i = <usize>load<i32>(name) << 4;
  const p = v128.load(points + i);
  let sum: f64 = -1;
  let force = f64x2.splat(0);
  for (let entry = list; entry < end; entry += ENTRY) {
    const d = f64x2.sub(p, v128.load(entry));
    const squares = f64x2.mul(d, d);
    const w = 1 / (1 + f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1));
    const counted = load<f64>(entry, COUNT) * w;
    sum += counted;
    force = f64x2.add(force, f64x2.mul(f64x2.splat(counted * w), d));
  }
  v128.store(repulsion + i, force);
  return sum;
}
