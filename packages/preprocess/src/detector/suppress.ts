import type { Corners } from "./pyramid.ts";

export interface OverlapLimits {
  readonly intersectionOverUnion: number;
  /** Share of either box that the other one covers. */
  readonly covered: number;
}

/** The boxes from the strongest down, without those that overlap a stronger one (dlib's `test_box_overlap`). */
export function suppressOverlaps<T extends Corners & { readonly score: number }>(
  boxes: readonly T[],
  limits: OverlapLimits,
): T[] {
  const kept: T[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score)) {
    if (!kept.some((stronger) => overlap(stronger, box, limits))) kept.push(box);
  }
  return kept;
}

function overlap(a: Corners, b: Corners, { intersectionOverUnion, covered }: OverlapLimits): boolean {
  const inner = area(
    Math.max(a.left, b.left),
    Math.max(a.top, b.top),
    Math.min(a.right, b.right),
    Math.min(a.bottom, b.bottom),
  );
  if (inner === 0) return false;
  // dlib's union is the rectangle around both.
  const outer = area(
    Math.min(a.left, b.left),
    Math.min(a.top, b.top),
    Math.max(a.right, b.right),
    Math.max(a.bottom, b.bottom),
  );
  const smaller = Math.min(areaOf(a), areaOf(b));
  return inner / outer > intersectionOverUnion || inner / smaller > covered;
}

function areaOf({ left, top, right, bottom }: Corners): number {
  return area(left, top, right, bottom);
}

function area(left: number, top: number, right: number, bottom: number): number {
  return right < left || bottom < top ? 0 : (right - left + 1) * (bottom - top + 1);
}
