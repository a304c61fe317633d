import { noise } from "../base/noise.ts";
import type { HeadSurface } from "../face/head-surface.ts";
import type { Identity } from "../identity.ts";
import type { Projection } from "./camera.ts";
import { type Canvas, createNet, drawNet, setVertex } from "./canvas.ts";
import { HARD_WRAP, irradiance, type LocalLight } from "./light.ts";

/** A knot of hair on the crown. */
export function drawBun(
  canvas: Canvas,
  head: HeadSurface,
  person: Identity,
  frame: Projection,
  light: LocalLight,
): void {
  const [columns, rows] = [25, 15];
  const net = createNet(columns, rows, 6);
  const lit: [number, number, number] = [0, 0, 0];
  const radius = 0.4 * person.hair.volume;
  for (let row = 0; row < rows; row++) {
    const polar = (row / (rows - 1)) * Math.PI;
    for (let column = 0; column < columns; column++) {
      const around = (column / (columns - 1)) * 2 * Math.PI;
      const nx = Math.sin(polar) * Math.sin(around);
      const ny = -Math.cos(polar);
      const nz = Math.sin(polar) * Math.cos(around);
      irradiance(lit, light, nx, ny, nz, 0.9, 0.9, HARD_WRAP);
      const offset = setVertex(
        net,
        column,
        row,
        frame.project(radius * nx * 1.1, head.crownY - 0.12 + radius * ny * 0.8, -1.35 + radius * nz),
      );
      net.vertices.set([lit[0], lit[1], lit[2], nx, ny, nz], offset);
    }
  }
  const [r, g, b] = person.hair.colour;
  drawNet(canvas, net, (values, fragment) => {
    const swirl = Math.atan2(values[4]! + 0.3, values[3]!);
    const shade = 0.45 + 0.8 * noise(swirl * 9 + person.texture, values[5]! * 4);
    fragment.red = r * values[0]! * shade;
    fragment.green = g * values[1]! * shade;
    fragment.blue = b * values[2]! * shade;
  });
}
