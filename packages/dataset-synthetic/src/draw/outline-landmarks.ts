import type { Point } from "../base/math.ts";
import type { HeadSurface } from "../face/head-surface.ts";
import type { FaceLayers } from "../skin/face-layers.ts";
import type { Projection } from "./camera.ts";
import { faceEnd, skinPoint } from "./draw-face.ts";

/** Share of the way from eye level to the chin, along y, of each jaw landmark: about equal arcs of the outline. */
const JAW_MARKS = [0.02, 0.165, 0.31, 0.455, 0.595, 0.725, 0.85, 0.945] as const;

/**
 * Landmarks 0 to 16: the face's outline from one temple by the chin to the other, as the camera sees it.
 * At each of their heights it is the point of the drawn skin that is farthest out.
 */
export function outlineLandmarks(layers: FaceLayers, head: HeadSurface, frame: Projection): Point[] {
  const axis = frame.project(0, 0, 0);
  const chin = frame.project(0, head.chinY, 0);
  const length = Math.hypot(chin[0] - axis[0], chin[1] - axis[1]) || 1;
  // To the right as the head sees it.
  const across: Point = [(chin[1] - axis[1]) / length, -(chin[0] - axis[0]) / length];
  const outermost = (sign: number, share: number): Point => {
    const y = share * head.chinY;
    const end = faceEnd(y) * head.halfWidth(y);
    let best: Point = [0, 0];
    let farthest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i <= 60; i++) {
      const [px, py] = skinPoint(layers, head, frame, sign * end * (0.5 + i / 120), y);
      const out = sign * (px * across[0] + py * across[1]);
      if (out > farthest) {
        farthest = out;
        best = [px, py];
      }
    }
    return best;
  };
  const [x, y] = skinPoint(layers, head, frame, 0, head.chinY);
  return [
    ...JAW_MARKS.map((share) => outermost(-1, share)),
    [x, y] as const,
    ...[...JAW_MARKS].reverse().map((share) => outermost(1, share)),
  ];
}
