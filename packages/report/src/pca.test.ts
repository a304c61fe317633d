import { readFileSync } from "node:fs";
import { createRandom, normal } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { symmetricEigen } from "./eigen.ts";
import type { Matrix } from "./matrix.ts";
import { principalComponents } from "./pca.ts";

/** Recorded by tools/fixtures/sklearn_embeddings.py. */
const { digits } = JSON.parse(
  readFileSync(new URL("../test/sklearn-digits.json", import.meta.url), "utf8"),
) as {
  digits: { rows: number; columns: number; data: number[]; pca: { explained: number[]; plane: number[] } };
};

describe("principalComponents", () => {
  it("agrees with scikit-learn's full decomposition on the digits, up to signs", () => {
    const features: Matrix = { ...digits, data: Float32Array.from(digits.data) };
    const { scores, explained } = principalComponents(features, 10, 1);
    digits.pca.explained.forEach((share, k) => {
      expect(explained[k]).toBeCloseTo(share, 6);
    });
    for (const k of [0, 1]) {
      const ours = Array.from({ length: 200 }, (_, i) => scores.data[i * 10 + k]!);
      const theirs = Array.from({ length: 200 }, (_, i) => digits.pca.plane[2 * i + k]!);
      const sign = Math.sign(ours[0]! * theirs[0]!);
      ours.forEach((score, i) => {
        expect(score).toBeCloseTo(sign * theirs[i]!, 4);
      });
    }
  });

  it("keeps all distances where nothing is left out, and puts each largest score on the positive side", () => {
    const random = createRandom("points", 1);
    const data = Float64Array.from({ length: 7 * 5 }, () => normal(random));
    const { scores, explained } = principalComponents({ rows: 7, columns: 5, data }, 50, 1);
    expect(scores.columns).toBe(5);
    expect(explained.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    const distance = (values: Float64Array, i: number, j: number) =>
      Math.hypot(...Array.from({ length: 5 }, (_, c) => values[i * 5 + c]! - values[j * 5 + c]!));
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < i; j++) expect(distance(scores.data, i, j)).toBeCloseTo(distance(data, i, j), 10);
    }
    for (let k = 0; k < 5; k++) {
      const column = Array.from({ length: 7 }, (_, i) => scores.data[i * 5 + k]!);
      expect(Math.max(...column)).toBeGreaterThanOrEqual(-Math.min(...column));
    }
  });

  it("gives zeros for points that are all the same", () => {
    const same = { rows: 6, columns: 3, data: new Float64Array(18).fill(4) };
    const { scores, explained } = principalComponents(same, 2, 1);
    expect([...scores.data].every((value) => value === 0)).toBe(true);
    expect([...explained]).toEqual([0, 0]);
  });
});

describe("symmetricEigen", () => {
  it("solves [[2, 1], [1, 2]]: 3 along (1, 1), 1 across", () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect(values[0]).toBeCloseTo(3, 12);
    expect(values[1]).toBeCloseTo(1, 12);
    expect(vectors[0]! / vectors[2]!).toBeCloseTo(1, 12);
    expect(vectors[1]! / vectors[3]!).toBeCloseTo(-1, 12);
  });

  it("gives A v = λ v and orthonormal vectors for a random symmetric matrix", () => {
    const n = 9;
    const random = createRandom("symmetric", 1);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = normal(random);
    const { values, vectors } = symmetricEigen(a, n);
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) {
        let product = 0;
        let inner = 0;
        for (let j = 0; j < n; j++) {
          product += a[i * n + j]! * vectors[j * n + k]!;
          inner += vectors[j * n + i]! * vectors[j * n + k]!;
        }
        expect(product).toBeCloseTo(values[k]! * vectors[i * n + k]!, 10);
        expect(inner).toBeCloseTo(i === k ? 1 : 0, 10);
      }
      if (k > 0) expect(values[k]!).toBeLessThanOrEqual(values[k - 1]!);
    }
  });
});
