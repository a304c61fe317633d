import { createRandom, normal } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { createKernels, firstFree, reserve } from "./kernels.ts";

/** Every pair, in plain loops. */
function exactRepulsion(points: Float64Array) {
  const repulsion = new Float64Array(points.length);
  let total = 0;
  for (let i = 0; i < points.length; i += 2) {
    for (let j = 0; j < points.length; j += 2) {
      if (i === j) continue;
      const dx = points[i]! - points[j]!;
      const dy = points[i + 1]! - points[j + 1]!;
      const w = 1 / (1 + dx * dx + dy * dy);
      total += w;
      repulsion[i]! += w * w * dx;
      repulsion[i + 1]! += w * w * dy;
    }
  }
  return { repulsion, total };
}

/** Trees over so many points, of which one serves map after map. */
function createTree(n: number) {
  const kernels = createKernels();
  reserve(kernels, kernels.layOut(n, 0, firstFree(kernels)));
  const view = (pointer: number) => new Float64Array(kernels.memory.buffer, pointer, 2 * n);
  return (points: Float64Array, theta: number) => {
    view(kernels.points.value).set(points);
    const total = kernels.repel(kernels.repulsion.value, theta);
    return { total, repulsion: view(kernels.repulsion.value).slice() };
  };
}

const byTree = (points: Float64Array, theta: number) => createTree(points.length / 2)(points, theta);

function cloud(count: number, spread: number): Float64Array {
  const random = createRandom("quadtree", count);
  return Float64Array.from({ length: 2 * count }, () => spread * normal(random));
}

describe("repulsion by a tree", () => {
  it.each([1e-4, 1, 30])("adds up all pairs where no cell may stand for its points, spread %d", (spread) => {
    const points = cloud(303, spread);
    const exact = exactRepulsion(points);
    const tree = byTree(points, 0);
    expect(tree.total / exact.total).toBeCloseTo(1, 12);
    const largest = Math.max(...exact.repulsion.map(Math.abs));
    tree.repulsion.forEach((value, i) => {
      expect(Math.abs(value - exact.repulsion[i]!)).toBeLessThan(1e-12 * largest);
    });
  });

  it("is within 3% of all pairs, root mean square, with cells of half their distance", () => {
    const points = cloud(2000, 20);
    const exact = exactRepulsion(points);
    const tree = byTree(points, 0.5);
    expect(Math.abs(tree.total / exact.total - 1)).toBeLessThan(0.02);
    const squares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
    const error = squares(tree.repulsion.map((value, i) => value - exact.repulsion[i]!));
    expect(Math.sqrt(error / squares(exact.repulsion))).toBeLessThan(0.03);
  });

  it("counts points in the same place, and a map that is one place", () => {
    const points = Float64Array.of(0, 0, 0, 0, 3, 4, 3, 4, 3, 4);
    expect(byTree(points, 0).total).toBeCloseTo(exactRepulsion(points).total, 12);
    const same = new Float64Array(8);
    expect(byTree(same, 0.5)).toEqual({ total: 12, repulsion: new Float64Array(8) });
  });

  it("serves another map with the memory of the last", () => {
    const tree = createTree(50);
    tree(cloud(50, 1), 0);
    const points = cloud(50, 9);
    expect(tree(points, 0).total).toBeCloseTo(exactRepulsion(points).total, 9);
  });
});
