import { layOutTree, repel } from "./quadtree";

/** The delta-bar-delta gains of Jacobs (1988): up where the direction holds, down where it turns. */
const GAIN_STEP: f64 = 0.2;
const GAIN_DECAY: f64 = 0.8;
const SMALLEST_GAIN: f64 = 0.01;

/** A place on the map: x and y. */
const PLACE: usize = 16;

/** Bytes of n places. */
let size: usize = 0;
/** y, [n, 2]. */
export let points: usize = 0;
/** A quarter of the gradient, [n, 2]. */
export let gradient: usize = 0;
/** What other points do to each, [n, 2]. */
export let repulsion: usize = 0;
let update: usize = 0;
let gains: usize = 0;
/** The pairs that attract: where those of each point start, and the last end (i32, [n + 1]); */
export let starts: usize = 0;
/** their other point (i32, greater than the first); */
export let columns: usize = 0;
/** and p. */
export let values: usize = 0;

/** Takes memory from `free` on, which may come later, for a map of n points and so many pairs; gives its end. */
export function layOut(n: i32, pairs: i32, free: usize): usize {
  size = <usize>n * PLACE;
  points = free;
  gradient = points + size;
  repulsion = gradient + size;
  update = repulsion + size;
  gains = update + size;
  values = gains + size;
  starts = values + (<usize>pairs << 3);
  columns = starts + (<usize>(n + 1) << 2);
  return layOutTree(n, points, (columns + (<usize>pairs << 2) + 15) & ~15);
}

/**
 * A quarter of the gradient, as openTSNE counts it: Σ_j (e p_ij - q_ij) w_ij (y_i - y_j) with
 * w_ij = 1 / (1 + |y_i - y_j|²), q_ij = w_ij / Z and Z = Σ w over ordered pairs.
 *
 * @param exaggeration e
 * @param theta how coarse the repulsion of far points may be; 0 is exact
 */
export function fillGradient(exaggeration: f64, theta: f64): void {
  const share = f64x2.splat(1 / repel(repulsion, theta));
  const e = f64x2.splat(exaggeration);
  memory.fill(gradient, 0, size);
  attract();
  for (let at: usize = 0; at < size; at += PLACE) {
    const attraction = f64x2.mul(e, v128.load(gradient + at));
    v128.store(gradient + at, f64x2.sub(attraction, f64x2.mul(share, v128.load(repulsion + at))));
  }
}

/** Adds Σ_j p_ij w_ij (y_i - y_j) to the gradient. */
function attract(): void {
  const one = f64x2.splat(1);
  for (let at: usize = 0; at < size; at += PLACE) {
    const p = v128.load(points + at);
    const row = starts + (at >> 2);
    let column = columns + (<usize>load<i32>(row) << 2);
    let value = values + (<usize>load<i32>(row) << 3);
    const end = columns + (<usize>load<i32>(row, 4) << 2);
    let sum = f64x2.splat(0);
    for (; column + 4 < end; column += 8) {
      const j = <usize>load<i32>(column) << 4;
      const k = <usize>load<i32>(column, 4) << 4;
      const toJ = f64x2.sub(p, v128.load(points + j));
      const toK = f64x2.sub(p, v128.load(points + k));
      const squares = pairSums(f64x2.mul(toJ, toJ), f64x2.mul(toK, toK));
      const pw = f64x2.div(v128.load(value), f64x2.add(one, squares));
      const ofJ = f64x2.mul(v128.shuffle<f64>(pw, pw, 0, 0), toJ);
      const ofK = f64x2.mul(v128.shuffle<f64>(pw, pw, 1, 1), toK);
      sum = f64x2.add(sum, f64x2.add(ofJ, ofK));
      v128.store(gradient + j, f64x2.sub(v128.load(gradient + j), ofJ));
      v128.store(gradient + k, f64x2.sub(v128.load(gradient + k), ofK));
      value += 16;
    }
    if (column < end) {
      const j = <usize>load<i32>(column) << 4;
      const toJ = f64x2.sub(p, v128.load(points + j));
      const squares = f64x2.mul(toJ, toJ);
      const pw = load<f64>(value) / (1 + f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1));
      const ofJ = f64x2.mul(f64x2.splat(pw), toJ);
      sum = f64x2.add(sum, ofJ);
      v128.store(gradient + j, f64x2.sub(v128.load(gradient + j), ofJ));
    }
    v128.store(gradient + at, f64x2.add(v128.load(gradient + at), sum));
  }
}

// @ts-ignore: decorator
@inline
function pairSums(a: v128, b: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3));
}

/** Forgets momentum and gains. */
export function rest(): void {
  memory.fill(update, 0, size);
  for (let at: usize = 0; at < size; at += 8) store<f64>(gains + at, 1);
}

/** Moves the points by their gradient, with momentum and gains. */
export function descend(learningRate: f64, momentum: f64): void {
  for (let at: usize = 0; at < size; at += 8) {
    const slope = load<f64>(gradient + at);
    const last = load<f64>(update + at);
    const gain = load<f64>(gains + at);
    const next = max(last * slope < 0 ? gain + GAIN_STEP : gain * GAIN_DECAY, SMALLEST_GAIN);
    const move = momentum * last - learningRate * next * slope;
    store<f64>(gains + at, next);
    store<f64>(update + at, move);
    store<f64>(points + at, load<f64>(points + at) + move);
  }
}
