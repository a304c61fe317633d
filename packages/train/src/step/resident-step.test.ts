import { expect, test } from "vitest";
import { packParameters } from "./flat-parameters.ts";
import { drawnBatch } from "./gradients.test.helper.ts";
import type { StepOptions } from "./lower-step.ts";
import { createResidentStep } from "./resident-step.ts";
import type { BatchFeeds, StateVectors, StepRunner } from "./step-runner.ts";
import { droppingModel } from "./trained-steps.test.helper.ts";
import { createWholeStep } from "./whole-step.ts";

const OPTIONS: StepOptions & { threads: number } = {
  batch: 4,
  isTrainable: () => true,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
  clipNorm: null,
  accumulate: 1,
  average: false,
  threads: 1,
};

function startVectors({ states, flat }: StepRunner): StateVectors {
  const current = new Map(states.map(({ name, length }) => [name, new Float32Array(length)]));
  for (const group of ["kernels", "vectors", "statistics"] as const) {
    current.set(group, packParameters(flat[group], droppingModel.weights));
  }
  const next = new Map(states.map(({ name, length }) => [name, new Float32Array(length)]));
  return { current, next };
}

function feedsOf({ noise }: StepRunner, seed: number): BatchFeeds {
  const { samples, targets, weights } = drawnBatch(droppingModel, OPTIONS.batch, seed);
  const masks = noise.map(({ channels }) => new Float32Array(channels * OPTIONS.batch).fill(1));
  const scalars = { rate: 0.1, correction1: 1, correction2: 1, averaging: 0, gathering: 0, updating: 1 };
  return { samples, targets, weights, masks, scalars };
}

// As on CUDA: nothing stays on the device. The WebGPU test has what does.
test("takes each step's states into the next one, until it is told to forget them", async () => {
  const whole = await createWholeStep(droppingModel, OPTIONS);
  const resident = await createResidentStep(droppingModel, OPTIONS);
  const [expected, found] = [startVectors(whole), startVectors(resident)];
  const start = structuredClone(found.current);
  for (let step = 0; step < 3; step++) {
    const [loss] = await whole.run([feedsOf(whole, step)], expected);
    expect(await resident.run([feedsOf(resident, step)], found)).toEqual([loss]);
  }
  expect(found.current).toEqual(start);
  await resident.resident!.read(found);
  expect(found.current).toEqual(expected.current);

  const [first] = await resident.run([feedsOf(resident, 3)], { ...found, current: start });
  resident.resident!.forget();
  const [anew] = await resident.run([feedsOf(resident, 3)], { ...found, current: start });
  expect(anew!.loss).not.toBe(first!.loss);
  const [again] = await whole.run([feedsOf(whole, 3)], { ...expected, current: start });
  expect(anew).toEqual(again);
  await whole.close();
  await resident.close();
});
