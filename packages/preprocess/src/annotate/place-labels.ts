import type { Box } from "@fer-bench/datasets";

/** A label that is to stand at a box. */
export interface LabelSize {
  readonly box: Box;
  readonly width: number;
  readonly height: number;
}

/**
 * Where labels stand: each inside the picture, at its box, one after another where it covers least of the labels already
 * there and then of the faces; above the box where that is all the same. A label that is larger than the picture begins
 * at its edge.
 */
export function placeLabels(
  labels: readonly LabelSize[],
  picture: { readonly width: number; readonly height: number },
  gap: number,
): Box[] {
  const placed: Box[] = [];
  for (const { box, width, height } of labels) {
    const faces = labels.map((label) => label.box);
    const cost = (place: Box): number =>
      LABELS_BEFORE_FACES * covered(place, placed) + covered(place, faces) + covered(place, [box]);
    const places = placesAt(box, width, height, gap).map((place) => inside(place, picture));
    placed.push(places.reduce((best, place) => (cost(place) < cost(best) - 0.5 ? place : best)));
  }
  return placed;
}

/** A face that is half hidden can be told; a label cannot. */
const LABELS_BEFORE_FACES = 100;

/** Above, below, beside and in the box, the best first. */
function placesAt(
  { left, top, width: boxWidth, height: boxHeight }: Box,
  width: number,
  height: number,
  gap: number,
) {
  const [above, below] = [top - height - gap, top + boxHeight + gap];
  const [right, after] = [left + boxWidth - width, left + boxWidth + gap];
  const at = (x: number, y: number): Box => ({ left: x, top: y, width, height });
  return [
    at(left, above),
    at(left, below),
    at(right, above),
    at(right, below),
    at(after, top),
    at(left - gap - width, top),
    at(left + gap, top + boxHeight - height - gap),
    at(left + gap, top + gap),
  ];
}

function inside({ left, top, width, height }: Box, picture: { width: number; height: number }): Box {
  return {
    left: Math.max(0, Math.min(left, picture.width - width)),
    top: Math.max(0, Math.min(top, picture.height - height)),
    width,
    height,
  };
}

/** Square pixels of a rectangle that others cover, counted for each of them. */
function covered(place: Box, others: readonly Box[]): number {
  return others.reduce((sum, other) => {
    const across = shared(place.left, place.width, other.left, other.width);
    return sum + across * shared(place.top, place.height, other.top, other.height);
  }, 0);
}

function shared(a: number, length: number, b: number, otherLength: number): number {
  return Math.max(0, Math.min(a + length, b + otherLength) - Math.max(a, b));
}
