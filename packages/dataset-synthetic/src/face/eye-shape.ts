import { type ActionUnit, type ActionUnits, intensity, type Side } from "../action-units.ts";
import { clamp, curveThrough, lerp, type Point } from "../base/math.ts";
import type { Identity } from "../identity.ts";
import { CURVE_STEPS, SIGN } from "./sides.ts";

/** Where the eyes look: offset of the iris in face units. */
export type Gaze = readonly [number, number];

export interface EyeShape {
  readonly sign: number;
  readonly outer: Point;
  readonly inner: Point;
  /** From the outer to the inner corner. */
  readonly upper: readonly Point[];
  readonly lower: readonly Point[];
  /** Landmark points of the lids: outer then inner third. */
  readonly upperMarks: readonly [Point, Point];
  readonly lowerMarks: readonly [Point, Point];
  readonly crease: readonly Point[];
  readonly creaseStrength: number;
  readonly iris: Point;
  readonly irisRadius: number;
  /** 0 shut to about 1 open. */
  readonly openness: number;
}

/** One eye, opened, narrowed or shut by units 1, 2, 4, 5, 6, 7, 9, 12, 17 and 43. */
export function eyeShape(person: Identity, units: ActionUnits, side: Side, gaze: Gaze): EyeShape {
  const on = (unit: ActionUnit): number => intensity(units, unit, side);
  const sign = SIGN[side];
  const { spacing, width, opening, slant, crease } = person.eyes;
  const uneven = side === "left" ? person.unevenness[1] : 0;
  const outer: Point = [sign * (spacing + width / 2), -slant + 0.012 * on(12)];
  const inner: Point = [sign * (spacing - width / 2), 0.022 + 0.01 * on(4) - 0.012 * on(9)];
  const wide = 1 + 0.62 * on(5) + 0.06 * on(2) - 0.2 * on(7) - 0.14 * on(6) - 0.16 * on(4) - 0.22 * on(9);
  const lift = 1 + 0.2 * on(5) - 0.55 * on(7) - 0.75 * on(6) - 0.25 * on(12) - 0.4 * on(9) - 0.12 * on(17);
  const shut = on(43);
  const below = opening * 0.4 * Math.max(lift, -0.35);
  const above = lerp((opening * 0.62 + uneven) * Math.max(wide, 0.2), -below * 0.8, shut);
  const grief = on(1) * (0.4 + 0.6 * on(4));
  const between = (t: number): number => lerp(outer[1], inner[1], t);
  const at = (t: number, dy: number): Point => [lerp(outer[0], inner[0], t), between(t) + dy];
  const upperMarks: [Point, Point] = [
    at(0.32, -above * (1 - 0.22 * grief)),
    at(0.66, -above * (1.02 + 0.1 * grief)),
  ];
  const lowerMarks: [Point, Point] = [at(0.3, below * 1.02), at(0.66, below * 0.92)];
  const upper = curveThrough([outer, ...upperMarks, inner], CURVE_STEPS);
  const lower = curveThrough([outer, ...lowerMarks, inner], CURVE_STEPS);
  const hood = 0.1 * on(4) + 0.06 * on(9) - 0.09 * on(1) - 0.05 * on(2);
  const creaseGap = Math.max(0.02, 0.03 + 0.035 * crease - 0.18 * hood * crease - 0.03 * on(5) + 0.1 * shut);
  return {
    sign,
    outer,
    inner,
    upper,
    lower,
    upperMarks,
    lowerMarks,
    crease: curveThrough(
      [
        [outer[0] + sign * 0.03, outer[1] - 0.012 - 0.2 * creaseGap],
        [upperMarks[0][0], upperMarks[0][1] - creaseGap],
        [upperMarks[1][0], upperMarks[1][1] - creaseGap * 0.95],
        [inner[0] + sign * 0.03, inner[1] - 0.035],
      ],
      CURVE_STEPS,
    ),
    creaseStrength: clamp(0.35 + 0.65 * crease + 0.4 * on(5) - 0.2 * on(4)),
    iris: [sign * spacing + gaze[0], -0.018 + gaze[1]],
    irisRadius: 0.104,
    openness: clamp((above + below) / opening),
  };
}
