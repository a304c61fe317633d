import type { ActionUnit } from "../action-units.ts";
import type { Identity } from "../identity.ts";

export interface NoseShape {
  readonly rootY: number;
  readonly tipY: number;
  readonly baseY: number;
  /** Half width over the wings. */
  readonly halfWidth: number;
  readonly wingY: number;
}

/** The nose, lifted and widened by units 9, 10, 12, 20 and 26; `mean` gives a unit's intensity. */
export function noseShape(person: Identity, mean: (unit: ActionUnit) => number): NoseShape {
  const { length, width } = person.nose;
  const lift = 0.045 * mean(9) + 0.015 * mean(10) + 0.01 * mean(12) - 0.02 * mean(26);
  return {
    rootY: 0,
    tipY: length * 0.745 - 0.6 * lift,
    baseY: length - 0.5 * lift,
    halfWidth: width + 0.03 * mean(9) + 0.015 * mean(10) + 0.025 * mean(12) + 0.012 * mean(20),
    wingY: length - 0.1 - lift,
  };
}
