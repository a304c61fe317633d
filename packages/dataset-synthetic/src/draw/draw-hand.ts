import { clamp, lerp, type Point, smoothstep } from "../base/math.ts";
import { noise } from "../base/noise.ts";
import type { FaceShape } from "../face/face-shape.ts";
import type { Identity } from "../identity.ts";
import type { Occluder } from "../occluder.ts";
import type { Projection } from "./camera.ts";
import { blend, type Canvas, type Fragment } from "./canvas.ts";
import { irradiance, type Light, SKIN_WRAP } from "./light.ts";

interface Capsule {
  readonly a: Point;
  readonly b: Point;
  readonly radiusA: number;
  readonly radiusB: number;
  /** Height of the axis over the picture: what is higher hides what is lower. */
  readonly height: number;
  /** Capsules of one limb run into each other without a fold. */
  readonly limb: number;
}

const THUMB = 4;
const PALM = 5;

/** Draws a hand with its fingers along a cheek, or closed under the chin. */
export function drawHand(
  canvas: Canvas,
  occluder: Extract<Occluder, { side: number }>,
  person: Identity,
  face: FaceShape,
  frame: Projection,
  light: Light,
): void {
  const [x0, y0] = frame.project(0, 0, 0.2);
  const [x1, y1] = frame.project(0, 1, 0.2);
  const unit = Math.hypot(x1 - x0, y1 - y0);
  const at = (x: number, y: number): Point => {
    const [px, py] = frame.project(x, y, 0.2);
    return [px, py];
  };
  const capsules =
    occluder.kind === "hand-cheek" ? cheekHand(occluder, face, at) : chinHand(occluder, face, at);
  drawCapsules(canvas, capsules, unit, person, light);
}

function cheekHand(
  { side, reach }: { side: number; reach: number },
  face: FaceShape,
  at: (x: number, y: number) => Point,
): Capsule[] {
  const edge = face.head.halfWidth(0.9);
  const inward = lerp(0.05, 0.34, reach);
  const capsules: Capsule[] = [];
  const knuckleY = lerp(1.75, 1.45, reach);
  for (let finger = 0; finger < 4; finger++) {
    const x = side * (edge + 0.22 - inward - 0.23 * finger + 0.3);
    const top = knuckleY - [0.72, 0.98, 1.02, 0.86][3 - finger]! * lerp(0.85, 1, reach);
    const bend: Point = at(x - side * 0.04, lerp(knuckleY, top, 0.5));
    capsules.push(
      {
        a: at(x + side * 0.03, knuckleY),
        b: bend,
        radiusA: 0.135,
        radiusB: 0.122,
        height: 0.1 - 0.02 * finger,
        limb: finger,
      },
      {
        a: bend,
        b: at(x - side * (0.05 + 0.02 * finger), top),
        radiusA: 0.122,
        radiusB: 0.1,
        height: 0.1 - 0.02 * finger,
        limb: finger,
      },
    );
  }
  const palmX = side * (edge + 0.17 - inward);
  capsules.push(
    {
      a: at(palmX - side * 0.2, knuckleY + 0.12),
      b: at(palmX + side * 0.05, knuckleY + 0.75),
      radiusA: 0.27,
      radiusB: 0.3,
      height: -0.05,
      limb: PALM,
    },
    {
      a: at(palmX + side * 0.28, knuckleY + 0.12),
      b: at(palmX + side * 0.25, knuckleY + 0.75),
      radiusA: 0.27,
      radiusB: 0.3,
      height: -0.05,
      limb: PALM,
    },
    {
      a: at(palmX + side * 0.15, knuckleY + 0.7),
      b: at(palmX + side * 0.4, knuckleY + 2.6),
      radiusA: 0.36,
      radiusB: 0.44,
      height: -0.1,
      limb: PALM,
    },
  );
  return capsules;
}

function chinHand(
  { side, reach }: { side: number; reach: number },
  face: FaceShape,
  at: (x: number, y: number) => Point,
): Capsule[] {
  const y = face.head.chinY - lerp(-0.08, 0.2, reach);
  const capsules: Capsule[] = [];
  for (let finger = 0; finger < 4; finger++) {
    const x = side * (-0.3 + 0.24 * finger);
    const lift = 0.05 * Math.sin((finger / 3) * Math.PI) + 0.03 * (3 - finger);
    capsules.push({
      a: at(x, y - lift + 0.02),
      b: at(x + side * 0.06, y - lift + 0.34),
      radiusA: 0.13,
      radiusB: 0.125,
      height: 0.14 - 0.015 * finger,
      limb: finger,
    });
  }
  capsules.push(
    {
      a: at(-side * 0.3, y + 0.42),
      b: at(side * 0.5, y + 0.4),
      radiusA: 0.24,
      radiusB: 0.3,
      height: 0,
      limb: PALM,
    },
    {
      a: at(side * 0.1, y + 0.62),
      b: at(side * 0.5, y + 0.62),
      radiusA: 0.3,
      radiusB: 0.32,
      height: -0.05,
      limb: PALM,
    },
    {
      a: at(side * 0.36, y + 0.6),
      b: at(side * 0.9, y + 2.6),
      radiusA: 0.36,
      radiusB: 0.46,
      height: -0.1,
      limb: PALM,
    },
    // The thumb, along the jaw.
    {
      a: at(-side * 0.36, y + 0.3),
      b: at(-side * 0.52, y - 0.12),
      radiusA: 0.15,
      radiusB: 0.11,
      height: 0.06,
      limb: THUMB,
    },
  );
  return capsules;
}

function drawCapsules(
  canvas: Canvas,
  capsules: readonly Capsule[],
  unit: number,
  person: Identity,
  light: Light,
): void {
  const xs = capsules.flatMap(({ a, b }) => [a[0], b[0]]);
  const ys = capsules.flatMap(({ a, b }) => [a[1], b[1]]);
  const pad = 0.5 * unit;
  const x0 = clamp(Math.floor(Math.min(...xs) - pad), 0, canvas.width);
  const x1 = clamp(Math.ceil(Math.max(...xs) + pad), 0, canvas.width);
  const y0 = clamp(Math.floor(Math.min(...ys) - pad), 0, canvas.height);
  const y1 = clamp(Math.ceil(Math.max(...ys) + pad), 0, canvas.height);
  const local = { ...light, viewer: [0, 0, 1], half: [0, 0, 1], up: [0, -1, 0] } as const;
  const lit: [number, number, number] = [0, 0, 0];
  const fragment: Fragment = { red: 0, green: 0, blue: 0, alpha: 1 };
  const [red, green, blue] = person.skin.colour;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      let top = Number.NEGATIVE_INFINITY;
      let topLimb = -1;
      let second = Number.NEGATIVE_INFINITY;
      let edge = -1;
      let [nx, ny, nz] = [0, 0, 1];
      for (const { a, b, radiusA, radiusB, height, limb } of capsules) {
        const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
        const t = clamp(((x + 0.5 - a[0]) * dx + (y + 0.5 - a[1]) * dy) / (dx * dx + dy * dy || 1e-9));
        const ex = x + 0.5 - a[0] - t * dx;
        const ey = y + 0.5 - a[1] - t * dy;
        const radius = lerp(radiusA, radiusB, t) * unit;
        const squared = radius * radius - ex * ex - ey * ey;
        edge = Math.max(edge, radius - Math.sqrt(ex * ex + ey * ey));
        if (squared <= 0) continue;
        const rise = Math.sqrt(squared);
        const z = height * unit + rise;
        if (z <= top) {
          if (limb !== topLimb) second = Math.max(second, z);
          continue;
        }
        if (limb !== topLimb) second = top;
        top = z;
        topLimb = limb;
        [nx, ny, nz] = [ex / radius, ey / radius, rise / radius];
      }
      if (edge <= -0.5) continue;
      // Where two fingers touch it is dark.
      const between = second > Number.NEGATIVE_INFINITY ? smoothstep(0, 0.09 * unit, top - second) : 1;
      irradiance(lit, local, nx, ny, nz, lerp(0.45, 1, between), lerp(0.5, 1, between), SKIN_WRAP);
      const crease = 0.93 + 0.14 * noise(x * 0.09 + person.texture, y * 0.09);
      fragment.red = red * lit[0] * crease;
      fragment.green = green * lit[1] * crease * 0.94;
      fragment.blue = blue * lit[2] * crease * 0.93;
      fragment.alpha = clamp(edge + 0.5);
      blend(canvas, y * canvas.width + x, fragment, 5);
    }
  }
}
