import { type Rgb, scaleRgb } from "../base/colour.ts";
import { clamp, smoothstep } from "../base/math.ts";
import type { Haircut } from "../draw/haircut.ts";
import { type HeadSurface, SECTION_POWER, SECTION_SIDE, sectionX } from "../face/head-surface.ts";
import type { Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

/** Darkens the skin beneath and beside the hair, and colours the scalp under thin hair. */
export function shadeScalp(layers: FaceLayers, cut: Haircut, head: HeadSurface, person: Identity): void {
  const { grid, albedo, gloss } = layers;
  const under: Rgb = cut.cloth ? scaleRgb(person.clothes.second, 0.5) : scaleRgb(person.hair.colour, 0.8);
  const step = 3;
  for (let row = 0; row < grid.height; row += step) {
    const y = grid.top + (row + step / 2) / grid.scale;
    const half = Math.max(head.halfWidth(y), 0.02);
    for (let column = 0; column < grid.width; column += step) {
      const v = (grid.left + (column + step / 2) / grid.scale) / half;
      // Past the widest point u goes on; a quarter turn is enough there.
      const angle =
        Math.abs(v) > SECTION_SIDE ? (Math.PI / 2) * Math.sign(v) : Math.asin(clampUnit(sectionX(v)));
      const inside = cut.inside(angle, y);
      if (inside < -0.22) continue;
      const near = smoothstep(-0.22, 0, inside);
      const covered = 0.85 * cut.opacity * smoothstep(0, 0.06, inside);
      for (let i = row; i < Math.min(row + step, grid.height); i++) {
        for (let j = column; j < Math.min(column + step, grid.width); j++) {
          const at = i * grid.width + j;
          for (let p = 0; p < 3; p++) {
            const plane = albedo[p]!;
            const shaded = plane[at]! * (1 - 0.34 * near);
            plane[at] = shaded + (under[p]! - shaded) * covered;
          }
          gloss[at]! *= 1 - 0.9 * covered;
        }
      }
    }
  }
}

function clampUnit(x: number): number {
  const power = Math.sign(x) * Math.abs(x) ** (SECTION_POWER / 2);
  return clamp(power, -1, 1);
}
