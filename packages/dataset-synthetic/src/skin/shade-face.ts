import { clamp, smoothstep } from "../base/math.ts";
import { boxBlur } from "../base/raster.ts";
import { highlight, irradiance, type LocalLight, SKIN_WRAP } from "../draw/light.ts";
import { type HeadSurface, SECTION_END, sectionX, sectionZ } from "../face/head-surface.ts";
import type { FaceLayers } from "./face-layers.ts";

/** The skin's colour with light on it (linear), over the layers' grid. */
export type ShadedFace = readonly [Float32Array, Float32Array, Float32Array];

/** Strength of the highlight of skin. */
const SPECULAR = 0.055;

/** Lights the skin: normals from the relief, a soft cast shadow of the key light, occlusion in hollows. */
export function shadeFace(layers: FaceLayers, head: HeadSurface, light: LocalLight): ShadedFace {
  const { grid, albedo, gloss } = layers;
  const { width, height } = grid;
  const { xs, zs } = surfaceOf(layers, head);
  const open = openness(zs, width, height, grid.scale);
  const shadow = castShadow(zs, width, height, grid.scale, light);
  const out: [number, number, number] = [0, 0, 0];
  const [red, green, blue] = [0, 1, 2].map(() => new Float32Array(width * height)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let row = 0; row < height; row++) {
    const above = Math.max(row - 1, 0) * width;
    const below = Math.min(row + 1, height - 1) * width;
    const y = grid.top + (row + 0.5) / grid.scale;
    // Texels past the end of the skin are never looked at; one more on either side is blended in.
    const reach = head.halfWidth(y) * SECTION_END * grid.scale + 2;
    const first = Math.max(0, Math.floor(width / 2 - reach));
    const last = Math.min(width, Math.ceil(width / 2 + reach));
    const dy = (Math.min(row + 1, height - 1) - Math.max(row - 1, 0)) / grid.scale;
    for (let column = first; column < last; column++) {
      const i = row * width + column;
      const before = row * width + Math.max(column - 1, 0);
      const after = row * width + Math.min(column + 1, width - 1);
      const xu = xs[after]! - xs[before]!;
      const zu = zs[after]! - zs[before]!;
      const xy = (xs[below + column]! - xs[above + column]!) / dy;
      const zy = (zs[below + column]! - zs[above + column]!) / dy;
      // (dP/du) x (dP/dy) for P = (x, y, z).
      let nx = -zu;
      let ny = zu * xy - xu * zy;
      let nz = xu;
      const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
      nx /= length;
      ny /= length;
      nz /= length;
      irradiance(out, light, nx, ny, nz, shadow[i]!, open[i]!, SKIN_WRAP);
      const shine = SPECULAR * Math.max(0, gloss[i]!) * highlight(light, nx, ny, nz) * shadow[i]!;
      red[i] = albedo[0][i]! * out[0] + shine * light.keyColour[0];
      green[i] = albedo[1][i]! * out[1] + shine * light.keyColour[1];
      blue[i] = albedo[2][i]! * out[2] + shine * light.keyColour[2];
    }
  }
  return [red, green, blue];
}

/** Face coordinates x and z of every texel. */
function surfaceOf({ grid, relief }: FaceLayers, head: HeadSurface): { xs: Float32Array; zs: Float32Array } {
  const xs = new Float32Array(grid.width * grid.height);
  const zs = new Float32Array(grid.width * grid.height);
  for (let row = 0; row < grid.height; row++) {
    const y = grid.top + (row + 0.5) / grid.scale;
    const half = Math.max(head.halfWidth(y), 0.02);
    const front = head.frontZ(y);
    const side = head.sideZ(y);
    for (let column = 0; column < grid.width; column++) {
      const v = (grid.left + (column + 0.5) / grid.scale) / half;
      const sx = sectionX(v);
      const sz = sectionZ(v);
      const length = Math.sqrt(sx * sx + sz * sz) || 1;
      const i = row * grid.width + column;
      xs[i] = half * sx + (relief[i]! * sx) / length;
      zs[i] = side + (front - side) * sz + (relief[i]! * sz) / length;
    }
  }
  return { xs, zs };
}

/** 1 in the open, less in hollows: how far the surface lies below its surroundings at two distances. */
function openness(zs: Float32Array, width: number, height: number, scale: number): Float32Array {
  const near = Float32Array.from(zs);
  const far = Float32Array.from(zs);
  boxBlur(near, width, height, Math.round(0.045 * scale), 2);
  boxBlur(far, width, height, Math.round(0.14 * scale), 2);
  const open = new Float32Array(zs.length);
  for (let i = 0; i < zs.length; i++) {
    const hollow = 5 * Math.max(0, near[i]! - zs[i]!) + 2.4 * Math.max(0, far[i]! - zs[i]!);
    open[i] = 1 / (1 + 1.8 * hollow);
  }
  return open;
}

/** Shadow maps are made on every third texel. */
const COARSE = 3;
const MARCH_STEPS = 11;

/** What of the key light gets past the rest of the face, 0 to 1, by marching towards it over the relief. */
function castShadow(
  zs: Float32Array,
  width: number,
  height: number,
  scale: number,
  light: LocalLight,
): Float32Array {
  const [lx, ly, lz] = light.key;
  const w = Math.ceil(width / COARSE);
  const h = Math.ceil(height / COARSE);
  const coarse = new Float32Array(w * h);
  for (let row = 0; row < h; row++) {
    for (let column = 0; column < w; column++) {
      const x = Math.min(column * COARSE + 1, width - 1);
      const y = Math.min(row * COARSE + 1, height - 1);
      const z = zs[y * width + x]!;
      let steepest = -1;
      let t = 0.07;
      for (let step = 0; step < MARCH_STEPS; step++, t *= 1.24) {
        const px = Math.round(x + lx * t * scale);
        const py = Math.round(y + ly * t * scale);
        if (px < 0 || px >= width || py < 0 || py >= height) break;
        const over = (zs[py * width + px]! - z - lz * t) / t;
        if (over > steepest) steepest = over;
      }
      coarse[row * w + column] = 1 - 0.92 * smoothstep(-0.12, 0.28, steepest);
    }
  }
  boxBlur(coarse, w, h, 1, 1);
  const shadow = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const fy = clamp((row - 1) / COARSE, 0, h - 1.001);
    const y0 = Math.floor(fy);
    const ty = fy - y0;
    for (let column = 0; column < width; column++) {
      const fx = clamp((column - 1) / COARSE, 0, w - 1.001);
      const x0 = Math.floor(fx);
      const tx = fx - x0;
      const i = y0 * w + x0;
      const top = coarse[i]! + (coarse[i + 1]! - coarse[i]!) * tx;
      const bottom = coarse[i + w]! + (coarse[i + w + 1]! - coarse[i + w]!) * tx;
      shadow[row * width + column] = top + (bottom - top) * ty;
    }
  }
  return shadow;
}
