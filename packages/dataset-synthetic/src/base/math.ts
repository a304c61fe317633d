/** A point of a plane: [x, y]. */
export type Point = readonly [number, number];

export function clamp(x: number, low = 0, high = 1): number {
  return Math.max(low, Math.min(x, high));
}

export function lerp(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** Hermite step: 0 up to `low`, 1 from `high`. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = clamp((x - low) / (high - low));
  return t * t * (3 - 2 * t);
}

/**
 * A smooth function through (t, value) knots with rising t, constant outside them. Piecewise cubic with
 * Fritsch and Butland's slopes (SIAM J. Sci. Stat. Comput. 5, 1984), so it never overshoots a knot.
 */
export function profile(knots: readonly Point[]): (t: number) => number {
  const last = knots.length - 1;
  const secant = (i: number): number => (knots[i + 1]![1] - knots[i]![1]) / (knots[i + 1]![0] - knots[i]![0]);
  const slopes = knots.map((_, i) => {
    if (i === 0 || i === last) return secant(i === 0 ? 0 : last - 1);
    const before = secant(i - 1);
    const after = secant(i);
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
  return (t) => {
    if (t <= knots[0]![0]) return knots[0]![1];
    if (t >= knots[last]![0]) return knots[last]![1];
    let i = 0;
    while (t > knots[i + 1]![0]) i++;
    const [t0, v0] = knots[i]!;
    const [t1, v1] = knots[i + 1]!;
    const h = t1 - t0;
    const u = (t - t0) / h;
    const w = 1 - u;
    return (
      w * w * (1 + 2 * u) * v0 + u * u * (3 - 2 * u) * v1 + h * u * w * (w * slopes[i]! - u * slopes[i + 1]!)
    );
  };
}

/**
 * An open Catmull-Rom curve with `steps` pieces between neighbours. The curve passes through every given
 * point: point i is vertex i * steps.
 */
export function curveThrough(points: readonly Point[], steps: number): Point[] {
  const at = (i: number): Point => points[clamp(i, 0, points.length - 1)]!;
  const curve: Point[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let s = 0; s < steps; s++) {
      const t = s / steps;
      curve.push([catmullRom(a[0], b[0], c[0], d[0], t), catmullRom(a[1], b[1], c[1], d[1], t)]);
    }
  }
  curve.push(at(points.length - 1));
  return curve;
}

function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** The point a share `t` of the way along a polyline's vertices. */
export function pointAlong(path: readonly Point[], t: number): Point {
  const x = clamp(t) * (path.length - 1);
  const i = Math.min(Math.floor(x), path.length - 2);
  const [a, b] = [path[i]!, path[i + 1]!];
  return [lerp(a[0], b[0], x - i), lerp(a[1], b[1], x - i)];
}

/** Unit vector along a 3-vector. */
export function unit(x: number, y: number, z: number): [number, number, number] {
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
}
