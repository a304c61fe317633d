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
  const cx = clamp((u - grid.left) * grid.scale - 0.5, 0, grid.width - 1.001);
  const cy = clamp((y - grid.top) * grid.scale - 0.5, 0, grid.height - 1.001);
  const column = Math.floor(cx);
  const row = Math.floor(cy);
  const i = row * grid.width + column;
  return blendTexels(plane, i, i + grid.width, cx - column, cy - row);
}

/** The same of three planes at once, into `out`. */
export function sampleColour(
  planes: readonly [Float32Array, Float32Array, Float32Array],
  grid: Grid,
  u: number,
  y: number,
  out: [number, number, number],
): void {
  const cx = clamp((u - grid.left) * grid.scale - 0.5, 0, grid.width - 1.001);
  const cy = clamp((y - grid.top) * grid.scale - 0.5, 0, grid.height - 1.001);
  const column = Math.floor(cx);
  const row = Math.floor(cy);
  const i = row * grid.width + column;
  const j = i + grid.width;
  out[0] = blendTexels(planes[0], i, j, cx - column, cy - row);
  out[1] = blendTexels(planes[1], i, j, cx - column, cy - row);
  out[2] = blendTexels(planes[2], i, j, cx - column, cy - row);
}

function blendTexels(plane: Float32Array, i: number, j: number, tx: number, ty: number): number {
  const top = plane[i]! + (plane[i + 1]! - plane[i]!) * tx;
  const bottom = plane[j]! + (plane[j + 1]! - plane[j]!) * tx;
  return top + (bottom - top) * ty;
}
