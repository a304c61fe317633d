import { type ActionUnit, type ActionUnits, intensity, meanIntensity, type Side } from "../action-units.ts";
import { clamp, curveThrough, lerp, type Point, smoothstep } from "../base/math.ts";
import type { Identity } from "../identity.ts";
import { CURVE_STEPS, SIGN } from "./sides.ts";

export interface MouthShape {
  readonly left: Point;
  readonly right: Point;
  /** Outer lip contour, top and bottom, from the left to the right corner. */
  readonly upperOuter: readonly Point[];
  readonly lowerOuter: readonly Point[];
  /** Edges of the opening, from the left to the right corner. */
  readonly upperInner: readonly Point[];
  readonly lowerInner: readonly Point[];
  /** Landmarks 48 to 67. */
  readonly marks: readonly Point[];
  readonly gap: number;
  readonly jaw: number;
  /** Edges of the teeth at the midline: the upper row belongs to the skull, the lower to the jaw. */
  readonly upperTeethY: number;
  readonly lowerTeethY: number;
}

/** Shares of the half width at which the lip landmarks lie, from the corner to the middle. */
const OUTER_SHARES = [0.62, 0.26, 0] as const;
const INNER_SHARES = [0.3, 0] as const;

/** The mouth, shaped by units 9 to 27; `jaw` is how far the jaw has dropped. */
export function mouthShape(person: Identity, units: ActionUnits, jaw: number): MouthShape {
  const { width, y, upper, lower, bow, droop } = person.mouth;
  const mean = (unit: ActionUnit): number => meanIntensity(units, unit);
  const parted = mean(25);
  const raised = 0.085 * mean(10) + 0.05 * mean(9) + 0.02 * mean(12);
  const middle = y - 0.055 * mean(17) - 0.012 * mean(12) - 0.01 * mean(15);
  const thickUpper =
    upper *
    clamp(1 - 0.3 * mean(12) - 0.2 * mean(20) - 0.6 * mean(24) - 0.45 * mean(23) - 0.12 * mean(17), 0.25);
  const thickLower =
    lower *
    clamp(
      1 - 0.2 * mean(12) - 0.15 * mean(20) - 0.55 * mean(24) - 0.45 * mean(23) + 0.1 * mean(17),
      0.3,
      1.2,
    );
  const rise = raised + parted * (0.018 + 0.035 * mean(12) + 0.03 * mean(10)) * (1 - 0.7 * mean(24));
  const fallen = 0.03 + 0.045 * mean(12) + 0.07 * mean(16) + 0.06 * mean(20);
  const sink = (parted > 0 ? 1 : 0.35) * jaw + parted * fallen - 0.8 * raised * (1 - parted);
  const gap = rise + sink;
  const corner = (side: Side): Point => {
    const on = (unit: ActionUnit): number => intensity(units, unit, side);
    const half =
      width +
      0.115 * on(12) +
      0.11 * on(20) +
      0.035 * on(14) -
      0.04 * on(24) -
      0.05 * on(23) -
      0.02 * on(17) -
      0.3 * jaw;
    const uneven = side === "left" ? person.unevenness[2] : 0;
    const fall =
      droop +
      uneven -
      0.15 * on(12) +
      0.125 * on(15) +
      0.04 * on(20) -
      0.01 * on(14) +
      0.03 * on(17) -
      0.015 * on(9);
    return [SIGN[side] * half, y + fall + 0.38 * jaw];
  };
  const [left, right] = [corner("left"), corner("right")];
  const point = (side: Side, share: number, offset: (share: number) => number): Point => {
    const end = side === "left" ? left : right;
    const seam = middle + (end[1] - middle) * share ** 2;
    return [end[0] * share, seam + offset(share)];
  };
  const on10 = (side: Side): number => intensity(units, 10, side);
  const openUp = (share: number): number => -rise * (1 - share ** 2.6);
  const openDown = (share: number): number => sink * (1 - share ** 2.6);
  const edge = (side: Side, shares: readonly number[], offset: (share: number) => number): Point[] =>
    shares.map((share) => point(side, share, offset));
  const upperLip = (side: Side) => (share: number) => {
    const cupid = share === 0 ? 1 - bow : 1;
    const square = 0.035 * on10(side) * smoothstep(0, 0.3, share) * (1 - smoothstep(0.6, 1, share));
    return openUp(share) - thickUpper * cupid * (1 - share ** 1.9) ** 0.9 - square;
  };
  const lowerLip = (share: number): number => openDown(share) + thickLower * (1 - share ** 2.2) ** 0.85;
  const across = (shares: readonly number[], offset: (side: Side) => (share: number) => number): Point[] => [
    ...edge("left", shares, offset("left")),
    ...edge("right", shares.slice(0, -1), offset("right")).reverse(),
  ];
  const upperOuter = across(OUTER_SHARES, upperLip);
  const lowerOuter = across(OUTER_SHARES, () => lowerLip);
  const upperInner = across(INNER_SHARES, () => openUp);
  const lowerInner = across(INNER_SHARES, () => openDown);
  const inset = (end: Point): Point => [end[0] * 0.9, lerp(middle, end[1], 0.81)];
  const [innerLeft, innerRight] = [inset(left), inset(right)];
  const contour = (start: Point, points: readonly Point[], end: Point): Point[] =>
    curveThrough([start, ...points, end], CURVE_STEPS);
  return {
    left,
    right,
    upperOuter: contour(left, upperOuter, right),
    lowerOuter: contour(left, lowerOuter, right),
    upperInner: contour(innerLeft, upperInner, innerRight),
    lowerInner: contour(innerLeft, lowerInner, innerRight),
    marks: [
      left,
      ...upperOuter,
      right,
      ...[...lowerOuter].reverse(),
      innerLeft,
      ...upperInner,
      innerRight,
      ...[...lowerInner].reverse(),
    ],
    gap,
    jaw,
    upperTeethY: y + 0.035,
    lowerTeethY: y + jaw + 0.03,
  };
}
