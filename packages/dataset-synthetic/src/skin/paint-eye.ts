import { hex, mixRgb, scaleRgb } from "../base/colour.ts";
import { clamp, lerp, type Point, pointAlong } from "../base/math.ts";
import {
  addMask,
  blurMask,
  ellipse,
  fillPolygon,
  intersect,
  type Mask,
  paint,
  spot,
  strokePath,
  tint,
} from "../base/raster.ts";
import type { EyeShape } from "../face/eye-shape.ts";
import type { Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

const SCLERA = hex("#d2cac4");
const PUPIL = hex("#070606");
const CARUNCLE = hex("#c98a80");

/** Eyeball, iris, lids and lashes. */
export function paintEye({ grid, albedo, gloss, relief }: FaceLayers, eye: EyeShape, person: Identity): void {
  const lash = mixRgb(hex("#120c09"), person.brows.colour, 0.2);
  const opening = fillPolygon(grid, [...eye.upper, ...[...eye.lower].reverse()], 2);
  const [ix, iy] = eye.iris;
  const r = eye.irisRadius;
  const inside = (mask: Mask): Mask => intersect(mask, opening);
  paint(albedo, grid, opening, SCLERA);
  addMask(gloss, grid, opening, 0.2);
  tint(albedo, grid, inside(spot(grid, eye.inner[0], eye.inner[1], 0.09, 0.07)), [0.92, 0.72, 0.7]);
  tint(albedo, grid, inside(spot(grid, eye.outer[0], eye.outer[1], 0.1, 0.07)), [0.8, 0.66, 0.64]);
  paint(
    albedo,
    grid,
    inside(ellipse(grid, eye.inner[0] + eye.sign * 0.022, eye.inner[1] - 0.004, 0.024, 0.02)),
    CARUNCLE,
  );
  paint(albedo, grid, inside(ellipse(grid, ix, iy, r, r)), scaleRgb(person.eyes.iris, 0.4));
  paint(albedo, grid, inside(ellipse(grid, ix, iy, r * 0.86, r * 0.86)), person.eyes.iris);
  paint(
    albedo,
    grid,
    inside(spot(grid, ix, iy + r * 0.45, r * 0.55, r * 0.4)),
    scaleRgb(person.eyes.iris, 2.1),
    0.55,
  );
  paint(albedo, grid, inside(ellipse(grid, ix, iy, r * 0.43, r * 0.43)), PUPIL);
  // The upper lid's shadow on the eyeball.
  const shadow = strokePath(
    grid,
    eye.upper,
    () => 0.045,
    () => 1,
    "soft",
  );
  tint(albedo, grid, inside(shadow), [0.36, 0.33, 0.33]);
  const glint = inside(ellipse(grid, ix - 0.034, iy - 0.036, 0.017, 0.017));
  paint(albedo, grid, glint, [1.3, 1.3, 1.3]);
  // The eyeball is a little behind the lids' rims.
  addMask(relief, grid, blurMask(grid, opening, 0.012), -0.02);

  const lashes = person.eyes.lashes;
  const upperLine = strokePath(
    grid,
    eye.upper,
    (t) => (0.009 + 0.012 * clamp(lashes)) * (1.15 - 0.7 * t) + 0.004,
    (t) => 0.95 - 0.35 * t ** 3,
    "hard",
  );
  paint(albedo, grid, upperLine, lash, 0.92);
  addMask(gloss, grid, upperLine, -0.6);
  if (lashes > 0.75) {
    const flick: Point = [eye.outer[0] + eye.sign * 0.05, eye.outer[1] - 0.045];
    const wing = strokePath(
      grid,
      [pointAlong(eye.upper, 0.12), eye.outer, flick],
      (t) => 0.014 * (1 - t) + 0.004,
      () => 0.8,
      "hard",
    );
    paint(albedo, grid, wing, lash, 0.9 * clamp((lashes - 0.75) * 4));
  }
  const lowerLine = strokePath(
    grid,
    eye.lower,
    () => 0.008,
    (t) => 0.75 - 0.45 * t,
    "hard",
  );
  paint(albedo, grid, lowerLine, mixRgb(lash, person.skin.colour, 0.25), 0.5 + 0.25 * clamp(lashes));
  const rim = strokePath(
    grid,
    eye.lower.map(([x, y]) => [x, y + 0.018] as const),
    () => 0.012,
    () => 0.35,
    "soft",
  );
  tint(albedo, grid, rim, [1.15, 0.95, 0.92]);
  const crease = strokePath(
    grid,
    eye.crease,
    () => 0.02,
    (t) => eye.creaseStrength * Math.sin(Math.PI * lerp(0.12, 0.95, t)) ** 0.6,
    "soft",
  );
  tint(albedo, grid, crease, [0.56, 0.44, 0.42]);
  addMask(relief, grid, crease, -0.02);
}
