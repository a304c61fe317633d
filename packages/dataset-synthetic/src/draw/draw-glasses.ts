import { type Rgb, scaleRgb } from "../base/colour.ts";
import { clamp, type Point } from "../base/math.ts";
import type { HeadSurface } from "../face/head-surface.ts";
import type { Identity } from "../identity.ts";
import type { Projection } from "./camera.ts";
import { blend, type Canvas, type Fragment } from "./canvas.ts";
import { drawTube, type Vertex } from "./tube.ts";

/** Glasses on a nose: spectacles that belong to the person, or sunglasses of the moment. */
export interface Eyewear {
  readonly frame: Rgb;
  /** Half thickness of the rim in face units. */
  readonly rim: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
  /** Superellipse exponent of the lens: 2 round, 4 rectangular. */
  readonly power: number;
  /** Share of light the lens keeps back. */
  readonly tint: number;
}

export function spectacles(person: Identity): Eyewear | undefined {
  const { style, colour, size } = person.glasses;
  switch (style) {
    case "none":
      return undefined;
    case "round":
      return {
        frame: colour,
        rim: 0.022,
        halfWidth: 0.36 * size,
        halfHeight: 0.33 * size,
        power: 2.2,
        tint: 0.06,
      };
    case "rectangular":
      return {
        frame: colour,
        rim: 0.034,
        halfWidth: 0.4 * size,
        halfHeight: 0.26 * size,
        power: 4.5,
        tint: 0.06,
      };
    case "thin":
      return {
        frame: colour,
        rim: 0.012,
        halfWidth: 0.38 * size,
        halfHeight: 0.26 * size,
        power: 3,
        tint: 0.04,
      };
  }
}

export function sunglasses(colour: Rgb): Eyewear {
  return { frame: colour, rim: 0.03, halfWidth: 0.42, halfHeight: 0.31, power: 3, tint: 0.9 };
}

const LENS_Y = 0.04;
const LENS_Z = 0.3;
const OUTLINE_STEPS = 40;

/** Draws glasses over the face, and their arms back to the ears where nothing hides them. */
export function drawGlasses(
  canvas: Canvas,
  eyewear: Eyewear,
  person: Identity,
  head: HeadSurface,
  frame: Projection,
  keyX: number,
): void {
  const centre = person.eyes.spacing + 0.03;
  const half = Math.max(eyewear.rim * unitLength(frame), 0.6);
  for (const sign of [-1, 1]) {
    const outline = Array.from({ length: OUTLINE_STEPS + 1 }, (_, i) => {
      const angle = (i / OUTLINE_STEPS) * 2 * Math.PI;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const power = 2 / eyewear.power;
      const x = sign * centre + eyewear.halfWidth * Math.sign(c) * Math.abs(c) ** power;
      // Lenses lie a little back at the temples.
      return frame.project(
        x,
        LENS_Y + eyewear.halfHeight * Math.sign(s) * Math.abs(s) ** power,
        LENS_Z - 0.12 * x * x,
      );
    });
    drawLens(canvas, outline, eyewear, keyX);
    drawTube(canvas, outline, () => half, eyewear.frame);
    const hinge: Vertex = frame.project(sign * (centre + eyewear.halfWidth), LENS_Y - 0.08, LENS_Z - 0.14);
    const temple: Vertex = frame.project(sign * (head.halfWidth(0) + 0.03), LENS_Y - 0.05, -0.35);
    const ear: Vertex = frame.project(sign * (head.halfWidth(0) + 0.04), LENS_Y, -1);
    drawTube(canvas, [hinge, temple, ear], () => half, eyewear.frame, { tested: true });
  }
  const inner = centre - eyewear.halfWidth;
  const bridge = [-1, -0.5, 0, 0.5, 1].map((t) =>
    frame.project(t * inner * 1.04, LENS_Y - 0.09 - 0.05 * (1 - t * t), LENS_Z + 0.06),
  );
  drawTube(canvas, bridge, () => half, eyewear.frame);
}

/** Pixels per face unit, roughly. */
function unitLength(frame: Projection): number {
  const [x0, y0] = frame.project(0, 0, 0);
  const [x1, y1] = frame.project(0, 1, 0);
  return Math.hypot(x1 - x0, y1 - y0);
}

function drawLens(canvas: Canvas, outline: readonly Vertex[], eyewear: Eyewear, keyX: number): void {
  const points = outline.map(([x, y]): Point => [x, y]);
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const dark = scaleRgb(eyewear.frame, 0.4);
  const fragment: Fragment = { red: 0, green: 0, blue: 0, alpha: 0 };
  for (let y = Math.max(0, Math.floor(top)); y <= Math.min(canvas.height - 1, bottom); y++) {
    for (let x = Math.max(0, Math.floor(left)); x <= Math.min(canvas.width - 1, right); x++) {
      if (!isInside(points, x + 0.5, y + 0.5)) continue;
      const i = y * canvas.width + x;
      const down = (y - top) / (bottom - top || 1);
      const across = (x - left) / (right - left || 1);
      // A window's reflection: a slanted band on the side of the light.
      const band = clamp(1 - Math.abs(across - 0.5 - 0.25 * Math.sign(keyX) + 0.35 * (down - 0.5)) * 7);
      const glare = (eyewear.tint > 0.5 ? 0.16 : 0.05) * band * (1 - down);
      fragment.alpha = eyewear.tint * (eyewear.tint > 0.5 ? 1.08 - 0.16 * down : 1);
      fragment.red = dark[0];
      fragment.green = dark[1];
      fragment.blue = dark[2];
      blend(canvas, i, fragment, canvas.depth[i]!);
      fragment.alpha = glare;
      fragment.red = 1;
      fragment.green = 1;
      fragment.blue = 1;
      blend(canvas, i, fragment, canvas.depth[i]!);
    }
  }
}

function isInside(points: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const [xi, yi] = points[i]!;
    const [xj, yj] = points[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
