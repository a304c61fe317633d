import { clamp, type Point } from "./math.ts";

/** A rectangle of the plane cut into square texels; planes over it hold one number a texel, row by row. */
export interface Grid {
  readonly left: number;
  readonly top: number;
  /** Texels per unit. */
  readonly scale: number;
  readonly width: number;
  readonly height: number;
}

/** Coverage 0 to 1 over a rectangle of a grid's texels: what is painted through. */
export interface Mask {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Sub-rows per texel row in polygon filling. */
const SUBROWS = 4;

/** The texels that a polygon (closed, any winding, even-odd) covers; `margin` texels of room around it. */
export function fillPolygon(grid: Grid, points: readonly Point[], margin = 0): Mask {
  const mask = emptyMask(grid, points, margin);
  const xs = points.map(([x]) => (x - grid.left) * grid.scale - mask.x);
  const ys = points.map(([, y]) => (y - grid.top) * grid.scale - mask.y);
  const crossings: number[] = [];
  for (let row = 0; row < mask.height; row++) {
    for (let sub = 0; sub < SUBROWS; sub++) {
      const y = row + (sub + 0.5) / SUBROWS;
      crossings.length = 0;
      for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
        const [y0, y1] = [ys[j]!, ys[i]!];
        if (y0 <= y !== y1 <= y) crossings.push(xs[j]! + ((y - y0) / (y1 - y0)) * (xs[i]! - xs[j]!));
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        addSpan(mask, row, crossings[i]!, crossings[i + 1]!, 1 / SUBROWS);
      }
    }
  }
  return mask;
}

function addSpan(mask: Mask, row: number, from: number, to: number, weight: number): void {
  const start = clamp(from, 0, mask.width);
  const end = clamp(to, 0, mask.width);
  if (end <= start) return;
  const offset = row * mask.width;
  const first = Math.floor(start);
  const last = Math.min(Math.floor(end), mask.width - 1);
  if (first === last) {
    mask.data[offset + first]! += (end - start) * weight;
    return;
  }
  mask.data[offset + first]! += (first + 1 - start) * weight;
  for (let x = first + 1; x < last; x++) mask.data[offset + x]! += weight;
  mask.data[offset + last]! += (end - last) * weight;
}

/**
 * A stroke along a polyline. `half` is its half width and `strength` its opacity, both by the share of the
 * way along. A hard stroke has an edge one texel wide; a soft one falls off like a Gaussian.
 */
export function strokePath(
  grid: Grid,
  path: readonly Point[],
  half: (t: number) => number,
  strength: (t: number) => number,
  edge: "hard" | "soft",
): Mask {
  const last = path.length - 1;
  const widest = Math.max(half(0), half(0.25), half(0.5), half(0.75), half(1));
  const reach = edge === "soft" ? 2.2 * widest : widest + 1 / grid.scale;
  const mask = emptyMask(grid, path, Math.ceil(reach * grid.scale) + 1);
  for (let i = 0; i < last; i++) strokeSegment(grid, mask, path, i, reach, half, strength, edge);
  return mask;
}

function strokeSegment(
  grid: Grid,
  mask: Mask,
  path: readonly Point[],
  i: number,
  reach: number,
  half: (t: number) => number,
  strength: (t: number) => number,
  edge: "hard" | "soft",
): void {
  const last = path.length - 1;
  const [ax, ay] = path[i]!;
  const [bx, by] = path[i + 1]!;
  const dx = bx - ax;
  const dy = by - ay;
  const lengthSquared = dx * dx + dy * dy || 1e-12;
  const [half0, half1] = [half(i / last), half((i + 1) / last)];
  const [strength0, strength1] = [strength(i / last), strength((i + 1) / last)];
  const toColumn = (x: number): number => (x - grid.left) * grid.scale - mask.x;
  const toRow = (y: number): number => (y - grid.top) * grid.scale - mask.y;
  const pad = reach * grid.scale;
  const x0 = Math.max(0, Math.floor(toColumn(Math.min(ax, bx)) - pad));
  const x1 = Math.min(mask.width, Math.ceil(toColumn(Math.max(ax, bx)) + pad));
  const y0 = Math.max(0, Math.floor(toRow(Math.min(ay, by)) - pad));
  const y1 = Math.min(mask.height, Math.ceil(toRow(Math.max(ay, by)) + pad));
  for (let row = y0; row < y1; row++) {
    const py = grid.top + (mask.y + row + 0.5) / grid.scale - ay;
    for (let column = x0; column < x1; column++) {
      const px = grid.left + (mask.x + column + 0.5) / grid.scale - ax;
      const t = clamp((px * dx + py * dy) / lengthSquared);
      const ex = px - t * dx;
      const ey = py - t * dy;
      const squared = ex * ex + ey * ey;
      if (squared > reach * reach) continue;
      const width = half0 + (half1 - half0) * t;
      const shape =
        edge === "soft"
          ? Math.exp(-squared / (width * width))
          : clamp((width - Math.sqrt(squared)) * grid.scale + 0.5);
      const value = shape * (strength0 + (strength1 - strength0) * t);
      const index = row * mask.width + column;
      if (value > mask.data[index]!) mask.data[index] = value;
    }
  }
}

/** An axis-parallel Gaussian spot with its value 1 in the middle; `rx`, `ry` are where it falls to 1/e. */
export function spot(grid: Grid, cx: number, cy: number, rx: number, ry: number): Mask {
  const reach = 2.3;
  const mask = emptyMask(
    grid,
    [
      [cx - reach * rx, cy - reach * ry],
      [cx + reach * rx, cy + reach * ry],
    ],
    0,
  );
  const across = new Float32Array(mask.width);
  for (let column = 0; column < mask.width; column++) {
    const d = (grid.left + (mask.x + column + 0.5) / grid.scale - cx) / rx;
    across[column] = Math.exp(-d * d);
  }
  for (let row = 0; row < mask.height; row++) {
    const d = (grid.top + (mask.y + row + 0.5) / grid.scale - cy) / ry;
    const down = Math.exp(-d * d);
    for (let column = 0; column < mask.width; column++) {
      mask.data[row * mask.width + column] = down * across[column]!;
    }
  }
  return mask;
}

/** A filled ellipse with an edge one texel wide. */
export function ellipse(grid: Grid, cx: number, cy: number, rx: number, ry: number): Mask {
  const points = Array.from({ length: 24 }, (_, i): Point => {
    const angle = (i / 24) * 2 * Math.PI;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
  return fillPolygon(grid, points);
}

/** The mask blurred by two box passes of the given radius (in units); use a mask with room around it. */
export function blurMask(grid: Grid, mask: Mask, radius: number): Mask {
  const data = Float32Array.from(mask.data);
  boxBlur(data, mask.width, mask.height, Math.round(radius * grid.scale), 2);
  return { ...mask, data };
}

/** The product of two masks, over the first one's rectangle. */
export function intersect(mask: Mask, other: Mask): Mask {
  const data = new Float32Array(mask.data.length);
  for (let row = 0; row < mask.height; row++) {
    const otherRow = mask.y + row - other.y;
    if (otherRow < 0 || otherRow >= other.height) continue;
    for (let column = 0; column < mask.width; column++) {
      const otherColumn = mask.x + column - other.x;
      if (otherColumn < 0 || otherColumn >= other.width) continue;
      const index = row * mask.width + column;
      data[index] = mask.data[index]! * other.data[otherRow * other.width + otherColumn]!;
    }
  }
  return { ...mask, data };
}

/** Adds a mask times `amount` to a plane over the grid. */
export function addMask(plane: Float32Array, grid: Grid, mask: Mask, amount: number): void {
  for (let row = 0; row < mask.height; row++) {
    const from = row * mask.width;
    const to = (mask.y + row) * grid.width + mask.x;
    for (let column = 0; column < mask.width; column++)
      plane[to + column]! += amount * mask.data[from + column]!;
  }
}

/** Blends planes towards `colour` (one number a plane) through a mask. */
export function paint(
  planes: readonly Float32Array[],
  grid: Grid,
  mask: Mask,
  colour: readonly number[],
  opacity = 1,
): void {
  for (let row = 0; row < mask.height; row++) {
    const from = row * mask.width;
    const to = (mask.y + row) * grid.width + mask.x;
    for (let column = 0; column < mask.width; column++) {
      const alpha = mask.data[from + column]! * opacity;
      if (alpha <= 0) continue;
      for (let p = 0; p < planes.length; p++) {
        const plane = planes[p]!;
        plane[to + column]! += (colour[p]! - plane[to + column]!) * alpha;
      }
    }
  }
}

/** Multiplies planes by 1 + (factor - 1) x mask. */
export function tint(
  planes: readonly Float32Array[],
  grid: Grid,
  mask: Mask,
  factors: readonly number[],
): void {
  for (let row = 0; row < mask.height; row++) {
    const from = row * mask.width;
    const to = (mask.y + row) * grid.width + mask.x;
    for (let column = 0; column < mask.width; column++) {
      const value = mask.data[from + column]!;
      if (value === 0) continue;
      for (let p = 0; p < planes.length; p++) planes[p]![to + column]! *= 1 + (factors[p]! - 1) * value;
    }
  }
}

function emptyMask(grid: Grid, points: readonly Point[], margin: number): Mask {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const x = clamp(Math.floor((left - grid.left) * grid.scale) - margin, 0, grid.width);
  const y = clamp(Math.floor((top - grid.top) * grid.scale) - margin, 0, grid.height);
  const width = Math.max(0, clamp(Math.ceil((right - grid.left) * grid.scale) + margin, 0, grid.width) - x);
  const height = Math.max(0, clamp(Math.ceil((bottom - grid.top) * grid.scale) + margin, 0, grid.height) - y);
  return { x, y, width, height, data: new Float32Array(width * height) };
}

/** Box filter of width 2 x radius + 1 along both axes, `passes` times, edges repeated; in place. */
export function boxBlur(
  data: Float32Array,
  width: number,
  height: number,
  radius: number,
  passes: number,
): void {
  if (radius < 1 || width < 1 || height < 1) return;
  const line = new Float32Array(Math.max(width, height));
  for (let pass = 0; pass < passes; pass++) {
    for (let y = 0; y < height; y++) blurLine(data, y * width, 1, width, radius, line);
    for (let x = 0; x < width; x++) blurLine(data, x, width, height, radius, line);
  }
}

function blurLine(
  data: Float32Array,
  start: number,
  stride: number,
  length: number,
  radius: number,
  line: Float32Array,
): void {
  for (let i = 0; i < length; i++) line[i] = data[start + i * stride]!;
  const last = length - 1;
  const weight = 1 / (2 * radius + 1);
  let sum = line[0]! * (radius + 1);
  for (let i = 1; i <= radius; i++) sum += line[Math.min(i, last)]!;
  for (let i = 0; i < length; i++) {
    data[start + i * stride] = sum * weight;
    sum += line[Math.min(i + radius + 1, last)]! - line[Math.max(i - radius, 0)]!;
  }
}
