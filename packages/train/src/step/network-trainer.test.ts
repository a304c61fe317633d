import { readFileSync } from "node:fs";
import { defineGraph, randomWeights, type Tensor } from "@fer-bench/models";
import { expect, test } from "vitest";
import { createNetworkTrainer } from "./network-trainer.ts";
import type { NetworkTrainerOptions } from "./trainer.ts";

/** Made by tools/fixtures/torch_optimizers.py. */
const fixture = JSON.parse(
  readFileSync(new URL("../../test/torch-optimizers.json", import.meta.url), "utf8"),
) as {
  samples: number[][][];
  labels: number[][];
  cases: Record<string, { losses: number[]; after: Record<string, number[]> }>;
} & Record<string, number[] | number[][]>;

const initializer = { kind: "constant", value: 0 } as const;
const graph = defineGraph("two-layers", [
  { kind: "input", name: "input", inputs: [], shape: [5], dtype: "float32" },
  { kind: "dense", name: "hidden", inputs: ["input"], units: 4, bias: true, activation: "tanh", initializer },
  {
    kind: "dense",
    name: "classes",
    inputs: ["hidden"],
    units: 3,
    bias: true,
    activation: "linear",
    initializer,
  },
]);
const BATCH = 6;

function startWeights(): Map<string, Tensor> {
  const tensor = (name: string, shape: number[]): [string, Tensor] => [
    name,
    { shape, data: Float32Array.from((fixture[name] as number[]).flat()) },
  ];
  return new Map([
    tensor("hidden/kernel", [5, 4]),
    tensor("hidden/bias", [4]),
    tensor("classes/kernel", [4, 3]),
    tensor("classes/bias", [3]),
  ]);
}

const PLAIN: NetworkTrainerOptions = {
  model: { graph, weights: startWeights() },
  batch: BATCH,
  isTrainable: () => true,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
  clipNorm: null,
  accumulate: 1,
  averageDecay: null,
  seed: 1,
  threads: 1,
};

/** The samples of a step: those of its batches, one after the other. */
function batchOf(step: number, accumulate = 1) {
  const batches = Array.from({ length: accumulate }, (_, i) => step * accumulate + i);
  const targets = new Float32Array(accumulate * BATCH * 3);
  batches
    .flatMap((batch) => fixture.labels[batch]!)
    .forEach((label, i) => {
      targets[i * 3 + label] = 1;
    });
  const samples = Float32Array.from(batches.flatMap((batch) => fixture.samples[batch]!.flat()));
  return { samples, targets };
}

const CASES: Record<string, [Partial<NetworkTrainerOptions>, rate: number]> = {
  sgd: [{}, 0.1],
  "nesterov with decay": [
    { optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.01 } },
    0.1,
  ],
  "sgd, clipped": [{ clipNorm: 0.25 }, 0.1],
  adamw: [{ optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.05 } }, 0.02],
  "sgd, two steps an update": [{ accumulate: 2 }, 0.1],
  "adamw, three steps an update, clipped": [
    {
      optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
      accumulate: 3,
      clipNorm: 0.2,
    },
    0.02,
  ],
};

const RUNS = Object.entries(CASES).flatMap(([name, [options, rate]]) =>
  // Batches that are accumulated are worked out one after the other, or by replicas side by side.
  (options.accumulate === undefined ? [1] : [1, 2]).map((threads) => ({ name, options, rate, threads })),
);

test.each(RUNS)(
  "$name, $threads threads: the parameters and losses of PyTorch",
  async ({ name, options, rate, threads }) => {
    const trainer = await createNetworkTrainer({ ...PLAIN, ...options, threads });
    const { losses, after } = fixture.cases[name]!;
    const { accumulate = 1 } = options;
    for (let step = 0; step < losses.length / accumulate; step++) {
      const { loss } = await trainer.step(batchOf(step, accumulate), rate);
      const ofBatches = losses.slice(step * accumulate, (step + 1) * accumulate);
      expect(loss).toBeCloseTo(ofBatches.reduce((sum, value) => sum + value, 0) / accumulate, 5);
    }
    for (const [parameter, expected] of Object.entries(after)) {
      const { data } = (await trainer.weights()).get(parameter)!;
      const furthest = Math.max(...expected.map((value, i) => Math.abs(value - data[i]!)));
      expect(furthest, parameter).toBeLessThan(2e-6);
    }
    await trainer.close();
  },
);

test.each([1, 2])(
  "goes on from a state as if it had not stopped, byte for byte, on %i threads",
  async (threads) => {
    const dropping = defineGraph("dropping", [
      ...graph.layers.slice(0, 2),
      { kind: "dropout", name: "drop", inputs: ["hidden"], rate: 0.5, perSample: false },
      { ...graph.layers[2]!, inputs: ["drop"] },
    ]);
    const options: NetworkTrainerOptions = {
      ...PLAIN,
      threads,
      model: { graph: dropping, weights: startWeights() },
      optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
      accumulate: 2,
      averageDecay: 0.9,
    };
    const whole = await createNetworkTrainer(options);
    const first = await createNetworkTrainer(options);
    const second = await createNetworkTrainer(options);
    for (let step = 0; step < 3; step++) await whole.step(batchOf(step, 2), 0.1);
    for (let step = 0; step < 2; step++) await first.step(batchOf(step, 2), 0.1);
    second.restore(await first.state());
    await second.step(batchOf(2, 2), 0.1);
    expect(await second.weights()).toEqual(await whole.weights());
    expect(await second.state()).toEqual(await whole.state());
    expect(await first.weights()).not.toEqual(await whole.weights());
    for (const trainer of [whole, first, second]) await trainer.close();
  },
);

test("replicas give what one network after the other gives, statistics and average, too", async () => {
  const normed = defineGraph("normed", [
    ...graph.layers.slice(0, 2),
    {
      kind: "batchNorm",
      name: "norm",
      inputs: ["hidden"],
      epsilon: 1e-3,
      momentum: 0.9,
    },
    { kind: "dropout", name: "drop", inputs: ["norm"], rate: 0.5, perSample: false },
    { ...graph.layers[2]!, inputs: ["drop"] },
  ]);
  const options = {
    ...PLAIN,
    model: { graph: normed, weights: new Map([...randomWeights(normed, 1), ...startWeights()]) },
    accumulate: 3,
    averageDecay: 0.9,
  };
  const sequential = await createNetworkTrainer({ ...options, threads: 1 });
  const replicated = await createNetworkTrainer({ ...options, threads: 2 });
  for (let step = 0; step < 2; step++) {
    const [one, other] = [sequential, replicated].map((trainer) => trainer.step(batchOf(step, 3), 0.1));
    const [first, second] = [await one!, await other!];
    expect(second.loss).toBeCloseTo(first.loss, 5);
    second.logits.forEach((value, i) => {
      expect(value).toBeCloseTo(first.logits[i]!, 5);
    });
  }
  for (const [name, vector] of (await replicated.state()).vectors) {
    const expected = (await sequential.state()).vectors.get(name)!;
    vector.forEach((value, i) => {
      expect(value, name).toBeCloseTo(expected[i]!, 5);
    });
  }
  await sequential.close();
  await replicated.close();
});

test("averages the parameters of the updates, few of them more quickly", async () => {
  const averaging = await createNetworkTrainer({ ...PLAIN, averageDecay: 0.5 });
  const plain = await createNetworkTrainer(PLAIN);
  const average = Float64Array.from(startWeights().get("classes/kernel")!.data);
  for (let step = 0; step < 6; step++) {
    await averaging.step(batchOf(step), 0.1);
    await plain.step(batchOf(step), 0.1);
    const now = (await plain.weights()).get("classes/kernel")!.data;
    const decay = Math.min(0.5, (1 + step) / (10 + step));
    average.forEach((value, i) => {
      average[i] = decay * value + (1 - decay) * now[i]!;
    });
  }
  const { data } = (await averaging.weights()).get("classes/kernel")!;
  average.forEach((value, i) => {
    expect(data[i]).toBeCloseTo(value, 6);
  });
  await averaging.close();
  await plain.close();
});

test("keeps what is not trainable, and refuses another network's state", async () => {
  const trainer = await createNetworkTrainer({ ...PLAIN, isTrainable: (layer) => layer === "classes" });
  await trainer.step(batchOf(0), 0.1);
  const after = await trainer.weights();
  expect(after.get("hidden/kernel")).toEqual(startWeights().get("hidden/kernel"));
  expect(after.get("classes/kernel")).not.toEqual(startWeights().get("classes/kernel"));
  const other = await createNetworkTrainer(PLAIN);
  const state = await trainer.state();
  expect(() => other.restore(state)).toThrowError(/kernels has 12 values, not 32/);
  await trainer.close();
  await other.close();
});
