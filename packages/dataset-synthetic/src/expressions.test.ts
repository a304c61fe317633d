import { createRandom } from "@fer-bench/artifacts";
import { CANONICAL_LABELS } from "@fer-bench/datasets";
import { describe, expect, it } from "vitest";
import { ACTION_UNITS, type ActionUnit, FACS_INTENSITY } from "./action-units.ts";
import { EXPRESSIONS, perform } from "./expressions.ts";

describe("the table of expressions", () => {
  it("has every canonical label, in action units that exist", () => {
    expect(Object.keys(EXPRESSIONS).sort()).toEqual([...CANONICAL_LABELS].sort());
    for (const { prototype, variants } of Object.values(EXPRESSIONS)) {
      for (const unit of [...prototype, ...variants.map((variant) => variant.unit)]) {
        expect(ACTION_UNITS).toHaveProperty(String(unit));
      }
    }
  });

  it("lists no unit twice, and keeps to the study's border of 70% between prototype and variant", () => {
    for (const { prototype, variants } of Object.values(EXPRESSIONS)) {
      const units = [...prototype, ...variants.map((variant) => variant.unit)];
      expect(new Set(units).size).toBe(units.length);
      for (const { share } of variants) {
        expect(share).toBeGreaterThan(0.2);
        expect(share).toBeLessThan(0.7);
      }
    }
  });

  it("tells any two expressions apart by their prototypes", () => {
    const prototypes = Object.values(EXPRESSIONS).map(({ prototype }) => prototype.join("+"));
    expect(new Set(prototypes).size).toBe(CANONICAL_LABELS.length);
  });
});

describe("perform", () => {
  it("gives the same performance for the same stream", () => {
    expect(perform("fear", createRandom(3), 0.5)).toEqual(perform("fear", createRandom(3), 0.5));
    expect(perform("fear", createRandom(3), 0.5)).not.toEqual(perform("fear", createRandom(4), 0.5));
  });

  it("always shows the prototype, no weaker than asked for, with intensities between 0 and 1", () => {
    for (const label of CANONICAL_LABELS) {
      const random = createRandom("prototype", label);
      for (let i = 0; i < 100; i++) {
        const { strength, units } = perform(label, random, 0.4);
        if (label !== "neutral") expect(strength).toBeGreaterThanOrEqual(0.4);
        for (const unit of EXPRESSIONS[label].prototype) expect(units[unit]).toBeDefined();
        for (const { left, right } of Object.values(units)) {
          expect(Math.min(left, right)).toBeGreaterThanOrEqual(0);
          expect(Math.max(left, right)).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it("shows a variant about as often as people in the study did", () => {
    const random = createRandom("variants");
    const draws = 3000;
    // Units without an incidental share of their own.
    for (const [label, unit, share] of [
      ["happy", 6, 0.51],
      ["angry", 23, 0.29],
      ["surprise", 5, 0.66],
    ] as const) {
      let shown = 0;
      for (let i = 0; i < draws; i++) if (perform(label, random, 0.5).units[unit]) shown++;
      const deviation = Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs(shown / draws - share)).toBeLessThan(4 * deviation);
    }
  });

  it("leaves at most traces in a neutral face", () => {
    const random = createRandom("neutral");
    for (let i = 0; i < 200; i++) {
      const { strength, units } = perform("neutral", random, 0.5);
      expect(strength).toBe(0);
      for (const unit of Object.keys(units).map(Number) as ActionUnit[]) {
        expect(units[unit]!.left).toBeLessThan(FACS_INTENSITY.C);
      }
    }
  });
});
