import { profile } from "../base/math.ts";
import { fractalNoise } from "../base/noise.ts";
import { addMask, blurMask, fillPolygon, spot, strokePath, tint } from "../base/raster.ts";
import type { FaceShape } from "../face/face-shape.ts";
import { SIDES, SIGN } from "../face/sides.ts";
import type { Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

/** Raises nose, brows, cheeks, lips and chin, and cuts the folds, into the face's relief. */
export function sculpt(layers: FaceLayers, face: FaceShape, person: Identity): void {
  sculptNose(layers, face, person);
  sculptEyes(layers, face, person);
  sculptCheeks(layers, face, person);
  sculptMouth(layers, face);
  sculptChin(layers, face, person);
  cutCreases(layers, face);
}

function sculptNose({ grid, relief }: FaceLayers, { nose }: FaceShape, person: Identity): void {
  const { bridge, projection, tip } = person.nose;
  const { tipY, baseY } = nose;
  const height = profile([
    [-0.5, 0],
    [-0.42, 0.004],
    [-0.14, 0.08 * bridge],
    [0.04, 0.13 * bridge],
    [0.3, 0.25 * (0.5 + 0.5 * bridge)],
    [tipY - 0.1, 0.41 * projection],
    [tipY, 0.46 * projection],
    [tipY + 0.09, 0.39 * projection],
    [baseY - 0.02, 0.14],
    [baseY + 0.05, 0.01],
    [baseY + 0.08, 0],
  ]);
  const width = profile([
    [-0.3, 0.22],
    [-0.02, 0.135],
    [0.3, 0.165],
    [tipY - 0.12, 0.185 * tip],
    [tipY, 0.2 * tip],
    [baseY, 0.2],
  ]);
  const skirt = profile([
    [-0.4, 0],
    [-0.25, 0.002],
    [0.2, 0.05],
    [tipY, 0.1],
    [baseY, 0.03],
    [baseY + 0.05, 0.004],
    [baseY + 0.08, 0],
  ]);
  const first = Math.max(0, Math.floor((-0.5 - grid.top) * grid.scale));
  const last = Math.min(grid.height, Math.ceil((baseY + 0.08 - grid.top) * grid.scale));
  const middle = -grid.left * grid.scale;
  const reach = Math.ceil(0.95 * grid.scale);
  for (let row = first; row < last; row++) {
    const y = grid.top + (row + 0.5) / grid.scale;
    const [h, w, s] = [height(y), width(y), skirt(y)];
    for (let column = Math.floor(middle) - reach; column < middle + reach; column++) {
      const q = Math.abs((column + 0.5 - middle) / grid.scale) / w;
      relief[row * grid.width + column]! += h * Math.exp(-q * q) + s * Math.exp(-q * q * 0.2);
    }
  }
  addMask(relief, grid, spot(grid, 0, tipY, 0.12 * tip, 0.11), 0.05 * tip);
  for (const side of SIDES) {
    const x = SIGN[side] * (nose.halfWidth - 0.065);
    addMask(relief, grid, spot(grid, x, nose.wingY + 0.01, 0.095, 0.095), 0.17);
  }
}

function sculptEyes({ grid, relief }: FaceLayers, { eyes, brows }: FaceShape, person: Identity): void {
  const { depth, bags } = person.eyes;
  for (const eye of eyes) {
    const x = eye.sign * person.eyes.spacing;
    addMask(relief, grid, spot(grid, x, -0.04, 0.36, 0.24), -0.13 * depth);
    addMask(relief, grid, spot(grid, eye.sign * 0.2, -0.03, 0.13, 0.15), -0.06 * depth);
    addMask(relief, grid, spot(grid, x, -0.01, 0.24, 0.19), 0.12);
    addMask(relief, grid, spot(grid, x, 0.13, 0.2, 0.07), 0.025 * bags);
    const hood = strokePath(
      grid,
      eye.crease.map(([cx, cy]) => [cx, cy - 0.06]),
      () => 0.05,
      (t) => 1 - 0.5 * t,
      "soft",
    );
    addMask(relief, grid, hood, 0.03);
  }
  const ridge = 0.02 + 0.05 * person.ruggedness;
  for (const brow of brows) {
    const mask = strokePath(
      grid,
      brow.path.map(([x, y]) => [x, y + 0.03]),
      () => 0.12,
      (t) => 0.5 + 0.5 * t,
      "soft",
    );
    addMask(relief, grid, mask, ridge);
  }
  addMask(relief, grid, spot(grid, 0, -0.28, 0.2, 0.14), 0.3 * ridge);
}

function sculptCheeks({ grid, relief }: FaceLayers, { cheeks, mouth }: FaceShape, person: Identity): void {
  const { cheekbone, fullness } = person.head;
  const gaunt = 0.5 * person.age - 0.5 * fullness;
  for (const [i, side] of SIDES.entries()) {
    const sign = SIGN[side];
    const raise = cheeks[i]!;
    addMask(relief, grid, spot(grid, sign * 0.74, 0.38, 0.3, 0.2), 0.045 * cheekbone);
    addMask(
      relief,
      grid,
      spot(grid, sign * (0.58 + 0.03 * raise), 0.62 - 0.1 * raise, 0.27, 0.22),
      0.025 + 0.02 * fullness + 0.11 * raise,
    );
    addMask(relief, grid, spot(grid, sign * 0.72, 1.02, 0.2, 0.32), -0.04 * gaunt - 0.06 * mouth.jaw);
    addMask(relief, grid, spot(grid, sign * 0.92, -0.5, 0.2, 0.3), -0.035 - 0.03 * person.age);
  }
}

function sculptMouth({ grid, relief }: FaceLayers, { mouth, nose }: FaceShape): void {
  const middle = (mouth.left[1] + mouth.right[1]) / 2;
  addMask(relief, grid, spot(grid, 0, middle + 0.3 * mouth.jaw, 0.42, 0.3), 0.05);
  const upper = fillPolygon(grid, [...mouth.upperOuter, ...[...mouth.upperInner].reverse()], 6);
  const lower = fillPolygon(grid, [...mouth.lowerOuter, ...[...mouth.lowerInner].reverse()], 6);
  addMask(relief, grid, blurMask(grid, upper, 0.035), 0.055);
  addMask(relief, grid, blurMask(grid, lower, 0.045), 0.085);
  const philtrum = mouth.upperOuter[Math.floor(mouth.upperOuter.length / 2)]!;
  const groove = strokePath(
    grid,
    [[0, nose.baseY + 0.03], philtrum],
    () => 0.05,
    (t) => 0.5 + 0.5 * t,
    "soft",
  );
  addMask(relief, grid, groove, -0.028);
  for (const corner of [mouth.left, mouth.right]) {
    addMask(relief, grid, spot(grid, corner[0] * 1.06, corner[1], 0.07, 0.06), -0.035);
  }
}

function sculptChin({ grid, relief }: FaceLayers, face: FaceShape, person: Identity): void {
  const { chinY } = face.head;
  const y = chinY - 0.24;
  addMask(relief, grid, spot(grid, 0, y, 0.26, 0.17), 0.07 * person.head.chinBoss + 0.03 * face.chinTension);
  const lip = face.mouth.lowerOuter[Math.floor(face.mouth.lowerOuter.length / 2)]!;
  addMask(relief, grid, spot(grid, 0, lip[1] + 0.08, 0.24, 0.07), -0.045);
  if (face.chinTension < 0.05) return;
  const dimpled = spot(grid, 0, y - 0.02, 0.2, 0.14);
  for (let i = 0; i < dimpled.data.length; i++) {
    const row = Math.floor(i / dimpled.width);
    const [px, py] = [(i % dimpled.width) / grid.scale, row / grid.scale];
    dimpled.data[i]! *= fractalNoise(px * 22 + person.texture, py * 22);
  }
  addMask(relief, grid, dimpled, 0.045 * face.chinTension);
}

/** What is left of red, green and blue at the bottom of a deep fold, where light bounces off skin. */
const CREASE_SHADE = [0.7, 0.6, 0.58];

function cutCreases({ grid, relief, albedo }: FaceLayers, face: FaceShape): void {
  for (const { path, width, strength } of face.creases) {
    const fade = (t: number): number => Math.sin(Math.PI * (0.12 + 0.76 * t)) ** 0.8;
    const groove = strokePath(grid, path, () => width, fade, "soft");
    addMask(relief, grid, groove, -0.75 * width * strength);
    const narrow = strokePath(
      grid,
      path,
      () => width * 0.55,
      (t) => strength * fade(t),
      "soft",
    );
    tint(albedo, grid, narrow, CREASE_SHADE);
  }
}
