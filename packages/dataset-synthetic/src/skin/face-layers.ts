import type { Rgb } from "../base/colour.ts";
import { clamp } from "../base/math.ts";
import type { Grid } from "../base/raster.ts";
import { type HeadSurface, SECTION_END } from "../face/head-surface.ts";

/** The skin's maps over a grid of (u, y): what is painted before light falls on it. */
export interface FaceLayers {
  readonly grid: Grid;
  /** Linear reflectance: red, green, blue. */
  readonly albedo: readonly [Float32Array, Float32Array, Float32Array];
  /** Height over the head's sections, in face units. */
  readonly relief: Float32Array;
  /** Strength of the highlight; about 1 on skin. */
  readonly gloss: Float32Array;
}

/** Empty maps for a head, `scale` texels a unit, filled with one colour. */
export function createFaceLayers(head: HeadSurface, scale: number, colour: Rgb, gloss: number): FaceLayers {
  let widest = 0;
  for (let y = head.crownY; y < head.chinY; y += 0.05) widest = Math.max(widest, head.halfWidth(y));
  const half = widest * SECTION_END;
  const grid: Grid = {
    left: -half,
    top: head.crownY,
    scale,
    width: Math.ceil(2 * half * scale),
    height: Math.ceil((head.chinY - head.crownY) * scale),
  };
  const size = grid.width * grid.height;
  return {
    grid,
    albedo: [
      new Float32Array(size).fill(colour[0]),
      new Float32Array(size).fill(colour[1]),
      new Float32Array(size).fill(colour[2]),
    ],
    relief: new Float32Array(size),
    gloss: new Float32Array(size).fill(gloss),
  };
}

/** Value of a plane at (u, y), blended between the four nearest texels; edges repeated. */
export function samplePlane(plane: Float32Array, grid: Grid, u: number, y: number): number {
  const out = [0];
  samplePlanes([plane], grid, u, y, out);
  return out[0]!;
}

/** The same of several planes at once, into `out`. */
export function samplePlanes(
  planes: readonly Float32Array[],
  grid: Grid,
  u: number,
  y: number,
  out: number[],
): void {
  const fx = (u - grid.left) * grid.scale - 0.5;
  const fy = (y - grid.top) * grid.scale - 0.5;
  const cx = clamp(fx, 0, grid.width - 1.001);
  const cy = clamp(fy, 0, grid.height - 1.001);
  const x = Math.floor(cx);
  const row = Math.floor(cy) * grid.width;
  const tx = cx - x;
  const ty = cy - Math.floor(cy);
  const i = row + x;
  const j = i + grid.width;
  const [a, b, c, d] = [(1 - tx) * (1 - ty), tx * (1 - ty), (1 - tx) * ty, tx * ty];
  for (let p = 0; p < planes.length; p++) {
    const plane = planes[p]!;
    out[p] = a * plane[i]! + b * plane[i + 1]! + c * plane[j]! + d * plane[j + 1]!;
  }
}
