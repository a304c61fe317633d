import { createRandom, uniform } from "@fer-bench/artifacts";
import { hex, mixRgb, scaleRgb } from "../base/colour.ts";
import { smoothstep } from "../base/math.ts";
import { noise } from "../base/noise.ts";
import { addMask, ellipse, paint, spot, strokePath, tint } from "../base/raster.ts";
import type { FaceShape } from "../face/face-shape.ts";
import { SIDES, SIGN } from "../face/sides.ts";
import type { Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

/** Colour of the skin: blush, eye sockets, nostrils, freckles and moles, and its fine unevenness. */
export function paintSkin(layers: FaceLayers, face: FaceShape, person: Identity): void {
  paintComplexion(layers, face, person);
  paintSpots(layers, person);
  paintNose(layers, face, person);
}

function paintComplexion({ grid, albedo, gloss }: FaceLayers, face: FaceShape, person: Identity): void {
  const { blush, depth } = person.skin;
  const red = [1 + 0.04 * blush, 1 - 0.2 * blush * (1 - 0.5 * depth), 1 - 0.2 * blush * (1 - 0.5 * depth)];
  const socket = [0.9, 0.82 - 0.08 * person.eyes.bags, 0.82 - 0.04 * person.eyes.bags];
  for (const [i, side] of SIDES.entries()) {
    const sign = SIGN[side];
    tint(albedo, grid, spot(grid, sign * 0.62, 0.62 - 0.08 * face.cheeks[i]!, 0.3, 0.24), red);
    tint(albedo, grid, spot(grid, sign * person.eyes.spacing, -0.02, 0.34, 0.2), socket);
    tint(albedo, grid, spot(grid, sign * 0.33, 0.08, 0.14, 0.1), socket);
    addMask(gloss, grid, spot(grid, sign * 0.66, 0.42, 0.22, 0.14), 0.35);
  }
  tint(albedo, grid, spot(grid, 0, face.nose.tipY, 0.22, 0.2), red);
  addMask(gloss, grid, spot(grid, 0, face.nose.tipY - 0.02, 0.12, 0.12), 0.8);
  addMask(gloss, grid, spot(grid, 0, 0.2, 0.08, 0.3), 0.35);
  addMask(gloss, grid, spot(grid, 0, -0.6, 0.5, 0.25), 0.3);
  const rough = 0.05 + 0.05 * person.age;
  for (let row = 0; row < grid.height; row++) {
    const y = (row / grid.scale) * 9;
    for (let column = 0; column < grid.width; column++) {
      const x = (column / grid.scale) * 9 + person.texture;
      const mottle = 1 + rough * (noise(x, y) + 0.7 * noise(x * 3.1, y * 3.1) - 0.85);
      const index = row * grid.width + column;
      albedo[0][index]! *= 1 + 0.5 * (mottle - 1);
      albedo[1][index]! *= mottle;
      albedo[2][index]! *= mottle;
    }
  }
}

function paintSpots({ grid, albedo }: FaceLayers, person: Identity): void {
  const random = createRandom("skin", person.subject, Math.round(person.texture * 1000));
  const brown = [0.72, 0.56, 0.5];
  for (let i = 0; i < 46 * person.skin.freckles; i++) {
    const x = uniform(random, -0.85, 0.85);
    const y = 0.45 + 0.3 * (random.next() + random.next() - 1);
    const r = uniform(random, 0.012, 0.024);
    tint(albedo, grid, spot(grid, x, y, r, r), brown);
  }
  const aged = smoothstep(0.6, 1, person.age);
  for (let i = 0; i < 7 * aged; i++) {
    const x = uniform(random, -0.95, 0.95);
    const y = uniform(random, -0.8, 0.8);
    const r = uniform(random, 0.025, 0.05);
    tint(albedo, grid, spot(grid, x, y, r, r * 0.8), [0.86, 0.74, 0.68]);
  }
  for (const [x, y] of person.skin.moles) {
    paint(albedo, grid, ellipse(grid, x, y, 0.02, 0.02), scaleRgb(person.skin.colour, 0.3), 0.85);
  }
}

function paintNose({ grid, albedo, gloss }: FaceLayers, { nose }: FaceShape, person: Identity): void {
  const dark = scaleRgb(mixRgb(person.skin.colour, hex("#3a0f0c"), 0.75), 0.35);
  const crease = [0.6, 0.45, 0.42];
  for (const side of SIDES) {
    const sign = SIGN[side];
    const x = sign * nose.halfWidth * 0.5;
    const y = nose.baseY - 0.025;
    const nostril = strokePath(
      grid,
      [
        [x - sign * 0.055, y + 0.018],
        [x, y - 0.012],
        [x + sign * 0.05, y - 0.008],
      ],
      (t) => 0.026 + 0.012 * t,
      () => 1,
      "soft",
    );
    paint(albedo, grid, nostril, dark, 0.95);
    addMask(gloss, grid, nostril, -person.skin.gloss);
    const wing = strokePath(
      grid,
      [
        [sign * (nose.halfWidth - 0.02), nose.wingY - 0.1],
        [sign * (nose.halfWidth + 0.02), nose.wingY],
        [sign * (nose.halfWidth - 0.01), nose.wingY + 0.08],
        [sign * (nose.halfWidth - 0.1), nose.baseY],
      ],
      () => 0.022,
      (t) => 0.75 * Math.sin(Math.PI * (0.1 + 0.8 * t)),
      "soft",
    );
    tint(albedo, grid, wing, crease);
  }
  const under = strokePath(
    grid,
    [
      [-nose.halfWidth * 0.7, nose.baseY - 0.02],
      [0, nose.baseY + 0.012],
      [nose.halfWidth * 0.7, nose.baseY - 0.02],
    ],
    () => 0.03,
    () => 0.55,
    "soft",
  );
  tint(albedo, grid, under, crease);
}
