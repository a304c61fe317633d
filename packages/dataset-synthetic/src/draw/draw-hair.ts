import { clamp, lerp, profile, smoothstep, unit } from "../base/math.ts";
import { noise } from "../base/noise.ts";
import { type HeadSurface, SECTION_POWER } from "../face/head-surface.ts";
import type { Identity } from "../identity.ts";
import type { Projection } from "./camera.ts";
import { type Canvas, createNet, drawNet, setVertex } from "./canvas.ts";
import { drawBun } from "./draw-bun.ts";
import type { Haircut } from "./haircut.ts";
import { HARD_WRAP, irradiance, type LocalLight } from "./light.ts";

const COLUMNS = 81;
const ROWS = 48;
/** Attributes of a hair vertex: light r, g, b, sheen, inside, the strand's place around the head, y. */
const ATTRIBUTES = 7;
/** Vertices this far outside the hair have none near them, however ragged its edge, and are not drawn. */
const BARE = -0.3;

/** Depth coordinate of the back of the head. */
const backZ = profile([
  [-1.72, -1.2],
  [-1.5, -1.95],
  [-1, -2.45],
  [-0.4, -2.6],
  [0.2, -2.45],
  [0.7, -2.1],
  [1.1, -1.85],
]);

/** Draws the hair, or the cloth over it, around a head. */
export function drawHair(
  canvas: Canvas,
  cut: Haircut,
  head: HeadSurface,
  person: Identity,
  frame: Projection,
  light: LocalLight,
): void {
  const insides = insideOf(cut, head.crownY);
  const points = shell(cut, head, insides);
  const net = createNet(COLUMNS, ROWS, ATTRIBUTES);
  const lit: [number, number, number] = [0, 0, 0];
  const at = (column: number, row: number): number => (row * COLUMNS + column) * 3;
  for (let row = 0; row < ROWS; row++) {
    const y = rowY(row, head.crownY, cut.bottomY);
    for (let column = 0; column < COLUMNS; column++) {
      const inside = insides[row * COLUMNS + column]!;
      if (inside < BARE) {
        setVertex(net, column, row, [Number.NaN, 0, 0]);
        continue;
      }
      const angle = columnAngle(column);
      // Strands are not quite straight.
      const wave =
        angle +
        cut.curl * 0.09 * Math.sin(7 * y + person.texture) +
        0.03 * Math.sin(2.3 * y + person.texture * 1.7);
      const p = at(column, row);
      const left = at((column + COLUMNS - 2) % (COLUMNS - 1), row);
      const right = at((column + 1) % (COLUMNS - 1), row);
      const up = at(column, Math.max(row - 1, 0));
      const down = at(column, Math.min(row + 1, ROWS - 1));
      const [ax, ay, az] = difference(points, left, right);
      const [bx, by, bz] = difference(points, up, down);
      const [nx, ny, nz] = unit(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx);
      // Long hair shades its own inside and lower parts; the underside of the shell is dark.
      const facing = nx * light.viewer[0] + ny * light.viewer[1] + nz * light.viewer[2];
      const open = facing < 0 ? 0.3 : lerp(0.75, 1, smoothstep(0, 0.5, facing));
      irradiance(lit, light, nx, ny, nz, facing < 0 ? 0.15 : 0.85, open, HARD_WRAP);
      const [tx, ty, tz] = unit(bx, by, bz);
      const along = tx * light.half[0] + ty * light.half[1] + tz * light.half[2];
      const across = nx * light.half[0] + ny * light.half[1] + nz * light.half[2];
      const sheen = facing < 0 ? 0 : Math.max(0, 1 - along * along) ** 9 * clamp(across + 0.2);
      const offset = setVertex(net, column, row, frame.project(points[p]!, points[p + 1]!, points[p + 2]!));
      const { vertices } = net;
      vertices[offset] = lit[0];
      vertices[offset + 1] = lit[1];
      vertices[offset + 2] = lit[2];
      vertices[offset + 3] = sheen;
      vertices[offset + 4] = inside;
      vertices[offset + 5] = wave;
      vertices[offset + 6] = y;
    }
  }
  drawNet(canvas, net, cut.cloth ? clothShader(person) : hairShader(cut, person, light));
  if (cut.bun) drawBun(canvas, head, person, frame, light);
}

function columnAngle(column: number): number {
  return ((2 * column) / (COLUMNS - 1) - 1) * Math.PI;
}

/** Rows lie closer near the crown, where the head's sections widen quickly. */
function rowY(row: number, crownY: number, bottomY: number): number {
  return crownY + (bottomY - crownY) * (row / (ROWS - 1)) ** 1.7;
}

/** How far inside the hair each vertex is, row by row. */
function insideOf(cut: Haircut, crownY: number): Float64Array {
  const insides = new Float64Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS; row++) {
    const y = rowY(row, crownY, cut.bottomY);
    for (let column = 0; column < COLUMNS; column++) {
      insides[row * COLUMNS + column] = cut.inside(columnAngle(column), y);
    }
  }
  return insides;
}

/** Points of the shell, row by row. */
function shell(cut: Haircut, head: HeadSurface, insides: Float64Array): Float64Array {
  const points = new Float64Array(COLUMNS * ROWS * 3);
  const widestY = 0.1;
  for (let row = 0; row < ROWS; row++) {
    const y = rowY(row, head.crownY, cut.bottomY);
    const skullY = Math.min(y, widestY);
    const half = y < widestY ? head.halfWidth(y) : head.halfWidth(widestY) * (cut.hangingWidth(y) / 1.1);
    const side = head.sideZ(skullY);
    const front = y < widestY ? head.frontZ(y) : hangingFront(head, y, cut.cloth);
    const back = backZ(y);
    const upwards = smoothstep(0.2, -1.2, y);
    for (let column = 0; column < COLUMNS; column++) {
      const angle = columnAngle(column);
      const s = Math.sin(angle);
      const c = Math.cos(angle);
      const x = half * Math.sign(s) * Math.abs(s) ** (2 / SECTION_POWER);
      const reach = Math.abs(c) ** (2 / SECTION_POWER);
      const z = c > 0 ? side + (front - side) * reach : side + (back - side) * reach;
      const [dx, dy, dz] = unit(x, upwards * (y + 0.35), z - side + 0.3 * upwards);
      const t = cut.thickness(angle, y, insides[row * COLUMNS + column]!);
      const i = (row * COLUMNS + column) * 3;
      points[i] = x + t * dx;
      points[i + 1] = y + t * dy;
      points[i + 2] = z + t * dz;
    }
  }
  return points;
}

/** How far forward hair hangs below the temples; a scarf lies close under the chin. */
function hangingFront(head: HeadSurface, y: number, cloth: boolean): number {
  if (!cloth) return head.frontZ(0.1);
  return lerp(head.frontZ(0.1), -0.02, smoothstep(1.2, head.chinY + 0.1, y)) - 0.1 * smoothstep(2, 3, y);
}

function difference(points: Float64Array, from: number, to: number): [number, number, number] {
  return [
    points[to]! - points[from]!,
    points[to + 1]! - points[from + 1]!,
    points[to + 2]! - points[from + 2]!,
  ];
}

type Shader = Parameters<typeof drawNet>[2];

function hairShader(cut: Haircut, person: Identity, light: LocalLight): Shader {
  const [r, g, b] = person.hair.colour;
  const { texture } = person;
  const { curl, ragged, opacity } = cut;
  return (values, fragment) => {
    const inside = values[4]!;
    const wave = values[5]!;
    const y = values[6]!;
    const coarse = curl > 0.5 ? noise(wave * 11 + texture, y * 11) : noise(wave * 13 + texture, y * 1.1);
    const fine =
      curl > 0.5 ? noise(wave * 27 + texture, y * 25) : noise(wave * 52 + texture, y * 2.4 + wave * 3);
    const edge = inside + ragged * (0.5 * fine + coarse - 0.8);
    if (edge < -0.02) {
      fragment.alpha = 0;
      return;
    }
    fragment.alpha = opacity * smoothstep(-0.02, opacity < 1 ? 0.12 : 0.035, edge);
    const strand = 0.5 + 0.55 * coarse + 0.45 * fine;
    const rooted = lerp(0.72, 1, smoothstep(0, 0.3, inside));
    const shade = strand * rooted;
    const sheen = values[3]! * (0.25 + 0.9 * fine) * 0.2 * (1 - 0.6 * curl);
    fragment.red = r * values[0]! * shade + sheen * light.keyColour[0] * (0.3 + r);
    fragment.green = g * values[1]! * shade + sheen * light.keyColour[1] * (0.3 + g);
    fragment.blue = b * values[2]! * shade + sheen * light.keyColour[2] * (0.3 + b);
  };
}

function clothShader(person: Identity): Shader {
  const [r, g, b] = person.clothes.second;
  const { texture } = person;
  return (values, fragment) => {
    const inside = values[4]!;
    fragment.alpha = smoothstep(-0.015, 0.015, inside);
    const angle = values[5]!;
    const y = values[6]!;
    const fold = noise(angle * 5 + texture, y * 2.6 + angle * 2.2);
    const hem = lerp(0.72, 1, smoothstep(0.01, 0.07, inside));
    const shade = hem * (0.62 + 0.62 * fold);
    fragment.red = r * values[0]! * shade;
    fragment.green = g * values[1]! * shade;
    fragment.blue = b * values[2]! * shade;
  };
}
