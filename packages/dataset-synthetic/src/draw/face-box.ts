import type { Box } from "@fer-bench/datasets";
import type { Point } from "../base/math.ts";
import type { HeadSurface } from "../face/head-surface.ts";
import type { FaceLayers } from "../skin/face-layers.ts";
import type { Projection } from "./camera.ts";
import { skinPoint } from "./draw-face.ts";

/** Where the forehead ends: the hairline in the middle, and halfway to the head's sides. */
export function foreheadPoints(
  layers: FaceLayers,
  head: HeadSurface,
  frame: Projection,
  hairline: number,
): Point[] {
  return [-0.5, 0, 0.5].map((share): Point => {
    const [x, y] = skinPoint(layers, head, frame, share * head.halfWidth(hairline), hairline);
    return [x, y];
  });
}

/** The least upright rectangle that has every point in it. */
export function rectangleAround(points: readonly Point[]): Box {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}
