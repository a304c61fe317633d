import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FerBenchError, silent } from "@fer-bench/artifacts";
import { randomWeights } from "@fer-bench/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { barsNetwork, barsTraining } from "./bars.test.helper.ts";
import { readResumePoint } from "./resume-point.ts";
import { trainNetwork } from "./train-network.ts";

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
  const { history, bestEpoch, backbone, head, waited } = await trainNetwork(barsTraining(config));
  expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  const best = history[bestEpoch - 1]!.validation;
  expect(best.accuracy).toBeGreaterThan(0.9);
  expect(Math.max(...history.map(({ validation }) => validation.accuracy))).toBe(best.accuracy);
  expect(history.at(-1)!.train.loss).toBeLessThan(history[0]!.train.loss / 2);
  expect([...head.keys()]).toEqual(["logits/kernel", "logits/bias"]);
  expect(new Set(backbone.keys())).toEqual(new Set(randomWeights(barsNetwork, 1).keys()));
  expect(backbone.get("stem_bn/moving_mean")).not.toEqual(
    randomWeights(barsNetwork, 1).get("stem_bn/moving_mean"),
  );
  expect(waited).toBeGreaterThanOrEqual(0);
});

test("gives the same bytes again, and others with another seed", async () => {
  const first = await trainNetwork(barsTraining(BUSY));
  const second = await trainNetwork(barsTraining(BUSY));
  expect(second.backbone).toEqual(first.backbone);
  expect(second.head).toEqual(first.head);
  expect(second.history).toEqual(first.history);
  const other = await trainNetwork(barsTraining({ ...BUSY, seed: 2 }));
  expect(other.history).not.toEqual(first.history);
});

test("goes on from a resume point to the bytes of a training left alone", async () => {
  const whole = await trainNetwork(barsTraining(BUSY));
  const resume = { path: join(dir, "resume.safetensors"), identity: "this one" };
  const config = { ...BUSY, checkpoints: { everySteps: 1, everyMinutes: null } };
  for (const last of [2, 7, 9]) {
    let steps = 0;
    const stopping = barsTraining(config);
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
  const resumed = await trainNetwork({ ...barsTraining(config), resume });
  expect(resumed.backbone).toEqual(whole.backbone);
  expect(resumed.head).toEqual(whole.head);
  expect(resumed.history).toEqual(whole.history);
  expect(resumed.bestEpoch).toBe(whole.bestEpoch);
});

test("saves where it is when it is interrupted, and goes on from there", async () => {
  const whole = await trainNetwork(barsTraining(BUSY));
  const resume = { path: join(dir, "interrupted.safetensors"), identity: "this one" };
  const config = { ...BUSY, checkpoints: { everySteps: null, everyMinutes: 60 } };
  const interrupt = () => {
    throw new FerBenchError("interrupted", "stopped");
  };
  const stopping = {
    ...barsTraining(config),
    progress: { ...silent, start: () => ({ update: interrupt, end() {} }) },
  };
  for (let times = 0; times < 4; times++) {
    await expect(trainNetwork({ ...stopping, resume })).rejects.toMatchObject({ code: "interrupted" });
  }
  const { progress } = (await readResumePoint(resume))!;
  expect(progress).toMatchObject({ epoch: 1, step: 1 });
  const resumed = await trainNetwork({ ...barsTraining(config), resume });
  expect(resumed.backbone).toEqual(whole.backbone);
  expect(resumed.head).toEqual(whole.head);
  expect(resumed.history).toEqual(whole.history);
});

test("begins anew beside a resume point of another training", async () => {
  const path = join(dir, "other.safetensors");
  await trainNetwork({ ...barsTraining({}), resume: { path, identity: "another" } });
  expect((await readFile(path)).length).toBeGreaterThan(0);
  const { history } = await trainNetwork({
    ...barsTraining({ epochs: 2 }),
    resume: { path, identity: "this one" },
  });
  expect(history).toHaveLength(2);
});

test("leaves frozen blocks and their statistics as they are", async () => {
  const start = randomWeights(barsNetwork, 1);
  const { backbone } = await trainNetwork(barsTraining({ epochs: 1, trainable: { from: "block1a" } }));
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
  const refuse = (config: Parameters<typeof barsTraining>[0]) => trainNetwork(barsTraining(config));
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
