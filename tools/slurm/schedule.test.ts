import fc from "fast-check";
import { expect, it } from "vitest";
import { criticalPath, makespan, type TimedTask } from "./schedule.ts";

const task = (id: string, seconds: number, ...after: string[]): TimedTask => ({ id, seconds, after });

it("runs what is ready, in its order, on the node that is free first", () => {
  const grid = [
    task("prepare", 10),
    ...[1, 2, 3, 4].map((cell) => task(`train-${cell}`, 20, "prepare")),
    task("report", 5, "train-1", "train-2", "train-3", "train-4"),
  ];
  expect([1, 2, 3, 4, 16].map((nodes) => makespan(grid, nodes))).toEqual([95, 55, 55, 35, 35]);
  expect(criticalPath(grid)).toBe(35);
  expect(makespan(grid, 1, 1)).toBe(100);
});

it("has Graham's anomaly: his nine tasks take longer on four machines than on three", () => {
  const tasks = [
    task("1", 3),
    task("2", 2),
    task("3", 2),
    task("4", 2),
    task("5", 4, "4"),
    task("6", 4, "4"),
    task("7", 4, "4"),
    task("8", 4, "4"),
    task("9", 9, "1"),
  ];
  expect(makespan(tasks, 3)).toBe(12);
  expect(makespan(tasks, 4)).toBe(15);
});

it("stays between the bounds, and within Graham's factor of them", () => {
  const tasks = fc.array(
    fc.record({ seconds: fc.integer({ min: 1, max: 50 }), before: fc.array(fc.nat(30), { maxLength: 3 }) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(tasks, fc.integer({ min: 1, max: 16 }), (drawn, nodes) => {
      const graph = drawn.map(({ seconds, before }, i) =>
        task(String(i), seconds, ...before.filter((other) => other < i).map(String)),
      );
      const work = graph.reduce((sum, { seconds }) => sum + seconds, 0);
      const least = Math.max(criticalPath(graph), work / nodes);
      const found = makespan(graph, nodes);
      expect(found).toBeGreaterThanOrEqual(least - 1e-9);
      expect(found).toBeLessThanOrEqual((2 - 1 / nodes) * least + 1e-9);
      if (nodes === 1) expect(found).toBe(work);
    }),
  );
});

it("refuses a circle", () => {
  expect(() => makespan([task("a", 1, "b"), task("b", 1, "a")], 2)).toThrow(RangeError);
});
