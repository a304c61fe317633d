import { createRandom } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { symmetricBeta } from "./beta.ts";

const DRAWS = 40_000;

/** Cumulative distributions that have a closed form. */
const CLOSED: readonly [alpha: number, cdf: (x: number) => number][] = [
  [0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  [1, (x) => x],
  [2, (x) => x * x * (3 - 2 * x)],
];
/** `scipy.stats.beta(0.2, 0.2).cdf` of scipy 1.10.1. */
const FIFTH: readonly [x: number, below: number][] = [
  [0.001, 0.1322],
  [0.01, 0.20978],
  [0.1, 0.33669],
  [0.25, 0.41406],
  [0.4, 0.46775],
];

function draws(alpha: number): Float64Array {
  const random = createRandom("beta", alpha);
  return Float64Array.from({ length: DRAWS }, () => symmetricBeta(random, alpha)).sort();
}

describe("symmetricBeta", () => {
  it.each(CLOSED)("is distributed as Beta(alpha, alpha), alpha %d", (alpha, cdf) => {
    const largest = draws(alpha).reduce(
      (most, x, i) => Math.max(most, Math.abs(cdf(x) - (i + 0.5) / DRAWS)),
      0,
    );
    // Kolmogorov and Smirnov: above 1.95 / sqrt(n) once in a thousand.
    expect(largest).toBeLessThan(1.95 / Math.sqrt(DRAWS));
  });

  it("is distributed as scipy's Beta(0.2, 0.2)", () => {
    const sorted = draws(0.2);
    for (const [x, below] of FIFTH) {
      const share = sorted.filter((value) => value <= x).length / DRAWS;
      expect(Math.abs(share - below)).toBeLessThan(4 * Math.sqrt((below * (1 - below)) / DRAWS));
    }
  });

  it.each([0.05, 0.2, 1, 8])("has mean 1/2 and variance 1 / (4 (2 alpha + 1)) (alpha %d)", (alpha) => {
    const values = draws(alpha);
    const mean = values.reduce((sum, x) => sum + x, 0) / DRAWS;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / DRAWS;
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / DRAWS));
    expect(variance / expected).toBeCloseTo(1, 1);
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
  });
});
