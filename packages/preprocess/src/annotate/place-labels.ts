import type { Box } from "@fer-bench/datasets";

/** A label that is to stand at a box. */
export interface LabelSize {
  readonly box: Box;
  readonly width: number;
  readonly height: number;
}

/**
 * Where labels stand: each inside the picture, at its box, one after another where it covers least of the labels already
 * there, then of other faces, then of its own; above the box where that is all the same. A label that is larger than the
 * picture begins at its edge.
 */
export function placeLabels(
  labels: readonly LabelSize[],
  picture: { readonly width: number; readonly height: number },
  gap: number,
): Box[] {
  const placed: Box[] = [];
  for (const { box, width, height } of labels) {
    const others = labels.map((label) => label.box).filter((other) => other !== box);
    const cost = (place: Box): number =>
      OF_LABELS * covered(place, placed) + OF_OTHERS * covered(place, others) + covered(place, [box]);
    const places = placesAt(box, width, height, gap).map((place) => inside(place, picture));
    placed.push(places.reduce((best, place) => (cost(place) < cost(best) - 0.5 ? place : best)));
  }
  return placed;
}

/** A square pixel covered of a label or of another face, against one of the label's own: what cannot be read is lost. */
const OF_LABELS = 100;
const OF_OTHERS = 3;

/** Above, below and in the box, the best first. */
function placesAt(
  { left, top, width: boxWidth, height: boxHeight }: Box,
  width: number,
  height: number,
  gap: number,
): Box[] {
  const [above, below] = [top - height - gap, top + boxHeight + gap];
  const right = left + boxWidth - width;
  const at = (x: number, y: number): Box => ({ left: x, top: y, width, height });
  return [
    at(left, above),
    at(left, below),
    at(right, above),
    at(right, below),
    at(left + gap, top + gap),
    at(left + gap, top + boxHeight - height - gap),
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
