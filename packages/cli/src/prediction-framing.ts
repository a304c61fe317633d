import type { ClassifierCard } from "@fer-bench/models";

/** What a chip shows, as `alignFace` has it. */
export interface Framing {
  readonly padding: number;
  readonly lift: number;
}

/* Both as measured by benchmarks/faces/prediction-framing.ts. */

/**
 * Like FER-2013's training chips, whose median is 0.19 and 0.14: chosen on half of muxspace's photographs by what the
 * classifier that comes with fer-bench makes of them.
 */
const FER2013: Framing = { padding: 0.2, lift: 0.1 };
/** What squares around 68 landmarks show, the rendered set's boxes: medians. */
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
