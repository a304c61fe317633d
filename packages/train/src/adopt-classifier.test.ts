import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNpy, readParquet, silent } from "@fer-bench/artifacts";
import { GraphBuilder, readClassifier, registerBackbone, shippedClassifier } from "@fer-bench/models";
import { beforeAll, describe, expect, it } from "vitest";
import { type Benchmark, benchmarkSchema } from "./benchmark.ts";
import { readHeadCheckpoint } from "./checkpoint.ts";
import { type Evaluation, runEvaluateStage } from "./evaluate-stage.ts";
import { type ExportSummary, runExportStage } from "./export/export-stage.ts";
import { EXPORT_FORMATS } from "./export/formats.ts";
import { runFeaturesStage } from "./features-stage.ts";
import { makeDataset } from "./stage-data.test.helper.ts";
import { runTrainStage } from "./train-stage.ts";

const root = mkdtempSync(join(tmpdir(), "fer-bench-adopt-"));

/** A classifier that needs no weights: bright pictures are happy, dark ones angry. */
registerBackbone({
  name: "brightness.by-hand",
  title: "Brightness",
  classes: ["happy", "angry"],
  graph({ height, width, channels }) {
    const net = new GraphBuilder({ initializer: { kind: "constant", value: 0 } });
    const shape = [height, width, channels];
    let x = net.add({ kind: "input", name: "input", inputs: [], shape, dtype: "uint8" });
    x = net.add({ kind: "repeatChannels", name: "twice", inputs: [x], times: 2 });
    x = net.add({ kind: "rescaling", name: "contrast", inputs: [x], scale: [0.1, -0.1], offset: [-12, 12] });
    net.globalAveragePool("logits", x);
    return net.finish("brightness");
  },
  weights: { kind: "none" },
});

const benchmark = benchmarkSchema.parse({
  title: "Brightness",
  source: "home",
  targets: ["home"],
  backbone: "brightness.by-hand",
  input: { size: 8 },
  train: { mode: "none" },
  evaluate: { averaged: ["flip"] },
});
const dirs = (name: string) => ({
  featuresDir: join(root, name, "features"),
  trainDir: join(root, name, "train"),
  evaluateDir: join(root, name, "evaluate"),
});
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

describe("a backbone that is a whole classifier", () => {
  const { featuresDir, trainDir, evaluateDir } = dirs("home");
  let datasets: Record<string, { prepareDir: string; preprocessDir: string }>;

  beforeAll(async () => {
    // The data set lists its classes in another order, and has one that the model has not.
    const classes = ["angry", "fear", "happy"];
    const home = await makeDataset(root, {
      name: "home",
      classes,
      labels: classes,
      channels: 1,
      size: 8,
      perSplit: { train: 9, validation: 3, test: 30 },
    });
    datasets = { home };
    const common = { benchmark, name: "home", threads: 1, progress: silent };
    await runFeaturesStage({ ...common, datasets, out: featuresDir });
    await runTrainStage({ ...common, featuresDir, out: trainDir });
    await runEvaluateStage({ ...common, featuresDir, trainDir, out: evaluateDir });
  });

  it("is not trained: a softmax without weights, epoch 0, no history", async () => {
    expect(await readHeadCheckpoint(join(trainDir, "checkpoint.safetensors"))).toEqual({
      backbone: "brightness.by-hand",
      classes: ["happy", "angry"],
      head: { kind: "softmax", inputs: 2, classes: 2 },
      epoch: 0,
      weights: new Map(),
    });
    expect(json(join(trainDir, "train.json"))).toMatchObject({
      samples: { train: 0, validation: 0 },
      epochs: 0,
      bestEpoch: 0,
      selectedOn: null,
    });
    expect(existsSync(join(trainDir, "history.jsonl"))).toBe(false);
    expect(existsSync(join(trainDir, "tensorboard"))).toBe(false);
  });

  it("predicts by its own classes, whatever the data set's order", async () => {
    const rows = await readParquet<Record<string, string | number>>(
      join(evaluateDir, "home.predictions.parquet"),
    );
    const logits = (await readNpy(join(evaluateDir, "home.test-features.npy"))).data as Float32Array;
    rows.forEach((row, i) => {
      const [happy, angry] = [Math.exp(logits[2 * i]!), Math.exp(logits[2 * i + 1]!)];
      expect(row.p_happy).toBeCloseTo(happy / (happy + angry), 5);
      expect(row.p_angry).toBeCloseTo(angry / (happy + angry), 5);
      expect(row.predicted).toBe(happy > angry ? "happy" : "angry");
    });
    const { selectedOn, bestEpoch, targets } = json(join(evaluateDir, "metrics.json")) as Evaluation;
    expect({ selectedOn, bestEpoch }).toEqual({ selectedOn: null, bestEpoch: 0 });
    const [home] = targets;
    expect(home).toMatchObject({ n: 20, excluded: { fear: 10 }, absentClasses: [] });
    expect(home!.metrics.classes).toEqual(["happy", "angry"]);
    // A mirror image is as bright: of the samples that the model has a class for, not of all.
    const [{ views, metrics: averaged }] = home!.averaged as [(typeof targets)[0]["averaged"][0]];
    expect(views).toBe("flip");
    expect(averaged).toMatchObject({ n: 20, confusion: home!.metrics.confusion });
    expect(averaged.logLoss).toBeCloseTo(home!.metrics.logLoss, 5);
    // Levels of 40 and 140, and up to 60 above.
    expect(home!.metrics.accuracy.value).toBe(1);
  });

  it("is exported as it came: no head, no training in its card", async () => {
    const out = join(root, "home", "export");
    const stages = { featuresDir, trainDir, evaluateDir, datasets };
    const request = { ...stages, benchmark, name: "home", formats: EXPORT_FORMATS, half: false, out };
    await runExportStage({ ...request, progress: silent });
    const { files, verifiedOn } = json(join(out, "export.json")) as ExportSummary;
    expect(files.map(({ sameDecisions }) => sameDecisions)).toEqual([20, 20]);
    expect(verifiedOn).toMatchObject({ dataset: "home", faces: 20 });
    const { classes, card } = await readClassifier(join(out, "home.safetensors"));
    expect(classes).toEqual(["happy", "angry"]);
    expect(card.backbone).toEqual({ name: "brightness.by-hand", title: "Brightness" });
    expect([card.head, card.training]).toEqual([undefined, undefined]);
    expect(readFileSync(join(out, "home.md"), "utf8")).not.toMatch(/Trained on|undefined/);
  });

  it("is not what any backbone is", async () => {
    const pixels: Benchmark = { ...benchmark, backbone: "pixels" };
    const { featuresDir: ofPixels, trainDir: out } = dirs("pixels");
    const common = { benchmark: pixels, name: "pixels", progress: silent };
    await runFeaturesStage({ ...common, datasets, threads: 1, out: ofPixels });
    await expect(runTrainStage({ ...common, featuresDir: ofPixels, out })).rejects.toMatchObject({
      code: "bad-config",
      field: "train.mode",
      message: "pixels gives 64 features, not the logits of classes",
    });
  });
});

describe("a backbone whose weights came with a head", () => {
  const name = "shipped";
  const { featuresDir, trainDir, evaluateDir } = dirs(name);

  it("is measured as it came: its own head, nothing trained, nothing selected", async () => {
    const classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
    const faces = await makeDataset(root, {
      name: "faces",
      classes,
      labels: classes,
      channels: 1,
      size: 48,
      perSplit: { train: 7, validation: 7, test: 14 },
    });
    const shipped = benchmarkSchema.parse({
      title: "As it ships",
      source: "faces",
      targets: ["faces"],
      backbone: "efficientnetv2-48.fer2013",
      train: { mode: "none" },
    });
    const common = { benchmark: shipped, name, threads: 1, progress: silent };
    await runFeaturesStage({ ...common, datasets: { faces }, out: featuresDir });
    await runTrainStage({ ...common, featuresDir, out: trainDir });
    await runEvaluateStage({ ...common, featuresDir, trainDir, out: evaluateDir });
    const checkpoint = await readHeadCheckpoint(join(trainDir, "checkpoint.safetensors"));
    expect(checkpoint).toMatchObject({ classes, epoch: 0, head: { inputs: 512, classes: 7, hidden: null } });
    const classifier = (await shippedClassifier("efficientnetv2-48.fer2013"))!;
    expect(checkpoint.weights.get("logits/kernel")).toEqual(classifier.weights.get("logits/kernel"));
    expect(json(join(trainDir, "train.json"))).toMatchObject({ epochs: 0, bestEpoch: 0, selectedOn: null });
    expect(existsSync(join(trainDir, "history.jsonl"))).toBe(false);
    const { selectedOn, targets } = json(join(evaluateDir, "metrics.json")) as Evaluation;
    expect(selectedOn).toBeNull();
    expect(targets[0]).toMatchObject({ n: 14, excluded: {} });
  });
});
