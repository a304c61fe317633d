import { parseConfig } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { augmentationSchema } from "./augment/augmentation-config.ts";
import { benchmarkSchema } from "./benchmark.ts";

function parse(train: object) {
  const benchmark = {
    title: "FER-2013, EfficientNet-B0, fine-tuned",
    source: "fer2013",
    targets: ["fer2013"],
    backbone: "efficientnet-b0.random",
    train: { mode: "finetune", ...train },
  };
  return parseConfig(benchmarkSchema, benchmark, "benchmark.json").train;
}

describe("train.mode finetune", () => {
  it("fills in the paper's training, and named sources where the paper is silent", () => {
    expect(parse({})).toEqual({
      mode: "finetune",
      targets: "labels",
      trainable: "all",
      head: { hidden: null, activation: "relu", dropout: 0.2 },
      dropConnect: null,
      epochs: 60,
      batchSize: 32,
      accumulate: 1,
      optimizer: {
        kind: "sgd",
        momentum: 0.9,
        nesterov: false,
        weightDecay: 0,
        learningRate: 0.001,
        schedule: { kind: "step", factor: 0.9, everyEpochs: 10 },
        warmup: null,
      },
      loss: { labelSmoothing: 0, classWeights: "none" },
      clip: null,
      ema: null,
      augmentation: augmentationSchema.parse({}),
      checkpoints: { everySteps: null, everyMinutes: 10 },
      seed: 1,
    });
  });

  it("knows AdamW, one-cycle and warm-up", () => {
    const optimizer = {
      kind: "adamw",
      learningRate: 0.002,
      schedule: { kind: "oneCycle" },
      warmup: { length: 2 },
    };
    expect(parse({ optimizer })).toMatchObject({
      optimizer: {
        ...{ kind: "adamw", betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, learningRate: 0.002 },
        schedule: { kind: "oneCycle", warmupShare: 0.3, initialFraction: 0.04, finalFraction: 4e-6 },
        warmup: { length: 2, unit: "epochs", startFraction: 0.01 },
      },
    });
  });

  it.each([
    { trainable: "head" },
    { trainable: { from: "block6a" } },
    { loss: { classWeights: "balanced" } },
    { loss: { classWeights: [1, 9.2, 1, 0.5, 1, 1, 1], labelSmoothing: 0.1 } },
    { ema: 0.999, clip: 1, accumulate: 4 },
    { checkpoints: { everySteps: 100, everyMinutes: null } },
    { optimizer: { schedule: { kind: "cosine", finalFraction: 0.01 } } },
  ])("takes %j", (train) => {
    expect(parse(train)).toMatchObject(train);
  });

  it.each([
    [{ trainable: "last" }, "train.trainable"],
    [{ trainable: { from: "" } }, "train.trainable.from"],
    [{ optimizer: { kind: "adam" } }, "train.optimizer.kind"],
    [{ optimizer: { kind: "adamw", momentum: 0.9 } }, "train.optimizer.momentum"],
    [{ optimizer: { betas: [0.9, 0.99] } }, "train.optimizer.betas"],
    [{ optimizer: { decay: {} } }, "train.optimizer.decay"],
    [{ optimizer: { kind: "adamw", betas: [0.9, 1] } }, "train.optimizer.betas.1"],
    [{ optimizer: { schedule: { kind: "linear" } } }, "train.optimizer.schedule.kind"],
    [
      { optimizer: { schedule: { kind: "oneCycle", warmupShare: 1 } } },
      "train.optimizer.schedule.warmupShare",
    ],
    [{ optimizer: { warmup: { length: 0 } } }, "train.optimizer.warmup.length"],
    [{ loss: { labelSmoothing: 1 } }, "train.loss.labelSmoothing"],
    [{ loss: { classWeights: "inverse" } }, "train.loss.classWeights"],
    [{ loss: { classWeights: [1, -1] } }, "train.loss.classWeights.1"],
    [{ clip: 0 }, "train.clip"],
    [{ ema: 1 }, "train.ema"],
    [{ accumulate: 0.5 }, "train.accumulate"],
    [{ dropConnect: 1 }, "train.dropConnect"],
    [{ head: { standardize: true } }, "train.head.standardize"],
    [{ checkpoints: { everyMinutes: 0 } }, "train.checkpoints.everyMinutes"],
    [{ augmentation: { flip: true } }, "train.augmentation.flip"],
  ])("refuses %j and names the field", (train, field) => {
    expect(() => parse(train)).toThrow(expect.objectContaining({ code: "bad-config", field }));
  });

  it("says what was meant inside an alternative", () => {
    const misspelt = { optimizer: { schedule: { kind: "cosine", finalfraction: 0.1 } } };
    expect(() => parse(misspelt)).toThrow(
      expect.objectContaining({ remedy: 'did you mean "finalFraction"?' }),
    );
  });
});
