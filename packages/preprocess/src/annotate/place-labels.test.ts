import type { Box } from "@fer-bench/datasets";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeLabels } from "./place-labels.ts";

const picture = { width: 400, height: 300 };
const face = (left: number, top: number, side = 60): Box => ({ left, top, width: side, height: side });
const label = (box: Box) => ({ box, width: 80, height: 20 });

function overlap(a: Box, b: Box): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  );
}

describe("placing labels", () => {
  it("puts a label above its box, or below where there is no room above", () => {
    expect(placeLabels([label(face(100, 100))], picture, 4)).toEqual([
      { left: 100, top: 76, width: 80, height: 20 },
    ]);
    expect(placeLabels([label(face(100, 5))], picture, 4)[0]).toMatchObject({ left: 100, top: 69 });
  });

  it("puts it into a box that fills the picture", () => {
    const [place] = placeLabels([label({ left: 0, top: 0, ...picture })], picture, 4);
    expect(place!.top).toBeGreaterThanOrEqual(0);
    expect(place!.top + 20).toBeLessThanOrEqual(300);
  });

  it("begins at the edge where the label is larger than the picture", () => {
    expect(placeLabels([{ box: face(10, 10), width: 500, height: 400 }], picture, 4)[0]).toMatchObject({
      left: 0,
      top: 0,
    });
  });

  it("keeps every label inside the picture, wherever faces are", () => {
    const somewhere = fc.record({
      left: fc.integer({ min: -100, max: 450 }),
      top: fc.integer({ min: -100, max: 350 }),
      width: fc.integer({ min: 1, max: 500 }),
      height: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(fc.array(somewhere, { maxLength: 12 }), (boxes) => {
        for (const { left, top, width, height } of placeLabels(boxes.map(label), picture, 4)) {
          expect(left >= 0 && top >= 0 && left + width <= 400 && top + height <= 300).toBe(true);
        }
      }),
    );
  });

  it("lays no label over another one or over a face as long as there is room", () => {
    // A crowd: rows of faces that are nearer to each other than a label is long.
    const boxes = [0, 1, 2, 3].flatMap((column) =>
      [0, 1].map((row) => face(15 + 95 * column, 40 + 130 * row)),
    );
    const places = placeLabels(boxes.map(label), picture, 4);
    for (const [i, place] of places.entries()) {
      expect(places.some((other, j) => i !== j && overlap(place, other))).toBe(false);
      expect(boxes.some((box) => overlap(place, box))).toBe(false);
    }
    // Two faces one above the other: the lower one's label does not stand on the upper one.
    const [upper, lower] = [face(100, 60), face(100, 125)];
    const [, second] = placeLabels([label(upper), label(lower)], picture, 4);
    expect(overlap(second!, upper)).toBe(false);
  });
});
