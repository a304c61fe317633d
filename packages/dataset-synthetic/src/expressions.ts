import { normal, type Random, uniform } from "@fer-bench/artifacts";
import type { Label } from "@fer-bench/datasets";
import { type ActionUnit, type ActionUnits, type Activation, FACS_INTENSITY } from "./action-units.ts";
import { clamp } from "./base/math.ts";

/** An action unit that some but not all people show in an expression. */
export interface Variant {
  readonly unit: ActionUnit;
  /** Share of people who show it. */
  readonly share: number;
}

export interface Expression {
  /** Units that nearly everybody shows (more than 70% of the subjects). */
  readonly prototype: readonly ActionUnit[];
  readonly variants: readonly Variant[];
}

/**
 * Action units of the basic emotions: S. Du, Y. Tao and A. M. Martinez, "Compound facial expressions of
 * emotion", PNAS 111(15), E1454-E1462, 2014, table 1: what 230 people showed, with the share of them that
 * showed each variant. Neutral has none.
 */
export const EXPRESSIONS: Readonly<Record<Label, Expression>> = {
  angry: {
    prototype: [4, 7, 24],
    variants: [
      { unit: 10, share: 0.26 },
      { unit: 17, share: 0.52 },
      { unit: 23, share: 0.29 },
    ],
  },
  disgust: {
    prototype: [9, 10, 17],
    variants: [
      { unit: 4, share: 0.31 },
      { unit: 24, share: 0.26 },
    ],
  },
  fear: {
    prototype: [1, 4, 20, 25],
    variants: [
      { unit: 2, share: 0.57 },
      { unit: 5, share: 0.63 },
      { unit: 26, share: 0.33 },
    ],
  },
  happy: {
    prototype: [12, 25],
    variants: [{ unit: 6, share: 0.51 }],
  },
  sad: {
    prototype: [4, 15],
    variants: [
      { unit: 1, share: 0.6 },
      { unit: 6, share: 0.5 },
      { unit: 11, share: 0.26 },
      { unit: 17, share: 0.67 },
    ],
  },
  surprise: {
    prototype: [1, 2, 25, 26],
    variants: [{ unit: 5, share: 0.66 }],
  },
  neutral: { prototype: [], variants: [] },
};

/** Units that come and go in any face at rest or speaking, with the share of pictures that have a trace. */
const INCIDENTAL: readonly Variant[] = [
  { unit: 1, share: 0.06 },
  { unit: 2, share: 0.06 },
  { unit: 4, share: 0.08 },
  { unit: 7, share: 0.08 },
  { unit: 12, share: 0.08 },
  { unit: 14, share: 0.08 },
  { unit: 15, share: 0.06 },
  { unit: 17, share: 0.06 },
  { unit: 25, share: 0.12 },
];

/** How an expression is performed in one picture. */
export interface Performance {
  /** Overall strength of the expression, 0 to 1. */
  readonly strength: number;
  readonly units: ActionUnits;
}

/**
 * Draws one performance of an expression: its prototype, the variants that this picture happens to have,
 * traces of incidental units, each with an intensity of its own and slightly uneven sides.
 * `weakest` is the least overall strength.
 */
export function perform(label: Label, random: Random, weakest: number): Performance {
  const { prototype, variants } = EXPRESSIONS[label];
  const strength = label === "neutral" ? 0 : uniform(random, weakest, 1);
  const lopsided = 0.1 * normal(random);
  const units: Partial<Record<ActionUnit, Activation>> = {};
  const activate = (unit: ActionUnit, level: number): void => {
    const tilt = lopsided + 0.06 * normal(random);
    units[unit] = { left: clamp(level * (1 + tilt)), right: clamp(level * (1 - tilt)) };
  };
  for (const { unit, share } of INCIDENTAL) {
    const shown = random.next() < share;
    const level = uniform(random, FACS_INTENSITY.A, FACS_INTENSITY.B);
    if (shown) activate(unit, level);
  }
  for (const { unit, share } of variants) {
    const shown = random.next() < share;
    const level = strength * uniform(random, FACS_INTENSITY.C, 1.05);
    if (shown) activate(unit, level);
  }
  for (const unit of prototype) activate(unit, strength * uniform(random, 0.7, 1.1));
  return { strength, units };
}
