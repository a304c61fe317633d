import { type ActionUnit, type ActionUnits, intensity, type Side } from "../action-units.ts";
import { curveThrough, type Point } from "../base/math.ts";
import type { Identity } from "../identity.ts";
import { CURVE_STEPS, SIGN } from "./sides.ts";

export interface BrowShape {
  readonly sign: number;
  /** Five landmark points along the middle of the brow, from its outer to its inner end. */
  readonly marks: readonly Point[];
  readonly path: readonly Point[];
  /** Half thickness at the marks. */
  readonly halfThickness: readonly number[];
}

/** Rest positions of a brow's five marks: distance from the midline and drop below the arch, in arches. */
const BROW_REST: readonly Point[] = [
  [0.91, 2],
  [0.78, 0.5],
  [0.6, 0],
  [0.4, 0.35],
  [0.21, 1.15],
];
/** What each unit does to the five marks: [towards the midline, down]. */
const BROW_MOVES: readonly (readonly [ActionUnit, readonly Point[]])[] = [
  [
    1,
    [
      [0, 0],
      [0, -0.01],
      [0, -0.06],
      [0, -0.14],
      [0.01, -0.19],
    ],
  ],
  [
    2,
    [
      [0, -0.1],
      [0, -0.18],
      [0, -0.17],
      [0, -0.09],
      [0, -0.03],
    ],
  ],
  [
    4,
    [
      [0, 0.03],
      [0.01, 0.06],
      [0.03, 0.09],
      [0.055, 0.115],
      [0.07, 0.13],
    ],
  ],
  [
    6,
    [
      [0, 0.03],
      [0, 0.015],
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  ],
  [
    9,
    [
      [0, 0],
      [0, 0.02],
      [0.01, 0.045],
      [0.02, 0.07],
      [0.03, 0.085],
    ],
  ],
];

/** One brow, moved by units 1, 2, 4, 6 and 9. */
export function browShape(person: Identity, units: ActionUnits, side: Side): BrowShape {
  const sign = SIGN[side];
  const { y, thickness, arch, slope, length } = person.brows;
  const uneven = side === "left" ? person.unevenness[0] : 0;
  const oblique = intensity(units, 1, side) * intensity(units, 4, side);
  const marks = BROW_REST.map(([x, drop], i): Point => {
    let inward = 0;
    let down = 0;
    for (const [unit, moves] of BROW_MOVES) {
      const level = intensity(units, unit, side);
      // The inner raiser wins over the lowerer at the inner end: the brow of grief slants.
      const kept = unit === 4 ? level - 0.75 * oblique * (i / 4) : level;
      inward += kept * moves[i]![0];
      down += kept * moves[i]![1];
    }
    return [sign * (0.2 + (x - 0.2) * length - inward), y + uneven + drop * arch + slope * (2 - i) + down];
  });
  return {
    sign,
    marks,
    path: curveThrough(marks, CURVE_STEPS),
    halfThickness: [0.18, 0.62, 0.88, 1, 0.85].map((share) => (share * thickness) / 2 + 0.008),
  };
}
