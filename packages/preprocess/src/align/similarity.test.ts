import fc from "fast-check";
import { expect, it } from "vitest";
import { findSimilarity } from "./similarity.ts";

const coordinate = fc.double({ min: -1000, max: 1000, noNaN: true });
const points = fc
  .array(coordinate, { minLength: 4, maxLength: 24 })
  .map((all) => all.slice(0, 2 * Math.floor(all.length / 2)));

it("is the similarity that took the points where they are", () => {
  fc.assert(
    fc.property(points, coordinate, coordinate, coordinate, coordinate, (from, a, b, c, d) => {
      const spread = Math.max(...from) - Math.min(...from);
      fc.pre(spread > 1);
      const to = from.map((value, i) =>
        i % 2 ? b * from[i - 1]! + a * value + d : a * value - b * from[i + 1]! + c,
      );
      const found = findSimilarity(from, to);
      const size = Math.hypot(a, b, c, d);
      expect(Math.abs(found.a - a)).toBeLessThan(1e-6 * (1 + size));
      expect(Math.abs(found.b - b)).toBeLessThan(1e-6 * (1 + size));
    }),
  );
});

it("leaves a smaller sum of squares than any neighbour, without mirroring", () => {
  // The second set is the first one mirrored: no turn makes them meet.
  const from = [0, 0, 10, 0, 10, 4, 3, 9];
  const to = [0, 0, -10, 1, -10, 4, -3, 9];
  const sum = (a: number, b: number, c: number, d: number): number => {
    let squares = 0;
    for (let i = 0; i < from.length; i += 2) {
      squares += (a * from[i]! - b * from[i + 1]! + c - to[i]!) ** 2;
      squares += (b * from[i]! + a * from[i + 1]! + d - to[i + 1]!) ** 2;
    }
    return squares;
  };
  const { a, b, c, d } = findSimilarity(from, to);
  for (const step of [-0.01, 0.01]) {
    expect(sum(a + step, b, c, d)).toBeGreaterThan(sum(a, b, c, d));
    expect(sum(a, b + step, c, d)).toBeGreaterThan(sum(a, b, c, d));
    expect(sum(a, b, c + step, d)).toBeGreaterThan(sum(a, b, c, d));
    expect(sum(a, b, c, d + step)).toBeGreaterThan(sum(a, b, c, d));
  }
});

it("only shifts points that fall together, as dlib does", () => {
  expect(findSimilarity([3, 4, 3, 4], [5, 5, 7, 7])).toEqual({ a: 1, b: 0, c: 3, d: 2 });
});
