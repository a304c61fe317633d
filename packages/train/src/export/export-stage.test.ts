import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArtifact, readNpy, readParquet, runStage, silent } from "@fer-bench/artifacts";
import { createClassifier, readClassifier } from "@fer-bench/models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Benchmark, benchmarkSchema } from "../benchmark.ts";
import { readHeadCheckpoint, writeHeadCheckpoint } from "../checkpoint.ts";
import { runEvaluateStage } from "../evaluate-stage.ts";
import { runFeaturesStage } from "../features-stage.ts";
import { makeDataset } from "../stage-data.test.helper.ts";
import { runTrainStage } from "../train-stage.ts";
import { type ExportSummary, runExportStage } from "./export-stage.ts";
import { EXPORT_FORMATS } from "./formats.ts";

const root = mkdtempSync(join(tmpdir(), "fer-bench-export-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const CLASSES = ["angry", "fear", "happy"];
let datasets: Record<string, { prepareDir: string; preprocessDir: string }>;

beforeAll(async () => {
  datasets = {
    home: await makeDataset(root, {
      name: "home",
      classes: CLASSES,
      labels: CLASSES,
      channels: 1,
      size: 32,
      perSplit: { train: 60, validation: 20, test: 100 },
    }),
    away: await makeDataset(root, {
      name: "away",
      classes: ["happy", "contempt", "angry"],
      labels: ["happy", "contempt", "angry"],
      channels: 3,
      size: 32,
      perSplit: { train: 3, validation: 0, test: 12 },
    }),
  };
});

/** Runs a benchmark up to its evaluation, and gives what an export of it needs. */
async function evaluated(name: string, json: object) {
  const benchmark: Benchmark = benchmarkSchema.parse({
    title: `The benchmark ${name}`,
    source: "home",
    targets: ["home"],
    backbone: "pixels",
    input: { size: 32 },
    notes: ["Levels of grey."],
    ...json,
  });
  const common = { benchmark, name, progress: silent };
  const dir = (stage: string) => join(root, name, stage);
  const [featuresDir, trainDir, evaluateDir] = [dir("features"), dir("train"), dir("evaluate")];
  await runFeaturesStage({ ...common, datasets, out: featuresDir, threads: 1 });
  await runTrainStage({ ...common, featuresDir, out: trainDir });
  await runEvaluateStage({ ...common, featuresDir, trainDir, out: evaluateDir, threads: 1 });
  const stages = { featuresDir, trainDir, evaluateDir };
  return { ...common, ...stages, datasets, formats: EXPORT_FORMATS, half: false, out: dir("export") };
}

const LINEAR = { epochs: 5, batchSize: 8, head: { hidden: null }, optimizer: { learningRate: 0.02 } };
const summaryOf = (out: string): ExportSummary => JSON.parse(readFileSync(join(out, "export.json"), "utf8"));

describe("the export of a finished benchmark", () => {
  let request: Awaited<ReturnType<typeof evaluated>>;
  beforeAll(async () => {
    request = await evaluated("linear", { targets: ["home", "away"], train: LINEAR });
    await runExportStage(request);
  }, 60_000);

  it("is an artifact of files named after it, each verified on test faces", async () => {
    const { files } = await openArtifact(request.out, "export");
    expect(files.map(({ path }) => path).sort()).toEqual([
      "export.json",
      "linear.md",
      "linear.onnx",
      "linear.safetensors",
    ]);
    const summary = summaryOf(request.out);
    expect(summary).toMatchObject({
      benchmark: "linear",
      half: false,
      classes: CLASSES,
      input: { name: "input", type: "uint8", shape: ["N", 32, 32, 1] },
      output: { name: "probabilities", type: "float32", shape: ["N", 3] },
      verifiedOn: { dataset: "home", faces: 64, rounding: expect.any(Number) },
    });
    expect(summary.files.map(({ path, format, opset }) => [path, format, opset])).toEqual([
      ["linear.onnx", "onnx", 13],
      ["linear.safetensors", "safetensors", undefined],
    ]);
    for (const { sameDecisions, largestDifference } of summary.files) {
      expect(sameDecisions).toBe(64);
      expect(largestDifference).toBeLessThan(1e-5);
    }
  });

  it("classifies every test face as the evaluation did, from the one file alone", async () => {
    const classifier = await createClassifier(await readClassifier(join(request.out, "linear.safetensors")));
    const rows = await readParquet<{ index: number; predicted: string }>(
      join(request.evaluateDir, "home.predictions.parquet"),
    );
    const faces = await readNpy(join(datasets.home!.preprocessDir, "faces.npy"));
    const test = (faces.data as Uint8Array).subarray(rows[0]!.index * 32 * 32);
    const found = await classifier.classify(test, rows.length);
    await classifier.close();
    expect(found.map(({ label }) => label)).toEqual(rows.map(({ predicted }) => predicted));
  });

  it("tells in its card where it comes from", async () => {
    const { card, classes } = await readClassifier(join(request.out, "linear.safetensors"));
    expect(classes).toEqual(CLASSES);
    const metrics = JSON.parse(readFileSync(join(request.evaluateDir, "metrics.json"), "utf8"));
    expect(card).toMatchObject({
      title: "The benchmark linear",
      backbone: { name: "pixels" },
      head: { inputs: 1024, classes: 3, hidden: null },
      picture: { face: { kind: "whole" }, grey: expect.stringContaining("601") },
      training: {
        dataset: "home",
        licence: { name: "For research alone", redistributable: false },
        samples: { train: 60, validation: 20 },
        epoch: metrics.bestEpoch,
      },
      notes: ["Levels of grey."],
    });
    expect(card.results.map(({ dataset, n, accuracy }) => [dataset, n, accuracy])).toEqual(
      metrics.targets.map((one: { target: string; n: number; metrics: { accuracy: { value: number } } }) => [
        one.target,
        one.n,
        one.metrics.accuracy.value,
      ]),
    );
  });

  it("says in words what goes in and comes out, how to run it, and what the licence forbids", () => {
    const text = readFileSync(join(request.out, "linear.md"), "utf8");
    expect(text).toMatch(/^# The benchmark linear\n/);
    expect(text).toContain("- in: `input`, uint8 [N, 32, 32, 1], grey values 0 to 255, row by row\n");
    expect(text).toContain("0 angry, 1 fear, 2 happy");
    expect(text).toContain('onnxruntime.InferenceSession("linear.onnx")');
    expect(text).toContain('readClassifier("linear.safetensors")');
    expect(text).toContain("the pictures may not be passed on");
    expect(text).toContain("| `linear.onnx` | ONNX, opset 13 | 64 of 64 |");
    expect(text).not.toContain("undefined");
  });

  it("has the same bytes again, and the formats that are asked for alone", async () => {
    const { identity } = await openArtifact(request.out, "export");
    const again = await runExportStage({ ...request, out: join(root, "again") });
    expect(again.identity).toBe(identity);
    const one = await runExportStage({ ...request, formats: ["onnx"], out: join(root, "one") });
    expect(one.files.map(({ path }) => path).sort()).toEqual(["export.json", "linear.md", "linear.onnx"]);
    expect(readFileSync(join(one.dir, "linear.md"), "utf8")).not.toContain("safetensors");
  });

  it("in 16 bits is smaller, and says how much its answers differ", async () => {
    const out = join(root, "half");
    await runExportStage({ ...request, half: true, out });
    const bytes = (dir: string) => readFileSync(join(dir, "linear.safetensors")).length;
    // The head alone, whose standardization stays in 32 bits.
    expect(bytes(out)).toBeLessThan(0.8 * bytes(request.out));
    for (const { largestDifference } of summaryOf(out).files) {
      expect(largestDifference).toBeGreaterThan(1e-6);
      expect(largestDifference).toBeLessThan(0.05);
    }
    expect(readFileSync(join(out, "linear.md"), "utf8")).toContain("kernels in 16 bits");
  });

  it("is refused in 16 bits where they change the answers, and leaves nothing", async () => {
    // A number added to every class's kernel changes no probability, and takes all bits that a half has.
    const { trainDir } = request;
    const checkpoint = await readHeadCheckpoint(join(trainDir, "checkpoint.safetensors"));
    const { shape, data } = checkpoint.weights.get("logits/kernel")!;
    const shifted = { shape, data: data.map((value) => value + 2000) };
    const dir = (stage: string) => join(root, "shifted", stage);
    await runStage({ stage: "train", dir: dir("train"), config: {} }, async (out) => {
      const weights = new Map(checkpoint.weights).set("logits/kernel", shifted);
      await writeHeadCheckpoint(join(out, "checkpoint.safetensors"), { ...checkpoint, weights });
      await copyFile(join(trainDir, "train.json"), join(out, "train.json"));
    });
    const stages = { ...request, trainDir: dir("train"), evaluateDir: dir("evaluate"), out: dir("export") };
    await runEvaluateStage({ ...stages, out: stages.evaluateDir, threads: 1 });
    await expect(runExportStage({ ...stages, half: true })).rejects.toMatchObject({
      code: "bad-config",
      field: "--half",
      message: expect.stringContaining("linear.onnx"),
    });
    expect(readdirSync(join(root, "shifted")).sort()).toEqual(["evaluate", "train"]);
    await runExportStage(stages);
    expect(summaryOf(stages.out).files.map(({ sameDecisions }) => sameDecisions)).toEqual([64, 64]);
  });

  it("is refused where the evaluation is of another checkpoint, and leaves nothing", async () => {
    const trainDir = join(root, "other", "train");
    const benchmark = benchmarkSchema.parse({
      ...request.benchmark,
      train: { ...LINEAR, epochs: 40, seed: 2 },
    });
    await runTrainStage({ ...request, benchmark, out: trainDir });
    const out = join(root, "other", "export");
    await expect(runExportStage({ ...request, trainDir, out })).rejects.toMatchObject({
      code: "bad-artifact",
      file: join(request.evaluateDir, "home.predictions.parquet"),
      message: expect.stringContaining("not of this classifier"),
      remedy: expect.stringContaining("evaluate"),
    });
    expect(readdirSync(join(root, "other"))).toEqual(["train"]);
  });

  it.each(["featuresDir", "trainDir", "evaluateDir"] as const)(
    "names the stage that has not run: %s",
    async (dir) => {
      const out = join(root, "missing", "export");
      const nowhere = join(root, "nowhere");
      await expect(runExportStage({ ...request, [dir]: nowhere, out })).rejects.toMatchObject({
        code: "missing",
        file: nowhere,
        remedy: expect.stringContaining(`run the ${dir.replace("Dir", "")} stage first`),
      });
      await expect(runExportStage({ ...request, datasets: {}, out })).rejects.toMatchObject({
        code: "missing",
        message: expect.stringContaining("home"),
      });
      expect(existsSync(out)).toBe(false);
    },
  );
});

it("is verified on another set where the source is no target: colour becomes the network's grey", async () => {
  const request = await evaluated("across", { targets: ["away"], train: LINEAR });
  await runExportStage({ ...request, formats: ["onnx"] });
  const { verifiedOn, files } = summaryOf(request.out);
  expect(verifiedOn).toMatchObject({ dataset: "away", faces: 8 });
  expect(files[0]!.sameDecisions).toBe(8);
});

it("joins EfficientNet-B0 and its head", async () => {
  const request = await evaluated("b0", {
    backbone: "efficientnet-b0.random",
    features: { batchSize: 16, calibrationImages: 32 },
    train: { epochs: 2, batchSize: 8, head: { hidden: 16 } },
  });
  await runExportStage(request);
  const { files, verifiedOn } = summaryOf(request.out);
  expect(verifiedOn.rounding).toBeGreaterThan(0);
  expect(verifiedOn.rounding).toBeLessThan(1e-3);
  for (const { largestDifference } of files) expect(largestDifference).toBeLessThan(1e-3);
  const { graph, card } = await readClassifier(join(request.out, "b0.safetensors"));
  expect(graph.name).toBe("efficientnet-b0+two-layer-head");
  expect(card.backbone.note).toMatch(/random/);
});
