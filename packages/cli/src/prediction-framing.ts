import type { ClassifierCard } from "@fer-bench/models";

/** What a chip shows, as `alignFace` has it. */
export interface Framing {
  readonly padding: number;
  readonly lift: number;
}

/*
 * Measured by benchmarks/faces/prediction-framing.ts: what `alignFace` would have to be told to give the chips and boxes
 * of a data set, medians.
 */

/** FER-2013's training chips. */
const FER2013: Framing = { padding: 0.19, lift: 0.14 };
/** Squares around 68 landmarks, without a margin. */
const AROUND_LANDMARKS: Framing = { padding: 0.1, lift: -0.09 };

/**
 * Chips should show what those showed that the classifier was trained on, as far as its card says: as aligned ones, as
 * boxes, or else as FER-2013's, which come as they are.
 */
export function framingOf({ picture }: Pick<ClassifierCard, "picture">): Framing {
  const { kind, margin, padding } = picture?.face ?? { kind: "whole" };
  if (kind === "dlib" && typeof padding === "number") return { padding, lift: 0 };
  if (kind !== "box" || typeof margin !== "number") return FER2013;
  const side = (1 + 2 * AROUND_LANDMARKS.padding) * (1 + 2 * margin);
  return { padding: Math.max(0, (side - 1) / 2), lift: AROUND_LANDMARKS.lift };
}
