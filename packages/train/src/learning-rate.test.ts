import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { finetuneSchema, type RateConfig } from "./finetune-config.ts";
import { learningRateAt, learningRateSchedule, type TrainingLength } from "./learning-rate.ts";

/** Recorded from PyTorch by tools/fixtures/torch_schedules.py. */
const { entries } = JSON.parse(
  readFileSync(new URL("../test/torch-schedules.json", import.meta.url), "utf8"),
) as { entries: { optimizer: RateConfig; length: TrainingLength; rates: number[] }[] };

/** All rates of a training whose `optimizer` section has these fields. */
function ratesOf(optimizer: object, length: TrainingLength): number[] {
  const rateAt = learningRateSchedule(
    finetuneSchema.parse({ mode: "finetune", optimizer }).optimizer,
    length,
  );
  return Array.from({ length: length.epochs * length.stepsPerEpoch }, (_, step) => rateAt(step));
}

describe("learningRateAt", () => {
  it("multiplies by the factor after every so many epochs", () => {
    const optimizer = { learningRate: 0.001, decay: { factor: 0.9, everyEpochs: 10 } };
    const rates = [0, 9, 10, 19, 20, 59].map((epoch) => learningRateAt(optimizer, epoch));
    const expected = [0.001, 0.001, 0.0009, 0.0009, 0.00081, 0.00059049];
    rates.forEach((rate, i) => {
      expect(rate).toBeCloseTo(expected[i]!, 12);
    });
  });

  it("stays where it is with factor 1", () => {
    expect(learningRateAt({ learningRate: 0.05, decay: { factor: 1, everyEpochs: 1 } }, 1000)).toBe(0.05);
  });
});

describe("learningRateSchedule", () => {
  it.each(entries)("is PyTorch's: $optimizer.schedule, warm-up $optimizer.warmup", (recorded) => {
    const rates = ratesOf(recorded.optimizer, recorded.length);
    expect(rates).toHaveLength(recorded.rates.length);
    rates.forEach((rate, step) => {
      expect(Math.abs(rate - recorded.rates[step]!) / recorded.optimizer.learningRate).toBeLessThan(1e-12);
    });
  });

  it("is the step decay of a frozen backbone's head by default", () => {
    const rates = ratesOf({}, { epochs: 25, stepsPerEpoch: 4 });
    const decay = { factor: 0.9, everyEpochs: 10 };
    rates.forEach((rate, step) => {
      expect(rate).toBe(learningRateAt({ learningRate: 0.001, decay }, Math.floor(step / 4)));
    });
  });

  it.each([{ kind: "step", factor: 0.5, everyEpochs: 1 }, { kind: "cosine" }, { kind: "oneCycle" }])(
    "warms up to the first rate of $kind, which then has the steps that are left",
    (schedule) => {
      const length = { epochs: 4, stepsPerEpoch: 5 };
      const whole = ratesOf({ schedule, learningRate: 0.1 }, { epochs: 3, stepsPerEpoch: 5 });
      const warmup = { length: 1, startFraction: 0.2 };
      const warmed = ratesOf({ schedule, learningRate: 0.1, warmup }, length);
      expect(warmed.slice(5)).toEqual(whole);
      [0.2, 0.36, 0.52, 0.68, 0.84].forEach((share, step) => {
        expect(warmed[step]! / whole[0]!).toBeCloseTo(share, 12);
      });
    },
  );

  it("stays a number in trainings of a step or two, and where all of it is warm-up", () => {
    for (const schedule of [{ kind: "step" }, { kind: "cosine" }, { kind: "oneCycle" }]) {
      for (const length of [1, 2, 3]) {
        for (const warmup of [null, { length: 2, unit: "steps" }, { length: 5 }]) {
          for (const rate of ratesOf({ schedule, warmup }, { epochs: 1, stepsPerEpoch: length })) {
            expect(rate).toBeGreaterThanOrEqual(0);
            expect(rate).toBeLessThanOrEqual(0.001);
          }
        }
      }
    }
  });
});
