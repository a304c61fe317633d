/*
 * Repulsion between all points of a map by J. Barnes and P. Hut, "A hierarchical O(N log N) force-calculation
 * algorithm", Nature 324 (1986), as L. van der Maaten has it for t-SNE, JMLR 15 (2014): the points of a far cell count
 * as one at their centre. Neighbouring points share one list of what repels them, made for the nearest of them: the sums
 * run without a branch, and are nearer to the exact ones than with a list a point.
 */

/** Cells are halved so often at most: points that are still together count as one. */
const LEVELS = 24;
const STEPS = 2 ** LEVELS;
/** Points of a cell that share a list. */
const GROUP = 32;

/** A tree over points; its memory serves from one iteration to the next. */
export interface QuadTree {
  /**
   * Adds up Σ_j w_ij² (y_i - y_j) for each point into `repulsion` [n, 2], w_ij = 1 / (1 + |y_i - y_j|²), and gives
   * Σ w_ij over ordered pairs i ≠ j. A cell counts as one point where its side is at most `theta` times its distance;
   * with 0 none does.
   *
   * @param points y, [n, 2]
   */
  repel(points: Float64Array, repulsion: Float64Array, theta: number): number;
}

/** Makes trees of `n` points. */
export function createQuadTree(n: number): QuadTree {
  // A cell is made only where it parts points: fewer than n of these, and n leaves at most.
  // They lie depth first, so that a walk goes on by one, or to `next` past what is inside.
  const capacity = 2 * n;
  const next = new Int32Array(capacity);
  /** Its points are order[begin] and on. */
  const begin = new Int32Array(capacity);
  const count = new Int32Array(capacity);
  const centreX = new Float64Array(capacity);
  const centreY = new Float64Array(capacity);
  /** Squared; 0 of a leaf. */
  const side = new Float64Array(capacity);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const sorted = new Int32Array(n);
  /** Places on a grid of STEPS by STEPS, whose bits name the quarters. */
  const gridX = new Int32Array(n);
  const gridY = new Int32Array(n);
  /** x, y and count of what repels a group. */
  const list = new Float64Array(3 * capacity);
  let used = 0;

  function build(points: Float64Array): void {
    const { left, right, bottom, top } = boundsOf(points, order, 0, n);
    const whole = Math.max(right - left, top - bottom) || 1;
    const scale = (STEPS - 1) / whole;
    for (let i = 0; i < n; i++) {
      gridX[i] = (points[2 * i]! - left) * scale;
      gridY[i] = (points[2 * i + 1]! - bottom) * scale;
    }
    used = 0;
    makeCell(points, 0, n, LEVELS - 1, whole);
  }

  /** The cell of the points order[from..to), which are in one quarter on all levels above `level`. */
  function makeCell(points: Float64Array, from: number, to: number, level: number, whole: number): void {
    const cell = used++;
    const size = to - from;
    begin[cell] = from;
    count[cell] = size;
    side[cell] = 0;
    let [sumX, sumY] = [0, 0];
    // Levels on which all are in one quarter need no cell.
    const bit = size === 1 ? -1 : dividingLevel(from, to, level);
    if (bit < 0) {
      for (let k = from; k < to; k++) {
        sumX += points[2 * order[k]!]!;
        sumY += points[2 * order[k]! + 1]!;
      }
    } else {
      side[cell] = ((whole * 2 ** (bit + 1)) / STEPS) ** 2;
      sortByQuarter(from, to, bit);
      for (let start = from; start < to; ) {
        const quarter = quarterOf(order[start]!, bit);
        let end = start + 1;
        while (end < to && quarterOf(order[end]!, bit) === quarter) end++;
        const child = used;
        makeCell(points, start, end, bit - 1, whole);
        sumX += centreX[child]! * count[child]!;
        sumY += centreY[child]! * count[child]!;
        start = end;
      }
    }
    centreX[cell] = sumX / size;
    centreY[cell] = sumY / size;
    next[cell] = used;
  }

  function quarterOf(i: number, bit: number): number {
    return ((gridX[i]! >> bit) & 1) | (((gridY[i]! >> bit) & 1) << 1);
  }

  /** The highest level from `level` down on which points are in different quarters; below 0 where there is none. */
  function dividingLevel(from: number, to: number, level: number): number {
    let differing = 0;
    const first = order[from]!;
    for (let k = from + 1; k < to; k++) {
      differing |= (gridX[first]! ^ gridX[order[k]!]!) | (gridY[first]! ^ gridY[order[k]!]!);
    }
    return Math.min(level, 31 - Math.clz32(differing));
  }

  /** Stable: what is in order already, as most of the map is from one iteration to the next, stays so. */
  function sortByQuarter(from: number, to: number, bit: number): void {
    let [c0, c1, c2] = [0, 0, 0];
    for (let k = from; k < to; k++) {
      const quarter = quarterOf(order[k]!, bit);
      if (quarter === 0) c0++;
      else if (quarter === 1) c1++;
      else if (quarter === 2) c2++;
    }
    let [p0, p1, p2, p3] = [from, from + c0, from + c0 + c1, from + c0 + c1 + c2];
    for (let k = from; k < to; k++) {
      const i = order[k]!;
      const quarter = quarterOf(i, bit);
      sorted[quarter === 0 ? p0++ : quarter === 1 ? p1++ : quarter === 2 ? p2++ : p3++] = i;
    }
    for (let k = from; k < to; k++) order[k] = sorted[k]!;
  }

  /** Lists what repels the points of a cell, by the smallest distance that one of them may have; gives the list's end. */
  function gather(points: Float64Array, group: number, theta2: number): number {
    const { left, right, bottom, top } = boundsOf(
      points,
      order,
      begin[group]!,
      begin[group]! + count[group]!,
    );
    let end = 0;
    for (let cell = 0; cell < used; ) {
      const x = centreX[cell]!;
      const y = centreY[cell]!;
      const dx = Math.max(left - x, x - right, 0);
      const dy = Math.max(bottom - y, y - top, 0);
      if (side[cell]! <= theta2 * (dx * dx + dy * dy)) {
        list[end++] = x;
        list[end++] = y;
        list[end++] = count[cell]!;
        cell = next[cell]!;
      } else {
        cell++;
      }
    }
    return end;
  }

  /** What the list does to a point. Its own place stands there, too: with no force, and w = 1, which is taken off. */
  function repelPoint(points: Float64Array, repulsion: Float64Array, i: number, end: number): number {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    let [sum, repelX, repelY] = [-1, 0, 0];
    for (let k = 0; k < end; k += 3) {
      const dx = x - list[k]!;
      const dy = y - list[k + 1]!;
      const w = 1 / (1 + dx * dx + dy * dy);
      const countedW = list[k + 2]! * w;
      sum += countedW;
      repelX += countedW * w * dx;
      repelY += countedW * w * dy;
    }
    repulsion[2 * i] = repelX;
    repulsion[2 * i + 1] = repelY;
    return sum;
  }

  return {
    repel(points, repulsion, theta) {
      build(points);
      let total = 0;
      for (let cell = 0; cell < used; ) {
        if (count[cell]! > GROUP && side[cell]! > 0) {
          cell++;
          continue;
        }
        const end = gather(points, cell, theta * theta);
        for (let k = begin[cell]!; k < begin[cell]! + count[cell]!; k++) {
          total += repelPoint(points, repulsion, order[k]!, end);
        }
        cell = next[cell]!;
      }
      return total;
    },
  };
}

function boundsOf(points: Float64Array, order: Int32Array, from: number, to: number) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let k = from; k < to; k++) {
    const x = points[2 * order[k]!]!;
    const y = points[2 * order[k]! + 1]!;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < bottom) bottom = y;
    if (y > top) top = y;
  }
  return { left, right, bottom, top };
}
