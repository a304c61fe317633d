import { lerp, smoothstep } from "../base/math.ts";
import { type HeadSurface, SECTION_END, SECTION_SIDE, surfacePoint } from "../face/head-surface.ts";
import { type FaceLayers, sampleColour, samplePlane } from "../skin/face-layers.ts";
import type { ShadedFace } from "../skin/shade-face.ts";
import type { Projection } from "./camera.ts";
import { type Canvas, createNet, drawNet, setVertex } from "./canvas.ts";

const COLUMNS = 65;
const ROWS = 73;
/** How far round the head its skin goes at y, in half widths; below the ears it ends at the jaw line. */
export function faceEnd(y: number): number {
  return lerp(SECTION_END, SECTION_SIDE, smoothstep(0.3, 0.9, y));
}

/** A point of the skin in the picture: x, y in pixels, and depth. */
export function skinPoint(
  layers: FaceLayers,
  head: HeadSurface,
  frame: Projection,
  u: number,
  y: number,
): readonly [number, number, number] {
  const relief = samplePlane(layers.relief, layers.grid, u, y);
  const point = surfacePoint(head, u, y, relief);
  return frame.project(point[0], point[1], point[2]);
}

/** Draws the lit skin. */
export function drawFace(
  canvas: Canvas,
  layers: FaceLayers,
  shaded: ShadedFace,
  head: HeadSurface,
  frame: Projection,
): void {
  const net = createNet(COLUMNS, ROWS, 2);
  for (let row = 0; row < ROWS; row++) {
    const y = faceRowY(head, row);
    const end = faceEnd(y) * head.halfWidth(y);
    for (let column = 0; column < COLUMNS; column++) {
      const u = ((2 * column) / (COLUMNS - 1) - 1) * end;
      const offset = setVertex(net, column, row, skinPoint(layers, head, frame, u, y));
      net.vertices[offset] = u;
      net.vertices[offset + 1] = y;
    }
  }
  const { grid } = layers;
  const colour: [number, number, number] = [0, 0, 0];
  drawNet(canvas, net, (values, fragment) => {
    sampleColour(shaded, grid, values[0]!, values[1]!, colour);
    fragment.red = colour[0];
    fragment.green = colour[1];
    fragment.blue = colour[2];
  });
}

/** Rows lie closer near crown and chin, where the outline turns. */
function faceRowY(head: HeadSurface, row: number): number {
  const t = (1 - Math.cos((Math.PI * row) / (ROWS - 1))) / 2;
  return head.crownY + (head.chinY - head.crownY) * t;
}
