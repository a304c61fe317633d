import { smoothstep } from "../base/math.ts";
import type { HeadSurface } from "../face/head-surface.ts";
import type { Identity } from "../identity.ts";
import type { Projection } from "./camera.ts";
import { type Canvas, createNet, drawNet, setVertex } from "./canvas.ts";
import { HARD_WRAP, irradiance, type LocalLight } from "./light.ts";

/** Draws both ears behind the edge of the face. */
export function drawEars(
  canvas: Canvas,
  head: HeadSurface,
  person: Identity,
  frame: Projection,
  light: LocalLight,
): void {
  for (const sign of [-1, 1]) drawEar(canvas, sign, head, person, frame, light);
}

function drawEar(
  canvas: Canvas,
  sign: number,
  head: HeadSurface,
  person: Identity,
  frame: Projection,
  light: LocalLight,
): void {
  const [columns, rows] = [25, 9];
  const net = createNet(columns, rows, 5);
  const { size, tilt } = person.ears;
  const centreY = 0.24;
  const rootX = sign * (head.halfWidth(centreY) - 0.03);
  const rootZ = head.sideZ(centreY);
  const lit: [number, number, number] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const r = row / (rows - 1);
    for (let column = 0; column < columns; column++) {
      const around = (column / (columns - 1)) * 2 * Math.PI;
      const [c, s] = [Math.cos(around), Math.sin(around)];
      // The shell is egg-shaped, wider above, and stands out to the side and back.
      const wide = (s < 0 ? 0.19 : 0.14) * size;
      const out = 0.06 + wide * r * c;
      const down = 0.36 * size * r * s;
      const bowl = 0.05 * r * r;
      const x = rootX + sign * (0.62 * out + bowl) + sign * tilt * 0.2 * r * -s;
      const z = rootZ - 0.75 * out + bowl;
      const offset = setVertex(net, column, row, frame.project(x, centreY + down, z));
      irradiance(
        lit,
        light,
        sign * (0.35 + 0.5 * r * c),
        0.5 * r * s * r,
        0.75,
        0.8,
        0.55 + 0.45 * r,
        HARD_WRAP,
      );
      net.vertices.set([lit[0], lit[1], lit[2], r, around], offset);
    }
  }
  const [red, green, blue] = person.skin.colour;
  drawNet(canvas, net, (values, fragment) => {
    const r = values[3]!;
    const rimmed = 1 - 0.45 * smoothstep(0.9, 0.72, r) * smoothstep(0.42, 0.6, r);
    const deep = 1 - 0.5 * smoothstep(0.5, 0.1, r);
    const shade = rimmed * deep;
    fragment.red = red * values[0]! * (0.15 + 0.85 * shade);
    fragment.green = green * values[1]! * 0.86 * shade;
    fragment.blue = blue * values[2]! * 0.86 * shade;
  });
}
