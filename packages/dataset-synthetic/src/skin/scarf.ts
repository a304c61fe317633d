import { mixRgb, type Rgb } from "../base/colour.ts";
import { clamp, lerp, smoothstep } from "../base/math.ts";
import { noise } from "../base/noise.ts";
import type { HeadSurface } from "../face/head-surface.ts";
import type { Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

/** Height of a scarf's edge at u: `reach` 0 leaves the chin free, 1 touches the lower lip. */
function scarfEdge(head: HeadSurface, side: number, reach: number): (u: number) => number {
  const middle = head.chinY - lerp(0.02, 0.42, reach);
  return (u) => middle - 0.22 * u * u + 0.12 * side * u;
}

/** Wraps the chin in a scarf: on the skin's own maps, so that light falls on it as on the face. */
export function wrapScarf(
  layers: FaceLayers,
  head: HeadSurface,
  person: Identity,
  side: number,
  reach: number,
): void {
  const { grid, albedo, relief, gloss } = layers;
  const edge = scarfEdge(head, side, reach);
  const colour = scarfColour(person);
  const first = clamp(Math.floor((0.6 - grid.top) * grid.scale), 0, grid.height);
  for (let row = first; row < grid.height; row++) {
    const y = grid.top + (row + 0.5) / grid.scale;
    for (let column = 0; column < grid.width; column++) {
      const u = grid.left + (column + 0.5) / grid.scale;
      const below = y - edge(u);
      const i = row * grid.width + column;
      if (below < -0.12) continue;
      // A shadow on the skin just over the edge.
      const shade = below < 0 ? 1 - 0.4 * smoothstep(-0.12, 0, below) : 1;
      const cover = smoothstep(-0.012, 0.012, below);
      const fold = 0.6 + 0.7 * noise(u * 3 + person.texture, below * 8 + u * 1.5);
      for (let p = 0; p < 3; p++) {
        const plane = albedo[p]!;
        plane[i] = lerp(plane[i]! * shade, colour[p]! * fold, cover);
      }
      relief[i]! += cover * (0.09 * smoothstep(0, 0.08, below) + 0.07 * (fold - 0.9));
      gloss[i]! *= 1 - cover;
    }
  }
}

/** The scarf's colour, for the part of it around the neck. */
export function scarfColour(person: Identity): Rgb {
  return mixRgb(person.clothes.second, [0.3, 0.27, 0.25], 0.25);
}
