import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { benchmarkSchema } from "./benchmark.ts";

const smallest = {
  title: "FER-2013, EfficientNet-B0, frozen",
  source: "fer2013",
  targets: ["fer2013"],
  backbone: "efficientnet-b0.random",
};

function errorOf(value: unknown): FerBenchError {
  try {
    parseConfig(benchmarkSchema, value, "benchmarks/x/benchmark.json");
  } catch (error) {
    expect(error).toBeInstanceOf(FerBenchError);
    return error as FerBenchError;
  }
  throw new Error("the schema took it");
}

describe("benchmarkSchema", () => {
  it("fills in the paper's training, and Keras's where the paper is silent", () => {
    expect(parseConfig(benchmarkSchema, smallest, "benchmark.json")).toEqual({
      ...smallest,
      engine: "onnx",
      device: "cpu",
      input: { size: 48 },
      features: { batchSize: 32, seed: 1, calibrationImages: 2048 },
      evaluate: { averaged: [] },
      train: {
        mode: "frozen",
        targets: "labels",
        head: { hidden: 256, activation: "relu", dropout: 0, standardize: true },
        epochs: 60,
        batchSize: 32,
        optimizer: {
          kind: "sgd",
          momentum: 0.9,
          learningRate: 0.001,
          decay: { factor: 0.9, everyEpochs: 10 },
        },
        seed: 1,
      },
      activationMaps: false,
      robustness: null,
      beside: [],
      report: {
        embedFaces: false,
        tsne: { points: 5000, perplexity: 30, seed: 1 },
        umap: { points: 5000, neighbours: 15, minDistance: 0.1, seed: 1 },
      },
      published: [],
      notes: [],
    });
  });

  it("keeps the rest of a section of which one field is given", () => {
    const value = { ...smallest, train: { optimizer: { decay: { factor: 0.1 } }, head: { hidden: null } } };
    expect(parseConfig(benchmarkSchema, value, "benchmark.json").train).toMatchObject({
      head: { hidden: null },
      epochs: 60,
      optimizer: { decay: { factor: 0.1, everyEpochs: 10 } },
    });
  });

  it("has nothing to say of a training that does not take place", () => {
    const value = { ...smallest, train: { mode: "none" } };
    expect(parseConfig(benchmarkSchema, value, "benchmark.json").train).toEqual({ mode: "none" });
    expect(errorOf({ ...smallest, train: { mode: "none", epochs: 3 } })).toMatchObject({
      code: "bad-config",
      field: "train.epochs",
    });
  });

  it.each([
    [{ ...smallest, target: [] }, "target", "targets"],
    [{ ...smallest, train: { optimiser: {} } }, "train.optimiser", "optimizer"],
    [
      { ...smallest, train: { optimizer: { learningrate: 1 } } },
      "train.optimizer.learningrate",
      "learningRate",
    ],
    [{ ...smallest, published: [{ methd: "x" }] }, undefined, undefined],
    [{ ...smallest, train: { mode: "finetune", acumulate: 2 } }, "train.acumulate", "accumulate"],
    [{ ...smallest, train: { ema: 0.999 } }, undefined, undefined],
  ])("refuses an unknown key and says which was meant (%#)", (value, field, meant) => {
    const error = errorOf(value);
    expect(error.code).toBe("bad-config");
    expect(error.file).toBe("benchmarks/x/benchmark.json");
    if (field !== undefined) {
      expect(error.field).toBe(field);
      expect(error.remedy).toContain(`"${meant}"`);
    }
  });

  it.each([
    [{ ...smallest, targets: [] }, "targets"],
    [{ ...smallest, targets: ["a", "a"] }, "targets"],
    [{ ...smallest, train: { epochs: 0 } }, "train.epochs"],
    [{ ...smallest, train: { mode: "frozne" } }, "train.mode"],
    [{ ...smallest, train: { optimizer: { momentum: 1 } } }, "train.optimizer.momentum"],
    [{ ...smallest, train: { head: { dropout: 1 } } }, "train.head.dropout"],
    [
      { ...smallest, published: [{ method: "m", backbone: "b", accuracy: 71.02, source: "s" }] },
      "published.0.accuracy",
    ],
  ])("refuses a value out of range and names its field (%#)", (value, field) => {
    expect(errorOf(value).field).toBe(field);
  });
});
