import { hex, mixRgb, scaleRgb } from "../base/colour.ts";
import { clamp, type Point } from "../base/math.ts";
import {
  addMask,
  blurMask,
  fillPolygon,
  intersect,
  type Mask,
  paint,
  spot,
  strokePath,
  tint,
} from "../base/raster.ts";
import type { MouthShape } from "../face/mouth-shape.ts";
import type { Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

const CAVITY = hex("#1a0405");
const TEETH = hex("#e6ddd0");
const TONGUE = hex("#8f4541");

/** Lips, and between them teeth, tongue and the dark. */
export function paintMouth({ grid, albedo, gloss }: FaceLayers, mouth: MouthShape, person: Identity): void {
  const { colour } = person.mouth;
  const upperLip = fillPolygon(grid, [...mouth.upperOuter, ...[...mouth.upperInner].reverse()], 4);
  const lowerLip = fillPolygon(grid, [...mouth.lowerOuter, ...[...mouth.lowerInner].reverse()], 4);
  // A soft border, then the lips themselves.
  paint(albedo, grid, blurMask(grid, upperLip, 0.015), scaleRgb(colour, 0.86), 0.55);
  paint(albedo, grid, blurMask(grid, lowerLip, 0.015), colour, 0.55);
  paint(albedo, grid, upperLip, scaleRgb(colour, 0.86), 0.6);
  paint(albedo, grid, lowerLip, colour, 0.6);
  addMask(gloss, grid, lowerLip, person.mouth.gloss);
  addMask(gloss, grid, upperLip, 0.3 * person.mouth.gloss);
  const under = strokePath(
    grid,
    mouth.lowerOuter.map(([x, y]) => [x, y + 0.03] as const),
    () => 0.03,
    (t) => 0.5 * Math.sin(Math.PI * t),
    "soft",
  );
  tint(albedo, grid, under, [0.72, 0.62, 0.6]);
  if (mouth.gap > 0.012) paintOpening({ grid, albedo, gloss }, mouth);
  const dark = mixRgb(scaleRgb(colour, 0.2), CAVITY, 0.5);
  const seam = (path: readonly Point[], strength: number): void => {
    const line = strokePath(
      grid,
      path,
      (t) => 0.007 + 0.007 * Math.sin(Math.PI * t),
      (t) => strength * (0.75 + 0.25 * Math.sin(Math.PI * t)),
      "hard",
    );
    paint(albedo, grid, line, dark, 0.9);
    addMask(gloss, grid, line, -0.8);
  };
  const closed = clamp(1 - mouth.gap / 0.05);
  const wholeSeam = [mouth.left, ...mouth.upperInner, mouth.right];
  seam(wholeSeam, 0.45 + 0.55 * closed);
  for (const corner of [mouth.left, mouth.right]) {
    tint(albedo, grid, spot(grid, corner[0], corner[1], 0.035, 0.03), [0.5, 0.4, 0.38]);
  }
}

function paintOpening(
  { grid, albedo, gloss }: Pick<FaceLayers, "grid" | "albedo" | "gloss">,
  mouth: MouthShape,
): void {
  const opening = fillPolygon(grid, [...mouth.upperInner, ...[...mouth.lowerInner].reverse()], 2);
  const inside = (mask: Mask): Mask => intersect(mask, opening);
  paint(albedo, grid, opening, CAVITY);
  addMask(gloss, grid, opening, -0.7);
  const middle = Math.floor(mouth.upperInner.length / 2);
  const top = mouth.upperInner[middle]!;
  const bottom = mouth.lowerInner[middle]!;
  const width = mouth.right[0] - mouth.left[0];
  // The rows of teeth curve back towards the corners, and so up or down less than the lips.
  const upperEdge = mouth.upperInner.map(
    ([x]): Point => [x, mouth.upperTeethY - 0.16 * x * x + rowLift(mouth, x)],
  );
  const lowerEdge = mouth.lowerInner.map(
    ([x]): Point => [x, mouth.lowerTeethY + 0.1 * x * x + rowLift(mouth, x)],
  );
  paint(
    albedo,
    grid,
    inside(fillPolygon(grid, [...lowerEdge, [0.6, bottom[1] + 0.3], [-0.6, bottom[1] + 0.3]])),
    scaleRgb(TEETH, 0.7),
    0.9,
  );
  if (mouth.gap > 0.25) {
    paint(
      albedo,
      grid,
      inside(spot(grid, 0, mouth.lowerTeethY - 0.01, width * 0.27, mouth.gap * 0.26)),
      TONGUE,
      0.85,
    );
  }
  const upperRow = fillPolygon(grid, [...upperEdge, [0.6, top[1] - 0.3], [-0.6, top[1] - 0.3]]);
  paint(albedo, grid, inside(upperRow), TEETH, 0.95);
  const pitch = 0.098;
  for (let k = -4; k <= 4; k++) {
    const x = k * pitch * (1 - 0.03 * Math.abs(k));
    const gapLine = strokePath(
      grid,
      [
        [x, top[1] - 0.1],
        [x, mouth.upperTeethY],
      ],
      () => 0.005,
      () => 0.3,
      "hard",
    );
    tint(albedo, grid, intersect(inside(gapLine), upperRow), [0.55, 0.45, 0.42]);
  }
  // Towards the corners and under the upper lip it is dark.
  for (const end of [mouth.left, mouth.right]) {
    tint(albedo, grid, inside(spot(grid, end[0] * 0.96, end[1], width * 0.16, 0.16)), [0.12, 0.09, 0.09]);
  }
  tint(
    albedo,
    grid,
    inside(
      strokePath(
        grid,
        mouth.upperInner,
        () => 0.03,
        () => 0.8,
        "soft",
      ),
    ),
    [0.45, 0.36, 0.36],
  );
}

/** How far a smile or a frown carries the lips past the teeth at x: the rows follow it by a third. */
function rowLift(mouth: MouthShape, x: number): number {
  const end = x < 0 ? mouth.left : mouth.right;
  const middle =
    (mouth.upperInner[Math.floor(mouth.upperInner.length / 2)]![1] +
      mouth.lowerInner[Math.floor(mouth.lowerInner.length / 2)]![1]) /
    2;
  return 0.35 * (end[1] - middle) * (x / end[0]) ** 2;
}
