import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArtifact, readNpy, readParquet, runStage, silent, writeParquet } from "@fer-bench/artifacts";
import { beforeAll, describe, expect, it } from "vitest";
import { benchmarkSchema } from "./benchmark.ts";
import { type Evaluation, runEvaluateStage } from "./evaluate-stage.ts";
import { runFeaturesStage } from "./features-stage.ts";
import type { ActivationMaps } from "./maps/activation-maps-artifact.ts";
import { runActivationMapsStage } from "./maps/activation-maps-stage.ts";
import type { Robustness } from "./robustness/robustness-artifact.ts";
import { runRobustnessStage } from "./robustness/robustness-stage.ts";
import { makeDataset } from "./stage-data.test.helper.ts";
import { runTrainStage } from "./train-stage.ts";

const root = mkdtempSync(join(tmpdir(), "fer-bench-trained-"));
const SIZE = 32;
const CLASSES = ["angry", "fear", "happy"];
const benchmark = benchmarkSchema.parse({
  title: "Small",
  source: "home",
  targets: ["home", "away"],
  backbone: "efficientnetv2-48.random",
  input: { size: SIZE },
  features: { batchSize: 8, calibrationImages: 16 },
  train: { epochs: 4, batchSize: 8, head: { hidden: 12, dropout: 0.2 } },
  robustness: {
    ...{ occlusion: [20], darkness: [], brightness: [], contrast: [0.5], roll: [30] },
    ...{ blur: [1], noise: [10, 40], jpeg: [20] },
  },
  activationMaps: true,
});
const stage = (name: string) => join(root, "small", name);
const json = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8"));

let request: Parameters<typeof runRobustnessStage>[0];

beforeAll(async () => {
  const common = { classes: CLASSES, size: SIZE };
  const datasets = {
    home: await makeDataset(root, {
      ...{ ...common, name: "home", labels: CLASSES, channels: 1 },
      perSplit: { train: 18, validation: 6, test: 13 },
    }),
    // In colour, and with a class that the model does not know.
    away: await makeDataset(root, {
      ...{ ...common, name: "away", channels: 3 },
      classes: ["happy", "contempt", "angry"],
      labels: ["happy", "contempt", "angry"],
      perSplit: { train: 3, validation: 0, test: 9 },
    }),
  };
  const given = { benchmark, name: "small", threads: 2, progress: silent };
  const [featuresDir, trainDir, evaluateDir] = [stage("features"), stage("train"), stage("evaluate")];
  await runFeaturesStage({ ...given, datasets, out: featuresDir });
  await runTrainStage({ ...given, featuresDir, out: trainDir });
  await runEvaluateStage({ ...given, featuresDir, trainDir, out: evaluateDir });
  request = { ...given, datasets, featuresDir, trainDir, evaluateDir, out: "" };
}, 120_000);

describe("the robustness stage", () => {
  beforeAll(async () => {
    await runRobustnessStage({ ...request, out: stage("robustness") });
  }, 120_000);

  it("comes, without corruption, to the very answers and scores of the evaluate stage", async () => {
    const found = json<Robustness>(join(stage("robustness"), "robustness.json"));
    const { targets } = json<Evaluation>(join(stage("evaluate"), "metrics.json"));
    expect(found.targets.map(({ target, n }) => [target, n])).toEqual([
      ["home", 13],
      ["away", 6],
    ]);
    for (const [i, { target, none }] of found.targets.entries()) {
      const { metrics } = targets[i]!;
      expect(none.accuracy).toEqual(metrics.accuracy);
      expect([none.balancedAccuracy, none.macroF1, none.logLoss]).toEqual([
        metrics.balancedAccuracy,
        metrics.macroF1,
        metrics.logLoss,
      ]);
      const answers = await readParquet(join(stage("robustness"), `${target}.robustness.parquet`));
      const clean = answers.filter(({ kind }) => kind === "none");
      const predictions = await readParquet(join(stage("evaluate"), `${target}.predictions.parquet`));
      expect(clean.map(({ kind: _, level: __, ...rest }) => rest)).toEqual(predictions);
    }
  });

  it("has every kind and level that is asked for, each answer of each sample, and scores that follow", async () => {
    const { targets } = json<Robustness>(join(stage("robustness"), "robustness.json"));
    for (const { target, n, corruptions } of targets) {
      const levels = corruptions.flatMap(({ kind, levels }) => levels.map(({ value }) => `${kind} ${value}`));
      expect(levels).toEqual([
        "occlusion 20",
        "contrast 0.5",
        "blur 1",
        "noise 10",
        "noise 40",
        "jpeg 20",
        "roll 30",
      ]);
      const answers = await readParquet<Record<string, unknown>>(
        join(stage("robustness"), `${target}.robustness.parquet`),
      );
      expect(answers.length).toBe((1 + levels.length) * n);
      for (const { kind, levels } of corruptions) {
        levels.forEach(({ accuracy }, i) => {
          const own = answers.filter((row) => row.kind === kind && row.level === i + 1);
          expect(own.length).toBe(n);
          expect(own.filter(({ label, predicted }) => label === predicted).length).toBe(accuracy.successes);
        });
      }
      // Something happened to the pictures.
      const seen = new Set(answers.map((row) => CLASSES.map((name) => row[`p_${name}`]).join()));
      expect(seen.size).toBeGreaterThan(answers.length / 2);
    }
  });

  it("keeps one face as it is and after each level, with what the model says of it", async () => {
    const { targets } = json<Robustness>(join(stage("robustness"), "robustness.json"));
    for (const { target, example } of targets) {
      const faces = await readNpy(join(root, target, "preprocess", "faces.npy"));
      const corrupted = await readNpy(join(stage("robustness"), `${target}.corrupted.npy`));
      expect(corrupted.shape).toEqual([8, ...faces.shape.slice(1)]);
      const area = faces.data.length / faces.shape[0]!;
      expect(corrupted.data.slice(0, area)).toEqual(
        faces.data.slice(example.index * area, (example.index + 1) * area),
      );
      expect(example.answers.length).toBe(8);
      const predictions = await readParquet<{ index: number; predicted: string }>(
        join(stage("evaluate"), `${target}.predictions.parquet`),
      );
      expect(example.answers[0]!.predicted).toBe(
        predictions.find(({ index }) => index === example.index)!.predicted,
      );
    }
  });

  it("gives the same bytes again, with another number of threads", async () => {
    const again = await runRobustnessStage({ ...request, threads: 1, out: stage("robustness-again") });
    expect(again.identity).toBe((await openArtifact(stage("robustness"), "robustness")).identity);
  });

  it("refuses a benchmark that does not ask for it, and an evaluation of another model", async () => {
    const unasked = { ...benchmark, robustness: null };
    await expect(runRobustnessStage({ ...request, benchmark: unasked, out: stage("none") })).rejects.toThrow(
      /does not ask/,
    );
    const evaluateDir = await otherEvaluation();
    await expect(runRobustnessStage({ ...request, evaluateDir, out: stage("none") })).rejects.toMatchObject({
      code: "bad-artifact",
      message: expect.stringMatching(/other answers/),
    });
  });
});

describe("the activation-maps stage", () => {
  it("has maps of every test sample, of the last layer and of a finer one, nowhere below 0", async () => {
    const artifact = await runActivationMapsStage({ ...request, out: stage("activation-maps") });
    const { layers, targets } = json<ActivationMaps>(artifact.path("activation-maps.json"));
    expect(layers.map(({ layer, method, height }) => `${method} ${layer} ${height}`)).toEqual([
      "Grad-CAM top_activation 2",
      "LayerCAM block2c_add 8",
    ]);
    for (const { target, n, files } of targets) {
      const predictions = await readParquet<{ label: string; predicted: string }>(
        join(stage("evaluate"), `${target}.predictions.parquet`),
      );
      expect(n).toBe(predictions.length);
      for (const [i, { predicted, label }] of files.entries()) {
        const [ofAnswer, ofLabel] = [
          await readNpy(artifact.path(predicted)),
          await readNpy(artifact.path(label)),
        ];
        const { height, width } = layers[i]!;
        expect(ofAnswer.shape).toEqual([n, height, width]);
        expect(ofLabel.shape).toEqual([n, height, width]);
        expect(ofAnswer.data.every((value) => value >= 0)).toBe(true);
        expect(ofAnswer.data.some((value) => value > 0)).toBe(true);
        predictions.forEach((answer, sample) => {
          const at = [sample * height * width, (sample + 1) * height * width] as const;
          const same = answer.label === answer.predicted;
          if (same) expect(ofLabel.data.slice(...at)).toEqual(ofAnswer.data.slice(...at));
        });
      }
    }
    const again = await runActivationMapsStage({ ...request, out: stage("maps-again") });
    expect(again.identity).toBe(artifact.identity);
  });

  it("refuses an evaluation of another model", async () => {
    const evaluateDir = await otherEvaluation();
    await expect(
      runActivationMapsStage({ ...request, evaluateDir, out: stage("none") }),
    ).rejects.toMatchObject({ code: "bad-artifact", message: expect.stringMatching(/not of this network/) });
  });
});

/** The evaluation with every answer turned into another class's. */
async function otherEvaluation(): Promise<string> {
  const dir = stage("other-evaluate");
  await runStage({ stage: "evaluate", dir, config: {} }, async (out) => {
    for (const target of benchmark.targets) {
      const rows = await readParquet<Record<string, unknown>>(
        join(stage("evaluate"), `${target}.predictions.parquet`),
      );
      const [first, second, third] = CLASSES as [string, string, string];
      const next = { [first]: second, [second]: third, [third]: first };
      const turned = rows.map((row) => ({
        ...row,
        predicted: next[String(row.predicted)],
        ...Object.fromEntries(CLASSES.map((name) => [`p_${next[name]}`, row[`p_${name}`]])),
      }));
      await writeParquet(
        join(out, `${target}.predictions.parquet`),
        [
          { name: "id", type: "string" },
          { name: "index", type: "int32" },
          { name: "label", type: "string" },
          { name: "predicted", type: "string" },
          ...CLASSES.map((name) => ({ name: `p_${name}`, type: "float" as const })),
        ],
        turned,
      );
    }
  });
  return dir;
}
