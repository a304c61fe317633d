/**
 * The action units of the Facial Action Coding System (Ekman, Friesen and Hager 2002) that the portraits
 * can show.
 */
export const ACTION_UNITS = {
  1: "inner brow raiser",
  2: "outer brow raiser",
  4: "brow lowerer",
  5: "upper lid raiser",
  6: "cheek raiser",
  7: "lid tightener",
  9: "nose wrinkler",
  10: "upper lip raiser",
  11: "nasolabial deepener",
  12: "lip corner puller",
  14: "dimpler",
  15: "lip corner depressor",
  16: "lower lip depressor",
  17: "chin raiser",
  20: "lip stretcher",
  23: "lip tightener",
  24: "lip pressor",
  25: "lips part",
  26: "jaw drop",
  27: "mouth stretch",
  43: "eyes closed",
} as const;

export type ActionUnit = keyof typeof ACTION_UNITS;

/** How strongly an action unit acts on the two halves of the picture, 0 (absent) to 1 (FACS intensity E). */
export interface Activation {
  readonly left: number;
  readonly right: number;
}

export type ActionUnits = Partial<Record<ActionUnit, Activation>>;

export type Side = "left" | "right";

/** Intensity of a unit on one side of the picture; 0 when it is not active. */
export function intensity(units: ActionUnits, unit: ActionUnit, side: Side): number {
  return units[unit]?.[side] ?? 0;
}

/** Mean intensity of both sides. */
export function meanIntensity(units: ActionUnits, unit: ActionUnit): number {
  const active = units[unit];
  return active ? (active.left + active.right) / 2 : 0;
}

/** FACS intensity letters as the middles of five equal steps; E is the maximum itself. */
export const FACS_INTENSITY = { A: 0.1, B: 0.3, C: 0.5, D: 0.75, E: 1 } as const;
