import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, silent, uniform } from "@fer-bench/artifacts";
import { defineGraph, type Graph, padding, randomWeights } from "@fer-bench/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FinetuneConfig, finetuneSchema } from "../finetune-config.ts";
import { type TrainNetworkRequest, trainNetwork } from "./train-network.ts";

const SIZE = 12;
const initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanOut",
  distribution: "truncatedNormal",
} as const;

/** A small mobile network: stem, depthwise block with stochastic depth, pooled features. */
const graph: Graph = defineGraph("small", [
  { kind: "input", name: "input", inputs: [], shape: [SIZE, SIZE, 1], dtype: "uint8" },
  { kind: "rescaling", name: "rescaling", inputs: ["input"], scale: 1 / 255 },
  conv("stem_conv", "rescaling", 8, 3),
  norm("stem_bn", "stem_conv"),
  { kind: "activation", name: "stem_activation", inputs: ["stem_bn"], activation: "swish" },
  {
    kind: "depthwiseConv2d",
    name: "block1a_dwconv",
    inputs: ["stem_activation"],
    kernel: [3, 3],
    strides: [1, 1],
    padding: padding("tensorflow", SIZE, SIZE, 3, 1),
    bias: false,
    initializer,
  },
  norm("block1a_bn", "block1a_dwconv"),
  { kind: "activation", name: "block1a_activation", inputs: ["block1a_bn"], activation: "swish" },
  conv("block1a_project_conv", "block1a_activation", 8, 1),
  { kind: "dropout", name: "block1a_drop", inputs: ["block1a_project_conv"], rate: 0.2, perSample: true },
  { kind: "add", name: "block1a_add", inputs: ["block1a_drop", "stem_activation"] },
  { kind: "globalAveragePool", name: "avg_pool", inputs: ["block1a_add"] },
]);

function conv(name: string, input: string, filters: number, kernel: number) {
  return {
    kind: "conv2d",
    name,
    inputs: [input],
    filters,
    kernel: [kernel, kernel],
    strides: [1, 1],
    padding: padding("tensorflow", SIZE, SIZE, kernel, 1),
    bias: false,
    activation: "linear",
    initializer,
  } as const;
}

function norm(name: string, input: string) {
  return { kind: "batchNorm", name, inputs: [input], epsilon: 1e-3, momentum: 0.9 } as const;
}

/** Bars across, bars down, and a blot: three classes that a linear classifier on pixels cannot tell. */
function pictures(count: number, seed: string) {
  const faces = new Uint8Array(new SharedArrayBuffer(count * SIZE * SIZE));
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const random = createRandom("bars", seed);
  for (let i = 0; i < count; i++) {
    const phase = Math.floor(uniform(random, 0, 4));
    for (let p = 0; p < SIZE * SIZE; p++) {
      const [y, x] = [Math.floor(p / SIZE), p % SIZE];
      const at = labels[i] === 0 ? y : labels[i] === 1 ? x : x + y;
      faces[i * SIZE * SIZE + p] = ((at + phase) % 4 < 2 ? 190 : 60) + uniform(random, -40, 40);
    }
  }
  return { faces, labels };
}

const trainSet = pictures(100, "train");
const validation = pictures(30, "validation");

function requestOf(config: Partial<Record<keyof FinetuneConfig, unknown>>): TrainNetworkRequest {
  const targets = new Float32Array(new SharedArrayBuffer(4 * 3 * trainSet.labels.length));
  trainSet.labels.forEach((label, i) => {
    targets[3 * i + label] = 1;
  });
  return {
    backbone: { graph, weights: randomWeights(graph, 1) },
    classes: 3,
    size: SIZE,
    channels: 1,
    train: { faces: trainSet.faces, targets },
    validation,
    config: finetuneSchema.parse({ mode: "finetune", epochs: 3, batchSize: 16, ...config }),
    threads: 2,
    progress: silent,
  };
}

const BUSY = {
  optimizer: { kind: "adamw", learningRate: 0.02, schedule: { kind: "cosine" } },
  loss: { labelSmoothing: 0.1, classWeights: "balanced" },
  augmentation: { flip: 0.5, shift: 0.1, brightness: 0.2, mixup: {} },
  ema: 0.9,
  clip: 5,
  accumulate: 2,
  dropConnect: 0.3,
};

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-train-"));
});
afterAll(() => rm(dir, { recursive: true }));

test("learns what a linear classifier cannot, and keeps the best epoch", async () => {
  const config = { epochs: 12, optimizer: { learningRate: 0.05 }, head: { dropout: 0 } };
  const { history, bestEpoch, backbone, head, waited } = await trainNetwork(requestOf(config));
  expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  const best = history[bestEpoch - 1]!.validation;
  expect(best.accuracy).toBeGreaterThan(0.9);
  expect(Math.max(...history.map(({ validation }) => validation.accuracy))).toBe(best.accuracy);
  expect(history.at(-1)!.train.loss).toBeLessThan(history[0]!.train.loss / 2);
  expect([...head.keys()]).toEqual(["logits/kernel", "logits/bias"]);
  expect(new Set(backbone.keys())).toEqual(new Set(randomWeights(graph, 1).keys()));
  expect(backbone.get("stem_bn/moving_mean")).not.toEqual(randomWeights(graph, 1).get("stem_bn/moving_mean"));
  expect(waited).toBeGreaterThanOrEqual(0);
});

test("gives the same bytes again, and others with another seed", async () => {
  const first = await trainNetwork(requestOf(BUSY));
  const second = await trainNetwork(requestOf(BUSY));
  expect(second.backbone).toEqual(first.backbone);
  expect(second.head).toEqual(first.head);
  expect(second.history).toEqual(first.history);
  const other = await trainNetwork(requestOf({ ...BUSY, seed: 2 }));
  expect(other.history).not.toEqual(first.history);
});

test("goes on from a resume point to the bytes of a training left alone", async () => {
  const whole = await trainNetwork(requestOf(BUSY));
  const resume = { path: join(dir, "resume.safetensors"), identity: "this one" };
  const config = { ...BUSY, checkpoints: { everySteps: 1, everyMinutes: null } };
  for (const last of [2, 7, 9]) {
    let steps = 0;
    const stopping = requestOf(config);
    const interrupted = trainNetwork({
      ...stopping,
      resume,
      progress: {
        ...silent,
        start: () => ({
          update() {
            steps += 1;
            if (steps === last) throw new Error("stopped");
          },
          end() {},
        }),
      },
    });
    await interrupted.catch((error: Error) => expect(error.message).toBe("stopped"));
  }
  const resumed = await trainNetwork({ ...requestOf(config), resume });
  expect(resumed.backbone).toEqual(whole.backbone);
  expect(resumed.head).toEqual(whole.head);
  expect(resumed.history).toEqual(whole.history);
  expect(resumed.bestEpoch).toBe(whole.bestEpoch);
});

test("begins anew beside a resume point of another training", async () => {
  const path = join(dir, "other.safetensors");
  await trainNetwork({ ...requestOf({}), resume: { path, identity: "another" } });
  expect((await readFile(path)).length).toBeGreaterThan(0);
  const { history } = await trainNetwork({
    ...requestOf({ epochs: 2 }),
    resume: { path, identity: "this one" },
  });
  expect(history).toHaveLength(2);
});

test("leaves frozen blocks and their statistics as they are", async () => {
  const start = randomWeights(graph, 1);
  const { backbone } = await trainNetwork(requestOf({ epochs: 1, trainable: { from: "block1a" } }));
  for (const name of [
    "stem_conv/kernel",
    "stem_bn/gamma",
    "stem_bn/moving_mean",
    "stem_bn/moving_variance",
  ]) {
    expect(backbone.get(name), name).toEqual(start.get(name));
  }
  for (const name of ["block1a_dwconv/depthwise_kernel", "block1a_bn/moving_mean"]) {
    expect(backbone.get(name), name).not.toEqual(start.get(name));
  }
});

test("says what is wrong, where, and what to do", async () => {
  const refuse = (config: Parameters<typeof requestOf>[0]) => trainNetwork(requestOf(config));
  await expect(refuse({ trainable: { from: "blok1a" } })).rejects.toMatchObject({
    code: "bad-config",
    field: "train.trainable.from",
    remedy: expect.stringContaining("did you mean block1a?"),
  });
  await expect(refuse({ loss: { classWeights: [1, 2] } })).rejects.toMatchObject({
    code: "bad-config",
    message: "there are 2 class weights for 3 classes",
  });
  await expect(refuse({ batchSize: 64, accumulate: 2 })).rejects.toMatchObject({
    code: "bad-data",
    message: "100 train samples are too few to train with",
  });
  await expect(refuse({ optimizer: { learningRate: 1e30 } })).rejects.toMatchObject({
    code: "diverged",
    message: expect.stringMatching(/the loss is (NaN|Infinity|.*e\+.*) at epoch 1, step \d/),
  });
});
