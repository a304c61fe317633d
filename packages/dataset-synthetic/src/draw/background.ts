import { createRandom, randomInt, uniform } from "@fer-bench/artifacts";
import { hsv, mixRgb, type Rgb, scaleRgb } from "../base/colour.ts";
import { smoothstep } from "../base/math.ts";
import { noise } from "../base/noise.ts";
import type { Canvas } from "./canvas.ts";

/** Backgrounds are out of focus: they are made this many times smaller, and blown up. */
const COARSE = 8;

/** Colour at (x, y), both 0 to 1 over the picture. */
type Backdrop = (x: number, y: number) => Rgb;

const BACKDROPS: readonly ((seed: number) => Backdrop)[] = [
  studio,
  studio,
  wall,
  bokeh,
  shelves,
  outdoors,
  windowed,
];

/** Fills the canvas with one of several out-of-focus rooms and landscapes; `level` is its brightness. */
export function drawBackground(canvas: Canvas, seed: number, level: number): void {
  const backdrop = BACKDROPS[randomInt(createRandom(seed, "backdrop"), BACKDROPS.length)]!(seed);
  const width = Math.ceil(canvas.width / COARSE) + 1;
  const height = Math.ceil(canvas.height / COARSE) + 1;
  const coarse = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = backdrop((x * COARSE) / canvas.width, (y * COARSE) / canvas.height);
      for (let c = 0; c < 3; c++) coarse[(y * width + x) * 3 + c] = colour[c]! * level;
    }
  }
  const planes = [canvas.red, canvas.green, canvas.blue];
  for (let y = 0; y < canvas.height; y++) {
    const row = Math.floor(y / COARSE);
    const ty = y / COARSE - row;
    for (let x = 0; x < canvas.width; x++) {
      const column = Math.floor(x / COARSE);
      const tx = x / COARSE - column;
      const i = (row * width + column) * 3;
      for (let c = 0; c < 3; c++) {
        const top = coarse[i + c]! * (1 - tx) + coarse[i + 3 + c]! * tx;
        const bottom = coarse[i + width * 3 + c]! * (1 - tx) + coarse[i + width * 3 + 3 + c]! * tx;
        planes[c]![y * canvas.width + x] = top * (1 - ty) + bottom * ty;
      }
    }
  }
}

function muted(seed: number, part: string): Rgb {
  const random = createRandom(seed, part);
  return hsv(random.next(), uniform(random, 0.05, 0.4), uniform(random, 0.25, 0.85));
}

/** A lit paper background. */
function studio(seed: number): Backdrop {
  const colour = muted(seed, "paper");
  const random = createRandom(seed, "studio");
  const [cx, cy] = [uniform(random, 0.2, 0.8), uniform(random, 0.1, 0.6)];
  return (x, y) => scaleRgb(colour, 0.45 + 0.75 * Math.exp(-2.2 * ((x - cx) ** 2 + (y - cy) ** 2)));
}

/** Two planes of a room meeting in a corner. */
function wall(seed: number): Backdrop {
  const random = createRandom(seed, "wall");
  const [a, b] = [muted(seed, "near"), scaleRgb(muted(seed, "near"), uniform(random, 0.45, 0.8))];
  const [at, slant] = [uniform(random, 0.15, 0.85), uniform(random, -0.15, 0.15)];
  return (x, y) => scaleRgb(mixRgb(a, b, smoothstep(-0.03, 0.03, x - at - slant * y)), 1 - 0.3 * y);
}

/** Lights in the dark. */
function bokeh(seed: number): Backdrop {
  const random = createRandom(seed, "bokeh");
  const base = scaleRgb(muted(seed, "night"), 0.25);
  const lights = Array.from({ length: 14 }, () => ({
    x: random.next(),
    y: random.next(),
    r: uniform(random, 0.03, 0.11),
    colour: hsv(uniform(random, 0.02, 0.62), uniform(random, 0.1, 0.6), uniform(random, 0.3, 0.9)),
  }));
  return (x, y) => {
    let colour = base;
    for (const light of lights) {
      const inside = 1 - smoothstep(light.r * 0.8, light.r * 1.2, Math.hypot(x - light.x, y - light.y));
      colour = mixRgb(colour, light.colour, 0.55 * inside);
    }
    return colour;
  };
}

/** Book backs in rows. */
function shelves(seed: number): Backdrop {
  const random = createRandom(seed, "shelves");
  const [pitch, offset] = [uniform(random, 0.22, 0.34), random.next()];
  const wood = hsv(0.08, 0.45, 0.3);
  return (x, y) => {
    const row = Math.floor(y / pitch + offset);
    const within = y / pitch + offset - row;
    if (within < 0.1) return wood;
    const book = Math.floor(x * 15 + 1.5 * noise(x * 4 + seed, row * 7.3));
    const pick = createRandom(seed, row, book);
    return hsv(pick.next(), uniform(pick, 0.15, 0.55), uniform(pick, 0.15, 0.6));
  };
}

/** Sky over leaves. */
function outdoors(seed: number): Backdrop {
  const random = createRandom(seed, "outdoors");
  const horizon = uniform(random, 0.15, 0.7);
  const leaf = hsv(uniform(random, 0.18, 0.38), uniform(random, 0.25, 0.5), uniform(random, 0.3, 0.55));
  const sky = hsv(uniform(random, 0.53, 0.62), uniform(random, 0.05, 0.35), uniform(random, 0.7, 0.95));
  return (x, y) => {
    const patch = noise(x * 9 + seed, y * 9) + 0.5 * noise(x * 19, y * 19 + seed);
    const ground = scaleRgb(leaf, 0.4 + 0.8 * patch);
    return mixRgb(sky, ground, smoothstep(-0.12, 0.12, y - horizon + 0.35 * (noise(x * 5, seed) - 0.5)));
  };
}

/** A bright window in a dim room. */
function windowed(seed: number): Backdrop {
  const random = createRandom(seed, "window");
  const room = scaleRgb(muted(seed, "room"), 0.5);
  const [left, width] = [uniform(random, -0.2, 0.8), uniform(random, 0.25, 0.5)];
  const glow = hsv(uniform(random, 0.05, 0.6), 0.12, 0.95);
  return (x, y) => {
    const pane = smoothstep(left, left + 0.03, x) * (1 - smoothstep(left + width, left + width + 0.03, x));
    const bar = Math.abs(x - left - width / 2) < 0.015 || Math.abs(y - 0.35) < 0.015 ? 0.35 : 0;
    return mixRgb(room, glow, pane * (1 - smoothstep(0.75, 0.85, y)) * (0.8 - bar));
  };
}
