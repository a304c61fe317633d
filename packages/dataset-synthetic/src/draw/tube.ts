import type { Rgb } from "../base/colour.ts";
import { clamp } from "../base/math.ts";
import { blend, type Canvas, type Fragment } from "./canvas.ts";

/** Picture x, y in pixels, and depth. */
export type Vertex = readonly [number, number, number];

/**
 * Draws a round tube along a path, lit from above. `half` is its half width in pixels by the share of the
 * way along. With `tested`, what is nearer hides it.
 */
export function drawTube(
  canvas: Canvas,
  path: readonly Vertex[],
  half: (t: number) => number,
  colour: Rgb,
  { tested = false, opacity = 1 }: { tested?: boolean; opacity?: number } = {},
): void {
  const covered = new Map<number, readonly [alpha: number, depth: number, lit: number]>();
  const last = path.length - 1;
  for (let i = 0; i < last; i++) {
    const [ax, ay, az] = path[i]!;
    const [bx, by, bz] = path[i + 1]!;
    const [half0, half1] = [half(i / last), half((i + 1) / last)];
    const reach = Math.max(half0, half1) + 1;
    const [dx, dy] = [bx - ax, by - ay];
    const squared = dx * dx + dy * dy || 1e-9;
    const x0 = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
    const x1 = Math.min(canvas.width - 1, Math.ceil(Math.max(ax, bx) + reach));
    const y0 = Math.max(0, Math.floor(Math.min(ay, by) - reach));
    const y1 = Math.min(canvas.height - 1, Math.ceil(Math.max(ay, by) + reach));
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const t = clamp(((x + 0.5 - ax) * dx + (y + 0.5 - ay) * dy) / squared);
        const ex = x + 0.5 - ax - t * dx;
        const ey = y + 0.5 - ay - t * dy;
        const width = half0 + (half1 - half0) * t;
        const alpha = clamp(width - Math.sqrt(ex * ex + ey * ey) + 0.5);
        const index = y * canvas.width + x;
        if (alpha <= (covered.get(index)?.[0] ?? 0)) continue;
        covered.set(index, [alpha, az + t * (bz - az), clamp(0.6 - (0.8 * ey) / Math.max(width, 0.5))]);
      }
    }
  }
  const fragment: Fragment = { red: 0, green: 0, blue: 0, alpha: 0 };
  for (const [index, [alpha, depth, lit]] of covered) {
    if (tested && depth < canvas.depth[index]!) continue;
    const shade = 0.5 + 0.7 * lit;
    fragment.red = colour[0] * shade + 0.02 * lit;
    fragment.green = colour[1] * shade + 0.02 * lit;
    fragment.blue = colour[2] * shade + 0.02 * lit;
    fragment.alpha = alpha * opacity;
    blend(canvas, index, fragment, Math.max(depth, canvas.depth[index]!));
  }
}
