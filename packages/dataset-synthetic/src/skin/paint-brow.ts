import { createRandom, uniform } from "@fer-bench/artifacts";
import { scaleRgb } from "../base/colour.ts";
import { clamp, lerp, type Point, pointAlong } from "../base/math.ts";
import { addMask, paint, strokePath } from "../base/raster.ts";
import type { BrowShape } from "../face/brow-shape.ts";
import type { Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

/** Hairs in each brow, at full density. */
const BROW_HAIRS = 46;

/** A brow, hair by hair. */
export function paintBrow({ grid, albedo, gloss }: FaceLayers, brow: BrowShape, person: Identity): void {
  const { colour, density } = person.brows;
  const half = (t: number): number => {
    const x = clamp(t) * (brow.halfThickness.length - 1);
    const i = Math.min(Math.floor(x), brow.halfThickness.length - 2);
    return lerp(brow.halfThickness[i]!, brow.halfThickness[i + 1]!, x - i);
  };
  const body = strokePath(
    grid,
    brow.path,
    (t) => half(t) * 1.15,
    (t) => 0.85 - 0.3 * t ** 4,
    "soft",
  );
  paint(albedo, grid, body, colour, 0.3 + 0.5 * density);
  addMask(gloss, grid, body, -0.6);
  const random = createRandom("brow", person.subject, brow.sign, Math.round(person.texture * 1000));
  for (let i = 0; i < BROW_HAIRS * (0.5 + 0.5 * density); i++) {
    const t = 1 - random.next() ** 0.9;
    const across = uniform(random, -1, 1);
    const long = uniform(random, 0.06, 0.1) * (0.7 + 0.5 * t);
    const [x, y] = pointAlong(brow.path, t);
    const [ox, oy] = pointAlong(brow.path, clamp(t - 0.1));
    const [ux, uy] = [ox - x, oy - y];
    const length = Math.hypot(ux, uy) || 1;
    const root: Point = [x, y + across * half(t)];
    // Hairs lean outwards along the brow, and upwards the more the nearer they are to the nose.
    const rise = (0.15 + 0.9 * t ** 2) * (across > 0 ? 1 : 0.3) + 0.1 * uniform(random, -1, 1);
    const tip: Point = [root[0] + (ux / length) * long, root[1] + (uy / length) * long - rise * long];
    const hair = strokePath(
      grid,
      [root, tip],
      (s) => 0.011 * (1 - 0.6 * s),
      (s) => 0.75 - 0.35 * s,
      "hard",
    );
    paint(albedo, grid, hair, scaleRgb(colour, uniform(random, 0.55, 1.1)), 0.8);
  }
}
