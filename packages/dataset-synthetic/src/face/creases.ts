import { type ActionUnit, type ActionUnits, intensity, meanIntensity, type Side } from "../action-units.ts";
import { clamp, curveThrough, lerp, type Point, smoothstep } from "../base/math.ts";
import type { Identity } from "../identity.ts";
import type { BrowShape } from "./brow-shape.ts";
import type { EyeShape } from "./eye-shape.ts";
import type { MouthShape } from "./mouth-shape.ts";
import type { NoseShape } from "./nose-shape.ts";
import { CURVE_STEPS, SIDES, SIGN } from "./sides.ts";

/** A fold or wrinkle: a groove along a path. */
export interface Crease {
  readonly path: readonly Point[];
  readonly width: number;
  /** Strength 0 to about 1. */
  readonly strength: number;
}

interface Parts {
  readonly eyes: readonly EyeShape[];
  readonly brows: readonly BrowShape[];
  readonly nose: NoseShape;
  readonly mouth: MouthShape;
}

/** All folds of a face: those of its age, and those that its expression cuts. */
export function faceCreases(person: Identity, units: ActionUnits, parts: Parts): Crease[] {
  return [
    ...SIDES.flatMap((side) => sideCreases(person, units, side, parts)),
    ...middleCreases(person, units, parts),
  ];
}

/** Folds of one half of the face. */
function sideCreases(person: Identity, units: ActionUnits, side: Side, parts: Parts): Crease[] {
  const on = (unit: ActionUnit): number => intensity(units, unit, side);
  const sign = SIGN[side];
  const index = side === "left" ? 0 : 1;
  const { age } = person;
  const eye = parts.eyes[index]!;
  const { nose } = parts;
  const corner = side === "left" ? parts.mouth.left : parts.mouth.right;
  const lined = smoothstep(0.25, 0.95, age);
  const wing: Point = [sign * (nose.halfWidth + 0.035), nose.wingY];
  const beside: Point = [corner[0] + sign * (0.13 + 0.05 * on(12)), corner[1] - 0.05];
  const creases: Crease[] = [
    // Nasolabial fold, from the wing of the nose around the corner of the mouth.
    {
      path: curveThrough(
        [
          [wing[0] - sign * 0.01, wing[1] - 0.12 - 0.05 * on(9)],
          [lerp(wing[0], beside[0], 0.45) + sign * 0.035 * (1 + on(12)), lerp(wing[1], beside[1], 0.42)],
          beside,
          [beside[0] - sign * 0.02, beside[1] + 0.13 + 0.05 * lined],
        ],
        CURVE_STEPS,
      ),
      width: 0.05,
      strength: clamp(
        0.1 +
          0.4 * lined +
          0.75 * on(12) +
          0.8 * on(10) +
          0.7 * on(9) +
          0.65 * on(11) +
          0.15 * on(6) +
          0.2 * on(15),
      ),
    },
    // Below the lower lid.
    {
      path: curveThrough(
        [
          [eye.inner[0] + sign * 0.02, eye.inner[1] + 0.06],
          [sign * (person.eyes.spacing - 0.04), 0.145 - 0.03 * on(6) - 0.02 * on(7)],
          [sign * (person.eyes.spacing + 0.16), 0.125 - 0.03 * on(6)],
        ],
        CURVE_STEPS,
      ),
      width: 0.035,
      strength: clamp(0.12 + 0.6 * person.eyes.bags + 0.45 * on(6) + 0.4 * on(7) + 0.3 * on(9)),
    },
    // From the corner of the mouth down.
    {
      path: curveThrough(
        [
          [corner[0] + sign * 0.03, corner[1] + 0.02],
          [corner[0] + sign * 0.075, corner[1] + 0.14],
          [corner[0] + sign * 0.07, corner[1] + 0.28],
        ],
        CURVE_STEPS,
      ),
      width: 0.035,
      strength: clamp(0.3 * lined + 0.75 * on(15) + 0.15 * on(17) - 0.3 * on(12)),
    },
    // Dimple.
    {
      path: [
        [corner[0] + sign * 0.055, corner[1] - 0.04],
        [corner[0] + sign * 0.065, corner[1] + 0.05],
      ],
      width: 0.03,
      strength: clamp(0.7 * on(14) + 0.35 * on(12) + 0.2 * on(20) + 0.2 * on(24)),
    },
    // Between the brows.
    {
      path: curveThrough(
        [
          [sign * (0.13 - 0.03 * on(4)), -0.36],
          [sign * (0.1 - 0.03 * on(4)), -0.24],
          [sign * 0.11, -0.13],
        ],
        CURVE_STEPS,
      ),
      width: 0.028,
      strength: clamp(0.3 * lined * person.ruggedness + 0.95 * on(4) * (1 - 0.35 * on(1)) + 0.3 * on(9)),
    },
    // Across the side of the nose.
    ...[0.14, 0.24].map((y, i) => ({
      path: curveThrough(
        [
          [sign * 0.05, y - 0.05],
          [sign * 0.14, y - 0.015],
          [sign * 0.2, y + 0.06],
        ] as Point[],
        CURVE_STEPS,
      ),
      width: 0.026,
      strength: clamp(0.9 * on(9) - 0.15 * i),
    })),
  ];
  // Crow's feet.
  for (const spread of [-0.07, 0.01, 0.09]) {
    creases.push({
      path: [
        [eye.outer[0] + sign * 0.06, eye.outer[1] + 0.25 * spread],
        [eye.outer[0] + sign * 0.14, eye.outer[1] + 0.8 * spread],
        [eye.outer[0] + sign * 0.22, eye.outer[1] + 1.5 * spread],
      ],
      width: 0.02,
      strength: clamp(0.45 * lined + 0.75 * on(6) * (0.5 + 0.5 * lined) - 0.1),
    });
  }
  return creases.filter((crease) => crease.strength > 0.02);
}

/** Folds across the midline: the forehead's lines, the bridge of the nose, below the lower lip. */
function middleCreases(
  person: Identity,
  units: ActionUnits,
  parts: Pick<Parts, "brows" | "nose" | "mouth">,
): Crease[] {
  const mean = (unit: ActionUnit): number => meanIntensity(units, unit);
  const lined = smoothstep(0.25, 0.95, person.age);
  const browTop = Math.min(...parts.brows.flatMap((brow) => brow.marks.map((mark) => mark[1])));
  const inner = mean(1);
  const outer = mean(2);
  const raised = clamp(0.75 * Math.max(inner, outer) * (0.55 + 0.45 * lined) + 0.2 * Math.min(inner, outer));
  const half = 0.35 + 0.3 * clamp(outer + lined - 0.5 * inner);
  const creases: Crease[] = [0.13, 0.26, 0.39].map((above, i) => {
    const y = browTop - above + 0.02 * i;
    const bend = 0.035 * outer - 0.06 * inner * (1 - outer);
    return {
      path: curveThrough(
        [
          [-half, y + 0.03 + bend],
          [-half * 0.5, y - 0.02],
          [0, y + 0.02 + bend * 0.5],
          [half * 0.5, y - 0.015],
          [half, y + 0.03 + bend],
        ],
        CURVE_STEPS,
      ),
      width: 0.03,
      strength: clamp(0.38 * lined + raised - 0.12 * i - (i === 2 ? 0.1 : 0)),
    };
  });
  creases.push({
    path: [
      [-0.09, 0.0],
      [0, -0.015],
      [0.09, 0.0],
    ],
    width: 0.028,
    strength: clamp(0.75 * mean(9) + 0.3 * mean(4) + 0.2 * lined - 0.05),
  });
  const below = parts.mouth.lowerOuter[Math.floor(parts.mouth.lowerOuter.length / 2)]!;
  creases.push({
    path: curveThrough(
      [
        [-0.2, below[1] + 0.075 + 0.03 * mean(17)],
        [0, below[1] + 0.055],
        [0.2, below[1] + 0.075 + 0.03 * mean(17)],
      ],
      CURVE_STEPS,
    ),
    width: 0.05,
    strength: clamp(0.28 + 0.55 * mean(17) + 0.15 * lined - 0.3 * mean(26)),
  });
  return creases.filter((crease) => crease.strength > 0.02);
}
