import { expect, it } from "vitest";
import { rowsInMemory } from "./feature-rows.ts";
import { adaptStandardization } from "./standardization.ts";

function zeros(dimensions: number) {
  const vector = () => ({ shape: [dimensions], data: new Float32Array(dimensions) });
  return new Map([
    ["s/mean", vector()],
    ["s/variance", vector()],
    ["s/count", { shape: [], data: new Float32Array(1) }],
  ]);
}

it("gives mean and population variance of every feature over many chunks", async () => {
  const count = 2500;
  // An arithmetic progression 0..n-1: mean (n - 1) / 2, variance (n² - 1) / 12.
  const data = Float32Array.from({ length: count * 2 }, (_, i) => (i % 2 === 0 ? i / 2 : 5 - i / 20));
  const statistics = await adaptStandardization(zeros(2), "s", rowsInMemory(data, 2));
  const mean = statistics.get("s/mean")!.data;
  const variance = statistics.get("s/variance")!.data;
  expect(mean[0]).toBeCloseTo((count - 1) / 2, 3);
  expect(variance[0]! / ((count ** 2 - 1) / 12)).toBeCloseTo(1, 6);
  expect(variance[1]! / variance[0]!).toBeCloseTo(0.01, 6);
  expect([...statistics.get("s/count")!.data]).toEqual([count]);
});

it("only centres a feature that never varies", async () => {
  const statistics = await adaptStandardization(
    zeros(3),
    "s",
    rowsInMemory(new Float32Array(30).fill(0.1), 3),
  );
  expect([...statistics.get("s/variance")!.data]).toEqual([1, 1, 1]);
  expect([...statistics.get("s/mean")!.data]).toEqual(Array(3).fill(Math.fround(0.1)));
});
