import { readFileSync } from "node:fs";
import { defineGraph, type Tensor } from "@fer-bench/models";
import { expect, test } from "vitest";
import { createNetworkTrainer, type NetworkTrainerOptions } from "./network-trainer.ts";

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

function batchOf(step: number) {
  const targets = new Float32Array(BATCH * 3);
  fixture.labels[step]!.forEach((label, i) => {
    targets[i * 3 + label] = 1;
  });
  return { samples: Float32Array.from(fixture.samples[step]!.flat()), targets };
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

test.each(Object.entries(CASES))(
  "%s: the parameters and losses of PyTorch",
  async (name, [options, rate]) => {
    const trainer = await createNetworkTrainer({ ...PLAIN, ...options });
    const { losses, after } = fixture.cases[name]!;
    for (const [step, expected] of losses.entries()) {
      const { loss } = await trainer.step(batchOf(step), rate);
      expect(loss).toBeCloseTo(expected, 5);
    }
    for (const [parameter, expected] of Object.entries(after)) {
      const { data } = trainer.weights().get(parameter)!;
      const furthest = Math.max(...expected.map((value, i) => Math.abs(value - data[i]!)));
      expect(furthest, parameter).toBeLessThan(2e-6);
    }
    await trainer.close();
  },
);

test("goes on from a state as if it had not stopped, byte for byte", async () => {
  const dropping = defineGraph("dropping", [
    ...graph.layers.slice(0, 2),
    { kind: "dropout", name: "drop", inputs: ["hidden"], rate: 0.5, perSample: false },
    { ...graph.layers[2]!, inputs: ["drop"] },
  ]);
  const options: NetworkTrainerOptions = {
    ...PLAIN,
    model: { graph: dropping, weights: startWeights() },
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
    accumulate: 2,
    averageDecay: 0.9,
  };
  const whole = await createNetworkTrainer(options);
  const first = await createNetworkTrainer(options);
  const second = await createNetworkTrainer(options);
  for (let step = 0; step < 6; step++) await whole.step(batchOf(step), 0.1);
  for (let step = 0; step < 3; step++) await first.step(batchOf(step), 0.1);
  second.restore(first.state());
  for (let step = 3; step < 6; step++) await second.step(batchOf(step), 0.1);
  expect(second.weights()).toEqual(whole.weights());
  expect(second.state()).toEqual(whole.state());
  expect(first.weights()).not.toEqual(whole.weights());
  for (const trainer of [whole, first, second]) await trainer.close();
});

test("averages the parameters of the updates, few of them more quickly", async () => {
  const averaging = await createNetworkTrainer({ ...PLAIN, averageDecay: 0.5 });
  const plain = await createNetworkTrainer(PLAIN);
  const average = Float64Array.from(startWeights().get("classes/kernel")!.data);
  for (let step = 0; step < 6; step++) {
    await averaging.step(batchOf(step), 0.1);
    await plain.step(batchOf(step), 0.1);
    const now = plain.weights().get("classes/kernel")!.data;
    const decay = Math.min(0.5, (1 + step) / (10 + step));
    average.forEach((value, i) => {
      average[i] = decay * value + (1 - decay) * now[i]!;
    });
  }
  const { data } = averaging.weights().get("classes/kernel")!;
  average.forEach((value, i) => {
    expect(data[i]).toBeCloseTo(value, 6);
  });
  await averaging.close();
  await plain.close();
});

test("keeps what is not trainable, and refuses another network's state", async () => {
  const trainer = await createNetworkTrainer({ ...PLAIN, isTrainable: (layer) => layer === "classes" });
  await trainer.step(batchOf(0), 0.1);
  const after = trainer.weights();
  expect(after.get("hidden/kernel")).toEqual(startWeights().get("hidden/kernel"));
  expect(after.get("classes/kernel")).not.toEqual(startWeights().get("classes/kernel"));
  const other = await createNetworkTrainer(PLAIN);
  expect(() => other.restore(trainer.state())).toThrowError(/kernels has 12 values, not 32/);
  await trainer.close();
  await other.close();
});
