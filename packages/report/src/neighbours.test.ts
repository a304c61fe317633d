import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestNeighbours } from "./neighbours.ts";
import { squaredDistances } from "./squared-distances.test.helper.ts";

/** Whole numbers: their sums are exact in any order, and some are equally far. */
const matrices = fc
  .record({ rows: fc.integer({ min: 2, max: 23 }), columns: fc.integer({ min: 1, max: 7 }) })
  .chain(({ rows, columns }) =>
    fc
      .array(fc.integer({ min: -9, max: 9 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ rows, columns, data: Float64Array.from(values) })),
  );

describe("nearestNeighbours", () => {
  it("are at the distances that sorting all pairs gives, nearest first", () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const { rows } = matrix;
        const count = Math.min(5, rows - 1);
        const all = squaredDistances(matrix);
        const { indices, distances } = nearestNeighbours(matrix, count);
        for (let i = 0; i < rows; i++) {
          const others = Array.from(all.subarray(i * rows, (i + 1) * rows)).filter((_, j) => j !== i);
          const own = [...distances.subarray(i * count, (i + 1) * count)];
          expect(own.sort((a, b) => a - b)).toEqual(others.sort((a, b) => a - b).slice(0, count));
          const named = [...indices.subarray(i * count, (i + 1) * count)];
          expect(new Set(named).size).toBe(count);
          expect(named).not.toContain(i);
          named.forEach((j, k) => {
            expect(all[i * rows + j]).toBe(distances[i * count + k]);
          });
        }
      }),
    );
  });

  it("refuses as many neighbours as points", () => {
    expect(() => nearestNeighbours({ rows: 3, columns: 1, data: new Float64Array(3) }, 3)).toThrow(
      RangeError,
    );
  });
});
