import { defineGraph, openTensorFlowToTrain } from "@fer-bench/models";
import type { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { createNetworkTrainer } from "../step/network-trainer.ts";
import { droppingModel, furthest, trainSteps } from "../step/trained-steps.test.helper.ts";
import type { NetworkTrainerOptions } from "../step/trainer.ts";
import { createTfjsTrainer } from "./tfjs-trainer.ts";

const steady = defineGraph(
  "steady",
  droppingModel.graph.layers.map((layer) => (layer.kind === "dropout" ? { ...layer, rate: 0 } : layer)),
);
const { weights } = droppingModel;

const PLAIN: NetworkTrainerOptions = {
  model: { graph: steady, weights },
  batch: 4,
  isTrainable: () => true,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
  clipNorm: null,
  accumulate: 1,
  averageDecay: null,
  seed: 5,
  threads: 1,
};
const STEPS = 4;

const BUSY: Partial<NetworkTrainerOptions> = {
  model: droppingModel,
  optimizer: { kind: "sgd", momentum: 0.8, nesterov: true, weightDecay: 0.05 },
  clipNorm: 0.5,
  accumulate: 2,
  averageDecay: 0.9,
};

test.each<[string, Partial<NetworkTrainerOptions>]>([
  ["plain", {}],
  ["dropout, stochastic depth, Nesterov, decay, clipping, accumulation, average", BUSY],
  ["with a frozen stem", { isTrainable: (layer) => !layer.startsWith("stem") }],
])("has the losses and the weights of the ONNX step: %s", async (_name, more) => {
  const options = { ...PLAIN, ...more };
  const onnx = await createNetworkTrainer(options);
  const tfjs = await createTfjsTrainer(options);
  const expected = await trainSteps(onnx, options, { to: STEPS });
  expect(furthest(expected, await trainSteps(tfjs, options, { to: STEPS }))).toBeLessThan(1e-3);
  const after = await tfjs.weights();
  for (const [name, { data }] of await onnx.weights()) {
    const furthest = Math.max(...data.map((value, i) => Math.abs(value - after.get(name)!.data[i]!)));
    expect(furthest / Math.max(...data.map(Math.abs), 1e-3), name).toBeLessThan(1e-3);
  }
  if (more.isTrainable) expect(after.get("stem_bn/moving_mean")).toEqual(weights.get("stem_bn/moving_mean"));
  await onnx.close();
  await tfjs.close();
});

test("goes on from a state as if it had not stopped, byte for byte", async () => {
  const options = { ...PLAIN, ...BUSY };
  const whole = await createTfjsTrainer(options);
  const first = await createTfjsTrainer(options);
  const second = await createTfjsTrainer(options);
  await trainSteps(whole, options, { to: STEPS });
  await trainSteps(first, options, { to: 2 });
  await second.restore(await first.state());
  await trainSteps(second, options, { from: 2, to: STEPS });
  expect(await second.state()).toEqual(await whole.state());
  expect(await second.weights()).toEqual(await whole.weights());
  for (const trainer of [whole, first, second]) await trainer.close();
});

test("holds on to no more tensors from step to step, and gives them back", async () => {
  const tf = (await openTensorFlowToTrain("cpu")) as { memory: typeof memory };
  const before = tf.memory().numTensors;
  const options = { ...PLAIN, ...BUSY };
  const trainer = await createTfjsTrainer(options);
  await trainSteps(trainer, options, { to: 1 });
  const { numTensors } = tf.memory();
  await trainSteps(trainer, options, { from: 1, to: 2 });
  await trainer.restore(await trainer.state());
  expect(tf.memory().numTensors).toBe(numTensors);
  await trainer.close();
  // The optimizer's own dispose leaves its rate, a scalar.
  expect(tf.memory().numTensors).toBe(before + 1);
});

test("refuses an optimizer that TensorFlow.js lacks, and another network's state", async () => {
  const adamw = { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;
  await expect(createTfjsTrainer({ ...PLAIN, optimizer: adamw })).rejects.toMatchObject({
    code: "bad-config",
    message: "TensorFlow.js has no optimizer adamw",
    field: "train.optimizer.kind",
  });
  const trainer = await createTfjsTrainer(PLAIN);
  await expect(trainer.restore({ steps: 1, vectors: new Map() })).rejects.toMatchObject({
    code: "bad-artifact",
  });
  await trainer.close();
});
