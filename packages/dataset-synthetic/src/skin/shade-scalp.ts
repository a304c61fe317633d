import { type Rgb, scaleRgb } from "../base/colour.ts";
import { clamp, smoothstep } from "../base/math.ts";
import type { Grid } from "../base/raster.ts";
import type { Haircut } from "../draw/haircut.ts";
import { type HeadSurface, SECTION_POWER, SECTION_SIDE, sectionX } from "../face/head-surface.ts";
import type { Identity } from "../identity.ts";
import { type FaceLayers, samplePlane } from "./face-layers.ts";

/** The hair's edge is worked out on a grid this many times coarser. */
const COARSE = 4;
/** How far from the hair its shadow reaches on the skin. */
const SHADOW = 0.22;

/** Darkens the skin beneath and beside the hair, and colours the scalp under thin hair. */
export function shadeScalp(layers: FaceLayers, cut: Haircut, head: HeadSurface, person: Identity): void {
  const { grid, albedo, gloss } = layers;
  const under: Rgb = cut.cloth ? scaleRgb(person.clothes.second, 0.5) : scaleRgb(person.hair.colour, 0.8);
  const coarse: Grid = {
    ...grid,
    scale: grid.scale / COARSE,
    width: Math.ceil(grid.width / COARSE) + 1,
    height: Math.ceil(grid.height / COARSE) + 1,
  };
  const insides = insideOver(coarse, cut, head);
  for (let row = 0; row < grid.height; row++) {
    const y = grid.top + (row + 0.5) / grid.scale;
    // Below the sideburns hair hangs free of the skin.
    const rooted = 0.85 * cut.opacity * (1 - smoothstep(0.2, 0.45, y));
    for (let column = 0; column < grid.width; column++) {
      const inside = samplePlane(insides, coarse, grid.left + (column + 0.5) / grid.scale, y);
      if (inside < -SHADOW) continue;
      const shade = 1 - 0.34 * smoothstep(-SHADOW, 0, inside);
      const covered = rooted * smoothstep(0, 0.06, inside);
      const i = row * grid.width + column;
      for (let p = 0; p < 3; p++) {
        const shaded = albedo[p]![i]! * shade;
        albedo[p]![i] = shaded + (under[p]! - shaded) * covered;
      }
      gloss[i]! *= 1 - 0.9 * covered;
    }
  }
}

/** How far inside the hair each texel of a grid is. */
function insideOver(grid: Grid, cut: Haircut, head: HeadSurface): Float32Array {
  const insides = new Float32Array(grid.width * grid.height);
  for (let row = 0; row < grid.height; row++) {
    const y = grid.top + (row + 0.5) / grid.scale;
    const half = Math.max(head.halfWidth(y), 0.02);
    for (let column = 0; column < grid.width; column++) {
      const v = (grid.left + (column + 0.5) / grid.scale) / half;
      // Past the widest point u goes on; a quarter turn is enough there.
      const turn = clamp(Math.abs(sectionX(v)) ** (SECTION_POWER / 2));
      const angle = Math.sign(v) * (Math.abs(v) > SECTION_SIDE ? Math.PI / 2 : Math.asin(turn));
      insides[row * grid.width + column] = cut.inside(angle, y);
    }
  }
  return insides;
}
