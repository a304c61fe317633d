import type { Side } from "../action-units.ts";

/** -1 for the half on the picture's left, 1 for its right. */
export const SIGN: Readonly<Record<Side, number>> = { left: -1, right: 1 };
export const SIDES: readonly Side[] = ["left", "right"];

/** Pieces of a drawn curve between two of its points. */
export const CURVE_STEPS = 4;
