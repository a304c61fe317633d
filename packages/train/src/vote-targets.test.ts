import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readParquet, silent } from "@fer-bench/artifacts";
import { classifierHead, randomWeights } from "@fer-bench/models";
import { afterAll, describe, expect, it } from "vitest";
import { benchmarkSchema } from "./benchmark.ts";
import { classificationLoss } from "./classification-loss.ts";
import { type EvaluateStageRequest, runEvaluateStage } from "./evaluate-stage.ts";
import { runFeaturesStage } from "./features-stage.ts";
import { registerSmallBackbone } from "./finetune/finetune-run.test.helper.ts";
import { createHeadTrainer } from "./head-trainer.ts";
import { voteTargets } from "./samples.ts";
import { makeDataset } from "./stage-data.test.helper.ts";
import { runTrainStage } from "./train-stage.ts";

const root = mkdtempSync(join(tmpdir(), "fer-bench-votes-"));
afterAll(() => rmSync(root, { recursive: true }));

const CLASSES = ["angry", "happy", "sad"];

describe("the loss against votes", () => {
  it("is the mean of the losses against the labels, by their shares", () => {
    const logits = Float32Array.of(0.3, -1.2, 2, 0, 0.5, -0.5);
    const targets = Float32Array.of(0.5, 0.3, 0.2, 0, 0.25, 0.75);
    const ofLabel = (row: number, label: number) =>
      classificationLoss(logits.subarray(3 * row, 3 * row + 3), Int32Array.of(label)).loss;
    const expected = [...targets].reduce(
      (sum, share, i) => sum + share * ofLabel(Math.floor(i / 3), i % 3),
      0,
    );
    const { loss, correct } = classificationLoss(logits, Int32Array.of(2, 2), targets);
    expect(loss).toBeCloseTo(expected, 6);
    expect(correct).toBe(1);
  });

  it("moves the head by the mean of what the labels would, by their shares", async () => {
    const head = {
      inputs: 4,
      classes: 3,
      hidden: null,
      activation: "relu",
      dropout: 0,
      standardize: false,
    } as const;
    const graph = classifierHead({ ...head, softmax: false });
    const weights = randomWeights(graph, 1);
    const before = weights.get("logits/kernel")!.data;
    const moved = async (of: Int32Array | Float32Array): Promise<number[]> => {
      const trainer = await createHeadTrainer({
        model: { graph, weights },
        momentum: 0,
        batchSize: 2,
        seed: 1,
      });
      trainer.features.set([1, 2, -1, 0.5, 0.2, -0.3, 2, 1]);
      await trainer.train(of, 0.1, { epoch: 0, step: 0 });
      const after = trainer.weights().get("logits/kernel")!.data;
      await trainer.close();
      return Array.from(after, (value, i) => value - before[i]!);
    };
    // The second sample's label is 1 throughout.
    const [first, second, third] = [0, 1, 2].map((label) => moved(Int32Array.of(label, 1)));
    const [a, b, c] = [await first!, await second!, await third!];
    const votes = await moved(Float32Array.of(0.5, 0.3, 0.2, 0, 1, 0));
    votes.forEach((value, i) => {
      expect(value).toBeCloseTo(0.5 * a[i]! + 0.3 * b[i]! + 0.2 * c[i]!, 6);
    });
    expect(await moved(Float32Array.of(0, 0, 1, 0, 1, 0))).toEqual(c);
  });
});

describe("training on votes", () => {
  const classes = ["angry", "happy"];
  /** Seven of ten see the label, three the other one. */
  const votes = (label: string): number[] => classes.map((one) => (one === label ? 7 : 3));
  const spec = { classes, labels: classes, size: 8, perSplit: { train: 240, validation: 30, test: 60 } };

  async function run(name: string, targets: "labels" | "votes", withVotes = true): Promise<number> {
    const set = await makeDataset(join(root, name), {
      ...spec,
      name: "home",
      channels: 1,
      ...(withVotes && { votes }),
    });
    const benchmark = benchmarkSchema.parse({
      ...{ title: "Votes", source: "home", targets: ["home"], backbone: "pixels", input: { size: 8 } },
      train: { targets, head: { hidden: null }, epochs: 200, optimizer: { learningRate: 0.0005 } },
    });
    const dir = (stage: string) => join(root, name, stage);
    const common = { benchmark, name, threads: 1, progress: silent };
    await runFeaturesStage({ ...common, datasets: { home: set }, out: dir("features") });
    await runTrainStage({ ...common, featuresDir: dir("features"), out: dir("train") });
    return evaluated(common, dir);
  }

  /** Evaluates what was trained: the mean probability of a test sample's label. */
  async function evaluated(
    common: Pick<EvaluateStageRequest, "benchmark" | "name" | "threads" | "progress">,
    dir: (stage: string) => string,
  ): Promise<number> {
    await runEvaluateStage({
      ...common,
      featuresDir: dir("features"),
      trainDir: dir("train"),
      out: dir("evaluate"),
    });
    const rows = await readParquet<Record<string, number | string>>(
      join(dir("evaluate"), "home.predictions.parquet"),
    );
    const { targets } = JSON.parse(readFileSync(join(dir("evaluate"), "metrics.json"), "utf8"));
    expect(targets[0].metrics.accuracy.value).toBeGreaterThan(0.9);
    return rows.reduce((sum, row) => sum + (row[`p_${row.label}`] as number), 0) / rows.length;
  }

  it("gives the label about the share of the votes that it has, where labels give it nearly all", async () => {
    expect(await run("votes", "votes")).toBeCloseTo(0.7, 1);
    expect(await run("labels", "labels")).toBeGreaterThan(0.85);
  });

  it("does so where the whole network is trained, too", async () => {
    registerSmallBackbone();
    const set = await makeDataset(join(root, "whole"), {
      ...{ classes, labels: classes, size: 16, perSplit: { train: 240, validation: 30, test: 60 } },
      ...{ name: "home", channels: 1, votes },
    });
    const run = async (targets: "labels" | "votes"): Promise<number> => {
      const benchmark = benchmarkSchema.parse({
        ...{
          title: "Votes",
          source: "home",
          targets: ["home"],
          backbone: "small.random",
          input: { size: 16 },
        },
        train: {
          ...{ mode: "finetune", targets, epochs: 4, batchSize: 8 },
          optimizer: { kind: "adamw", learningRate: 0.01 },
        },
      });
      const dir = (stage: string) => join(root, "whole", targets, stage);
      const common = { benchmark, name: targets, threads: 1, progress: silent };
      await runTrainStage({ ...common, dataset: set, featuresDir: "", out: dir("train") });
      await runFeaturesStage({
        ...common,
        datasets: { home: set },
        trainDir: dir("train"),
        out: dir("features"),
      });
      return evaluated(common, dir);
    };
    expect(await run("votes")).toBeCloseTo(0.7, 1);
    expect(await run("labels")).toBeGreaterThan(0.85);
  });

  it("is refused in words where the data set has none", async () => {
    await expect(run("none", "votes", false)).rejects.toMatchObject({
      code: "bad-data",
      message: "sample home-0 has no votes to train on",
    });
    const sample = { index: 0, id: "a", split: "train", label: "happy", votes: [1, 2] } as const;
    expect(() => voteTargets([sample], CLASSES)).toThrow("sample a has no votes");
  });
});
