import { mixRgb, type Rgb, scaleRgb } from "../base/colour.ts";
import { lerp, profile, smoothstep, unit } from "../base/math.ts";
import { noise } from "../base/noise.ts";
import type { Identity } from "../identity.ts";
import type { Projection } from "./camera.ts";
import { type Canvas, createNet, drawNet, setVertex } from "./canvas.ts";
import { HARD_WRAP, irradiance, type LocalLight, SKIN_WRAP } from "./light.ts";

/** Where the neck meets the head: the body turns about it. */
export const NECK_PIVOT = [0, 1.3, -1.15] as const;

const COLUMNS = 37;
const ROWS = 34;
const TOP_Y = 0.8;
const BOTTOM_Y = 5.2;

/** Draws neck, shoulders and what they wear; `chinY` is where the head's shadow falls from. */
export function drawBody(
  canvas: Canvas,
  person: Identity,
  chinY: number,
  frame: Projection,
  light: LocalLight,
  scarf?: Rgb,
): void {
  const { neck } = person;
  const broad = lerp(2.75, 3.35, person.ruggedness);
  const halfWidth = profile([
    [TOP_Y, neck * 0.98],
    [1.8, neck * 0.96],
    [2.25, neck * 1.04],
    [2.48, neck * 1.25],
    [2.66, neck * 1.3 + 0.4],
    [2.86, broad * 0.68],
    [3.15, broad * 0.88],
    [3.7, broad],
    [BOTTOM_Y, broad * 1.02],
  ]);
  const depth = profile([
    [TOP_Y, 0.5],
    [2.3, 0.55],
    [2.9, 0.72],
    [BOTTOM_Y, 0.95],
  ]);
  const net = createNet(COLUMNS, ROWS, 8);
  const lit: [number, number, number] = [0, 0, 0];
  const clothLit: [number, number, number] = [0, 0, 0];
  for (let row = 0; row < ROWS; row++) {
    const y = lerp(TOP_Y, BOTTOM_Y, row / (ROWS - 1));
    const half = halfWidth(y);
    const spread = (halfWidth(y + 0.04) - halfWidth(y - 0.04)) / 0.08;
    for (let column = 0; column < COLUMNS; column++) {
      const angle = ((2 * column) / (COLUMNS - 1) - 1) * (Math.PI / 2);
      const [s, c] = [Math.sin(angle), Math.cos(angle)];
      const x = half * Math.sign(s) * Math.abs(s) ** 0.9;
      const z = -1.15 + depth(y) * Math.abs(c) ** 0.9;
      const [nx, ny, nz] = unit(s / half, -(spread * 0.8) / (1 + Math.abs(spread)), c / depth(y));
      // The head hides the upper neck from the sky and, from above, from the key light.
      const below = y - chinY;
      const reach = 0.2 + 0.9 * Math.max(0, -light.key[1]);
      const shadow =
        1 - 0.85 * (1 - smoothstep(-0.3, reach, below - 0.3 * Math.abs(x) + 0.35 * light.key[0] * x));
      const open = lerp(0.35, 1, smoothstep(-0.5, 0.9, below));
      irradiance(lit, light, nx, ny, nz, shadow, open, SKIN_WRAP);
      irradiance(
        clothLit,
        light,
        nx,
        ny,
        nz,
        lerp(shadow, 1, smoothstep(0.4, 1, Math.abs(x))),
        open,
        HARD_WRAP,
      );
      const offset = setVertex(net, column, row, frame.project(x, y, z));
      net.vertices.set([x, y, lit[0], lit[1], lit[2], clothLit[0], clothLit[1], clothLit[2]], offset);
    }
  }
  const clothes = outfit(person);
  const wear = (x: number, y: number): Rgb | undefined =>
    scarf && y < 2.6 - 0.1 * x * x
      ? scaleRgb(scarf, 0.55 + 0.7 * noise(x * 3 + person.texture, y * 7 + x * 2))
      : clothes(x, y);
  const [red, green, blue] = person.skin.colour;
  drawNet(canvas, net, (values, fragment) => {
    const x = values[0]!;
    const y = values[1]!;
    const cloth = wear(x, y);
    if (cloth === undefined) {
      const tendon = 1 - 0.12 * Math.exp(-(((Math.abs(x) - 0.1 - 0.35 * (2.5 - y) * 0.5) / 0.07) ** 2));
      fragment.red = red * values[2]! * tendon;
      fragment.green = green * values[3]! * tendon;
      fragment.blue = blue * values[4]! * tendon;
      return;
    }
    fragment.red = cloth[0] * values[5]!;
    fragment.green = cloth[1] * values[6]!;
    fragment.blue = cloth[2] * values[7]!;
  });
}

/** Colour of the cloth at a point of the body, or nothing where the skin is bare. */
function outfit(person: Identity): (x: number, y: number) => Rgb | undefined {
  const { collar, colour, second } = person.clothes;
  const { texture } = person;
  const weave = (x: number, y: number): number => 0.85 + 0.3 * noise(x * 5 + texture, y * 4);
  const trim = mixRgb(colour, scaleRgb(colour, 0.55), 0.8);
  switch (collar) {
    case "crew": {
      const edge = (x: number): number => 2.72 - 0.28 * x * x;
      return (x, y) => (y < edge(x) ? undefined : scaleRgb(y < edge(x) + 0.09 ? trim : colour, weave(x, y)));
    }
    case "v-neck": {
      const edge = (x: number): number => 3.35 - 1.15 * Math.abs(x) - 0.1 * x * x;
      return (x, y) => (y < edge(x) ? undefined : scaleRgb(y < edge(x) + 0.1 ? trim : colour, weave(x, y)));
    }
    case "turtleneck":
      return (x, y) => {
        if (y < 2.12 - 0.05 * x * x) return undefined;
        const rib = y < 2.6 ? 0.85 + 0.2 * Math.sin(x * 34) : 1;
        return scaleRgb(colour, weave(x, y) * rib * (y > 2.58 && y < 2.66 ? 0.7 : 1));
      };
    case "shirt":
      return (x, y) => {
        const a = Math.abs(x);
        const open = 3.0 - 1.5 * a;
        if (y < open && y < 2.95)
          return y > 2.42 + 0.45 * (0.9 - a) && a > 0.42 ? scaleRgb(second, 0.9) : undefined;
        const flap = y < 3.18 - 0.32 * a && a > 0.1;
        const edge = flap && y > 3.12 - 0.32 * a;
        const button = a < 0.05 && Math.abs(((y * 2) % 1) - 0.5) < 0.09 && y > 3.2;
        const placket = a < 0.13 && a > 0.115;
        return scaleRgb(second, weave(x, y) * (edge || button || placket ? 0.6 : flap ? 1.06 : 1));
      };
  }
}
