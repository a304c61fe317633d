import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import {
  createRandom,
  openArtifact,
  randomInt,
  readSafetensors,
  silent,
  temporaryPath,
  writeSafetensors,
} from "@fer-bench/artifacts";
import {
  type EngineChoice,
  readClassifier,
  readModel,
  registerBackbone,
  torchvisionLayout,
} from "@fer-bench/models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { benchmarkSchema } from "../benchmark.ts";
import { readHeadCheckpoint } from "../checkpoint.ts";
import { runEvaluateStage } from "../evaluate-stage.ts";
import { type ExportSummary, runExportStage } from "../export/export-stage.ts";
import { EXPORT_FORMATS } from "../export/formats.ts";
import { runFeaturesStage } from "../features-stage.ts";
import { makeDataset } from "../stage-data.test.helper.ts";
import { runTrainStage } from "../train-stage.ts";
import {
  finetuneSmall,
  registerSmallBackbone,
  SMALL_BENCHMARK,
  smallGraph,
} from "./finetune-run.test.helper.ts";

const root = mkdtempSync(join(tmpdir(), "fer-bench-finetune-"));
const trainDir = join(root, "small", "train");
let datasets: Record<string, { prepareDir: string; preprocessDir: string }>;

beforeAll(async () => {
  registerSmallBackbone();
  datasets = {
    home: await makeDataset(root, {
      name: "home",
      classes: ["angry", "fear", "happy"],
      labels: ["angry", "fear", "happy"],
      channels: 1,
      size: 16,
      perSplit: { train: 600, validation: 30, test: 31 },
    }),
  };
  await finetuneSmall(root, trainDir, () => {});
});
afterAll(() => rmSync(root, { recursive: true }));

describe("the stage that fine-tunes", () => {
  it("leaves backbone, head, history and events, and no resume point", async () => {
    await openArtifact(trainDir, "train");
    expect(readdirSync(trainDir).sort()).toEqual([
      "artifact.json",
      "backbone.safetensors",
      "checkpoint.safetensors",
      "history.jsonl",
      "provenance.json",
      "tensorboard",
      "train.json",
    ]);
    expect(existsSync(`${trainDir}.resume.safetensors`)).toBe(false);
    const head = await readHeadCheckpoint(join(trainDir, "checkpoint.safetensors"));
    expect(head).toMatchObject({ backbone: "small.random", head: { inputs: 12, classes: 3, hidden: null } });
    const { tensors } = await readSafetensors(join(trainDir, "backbone.safetensors"));
    expect([...tensors.keys()]).toContain("stem_bn/moving_variance");
    expect(readFileSync(join(trainDir, "history.jsonl"), "utf8").trim().split("\n")).toHaveLength(6);
    const provenance = JSON.parse(readFileSync(join(trainDir, "provenance.json"), "utf8"));
    expect(provenance).toMatchObject({ engine: "onnxruntime-node", seed: 1 });
    expect(provenance.imagesPerSecond).toBeGreaterThan(0);
  });

  it("is followed by features, evaluation and export of the backbone that it left", async () => {
    const common = { benchmark: SMALL_BENCHMARK, name: "small", threads: 1, progress: silent };
    const featuresDir = join(root, "small", "features");
    const evaluateDir = join(root, "small", "evaluate");
    await runFeaturesStage({ ...common, datasets, trainDir, out: featuresDir });
    await runEvaluateStage({ ...common, featuresDir, trainDir, out: evaluateDir });
    const features = JSON.parse(readFileSync(join(featuresDir, "features.json"), "utf8"));
    expect(features).toMatchObject({
      backbone: { name: "small.random", title: "A small network, random weights, fine-tuned" },
      calibration: null,
    });
    expect(readFileSync(join(featuresDir, "backbone.safetensors"))).toEqual(
      readFileSync(join(trainDir, "backbone.safetensors")),
    );
    const { targets } = JSON.parse(readFileSync(join(evaluateDir, "metrics.json"), "utf8"));
    // Classes are levels of brightness, which a batch norm over pixels keeps.
    expect(targets[0].metrics.accuracy.value).toBeGreaterThan(0.6);

    const out = join(root, "small", "export");
    const stages = { datasets, featuresDir, trainDir, evaluateDir, out };
    await runExportStage({ ...common, ...stages, formats: EXPORT_FORMATS, half: false });
    const { files } = JSON.parse(readFileSync(join(out, "export.json"), "utf8")) as ExportSummary;
    expect(files.map(({ sameDecisions }) => sameDecisions)).toEqual([31, 31]);
    const { card, weights } = await readClassifier(join(out, "small.safetensors"));
    expect(card.backbone.title).toBe("A small network, random weights, fine-tuned");
    expect(card.training).toMatchObject({
      samples: { train: 600, validation: 30 },
      selectedOn: "validation",
    });
    const { weights: trained } = await readModel(join(trainDir, "backbone.safetensors"));
    for (const [name, tensor] of trained) expect([name, weights.get(name)]).toEqual([name, tensor]);
  });

  it("trains by TensorFlow.js where the benchmark says so", async () => {
    const { train } = SMALL_BENCHMARK;
    const benchmark = benchmarkSchema.parse({
      ...SMALL_BENCHMARK,
      engine: "tfjs",
      train: { ...train, optimizer: { learningRate: 0.05 }, epochs: 1, batchSize: 200, checkpoints: {} },
    });
    const request = { name: "small", featuresDir: "", dataset: datasets.home!, threads: 1, progress: silent };
    const histories = [];
    for (const engine of ["onnx", "tfjs"] as const) {
      const out = join(root, engine, "train");
      await runTrainStage({ ...request, benchmark: { ...benchmark, engine }, out });
      const provenance = JSON.parse(readFileSync(join(out, "provenance.json"), "utf8"));
      expect(provenance.engine).toBe(engine === "onnx" ? "onnxruntime-node" : "@tensorflow/tfjs-backend-cpu");
      histories.push(JSON.parse(readFileSync(join(out, "history.jsonl"), "utf8")));
    }
    const [onnx, tfjs] = histories;
    expect(tfjs.train.loss / onnx.train.loss).toBeCloseTo(1, 3);
    expect(tfjs.validation.loss / onnx.validation.loss).toBeCloseTo(1, 3);
  }, 180_000);

  it("refuses, before anything is done, what an engine cannot train", async () => {
    const request = { name: "small", featuresDir: "", dataset: datasets.home!, progress: silent };
    const refused = (choice: EngineChoice) =>
      runTrainStage({ ...request, benchmark: { ...SMALL_BENCHMARK, ...choice }, out: join(root, "refused") });
    await expect(refused({ engine: "tfjs" })).rejects.toMatchObject({
      code: "bad-config",
      field: "train.optimizer.kind",
    });
    await expect(refused({ engine: "onnx", device: "cuda" })).rejects.toMatchObject({
      code: "unavailable",
      field: "device",
    });
    expect(existsSync(join(root, "refused"))).toBe(false);
  });

  it("goes on from a point of the same file of weights, and begins anew where the file's bytes are others", async () => {
    registerBackbone({
      name: "small.file",
      title: "A small network, weights of a file",
      graph: smallGraph,
      weights: { kind: "file", layout: torchvisionLayout("classifier") },
    });
    const weightsFile = join(root, "small.safetensors");
    const out = join(root, "file", "train");
    const point = `${out}.resume.safetensors`;
    await writeTorchWeights(weightsFile, 1);
    expect(await trainUntilPoint(out, weightsFile)).toEqual([]);
    expect(await trainUntilPoint(out, weightsFile)).toEqual([expect.stringMatching(/^goes on at epoch/)]);
    const before = readFileSync(point);
    await writeTorchWeights(weightsFile, 2);
    expect(await trainUntilPoint(out, weightsFile)).toEqual([]);
    // The other training's point has taken its place.
    expect(readFileSync(point).equals(before)).toBe(false);
    expect(await trainUntilPoint(out, weightsFile)).toEqual([expect.stringMatching(/^goes on at epoch/)]);
  });

  it("killed at five moments, ends with the bytes of one left alone", async () => {
    const out = join(root, "killed", "train");
    const random = createRandom("kill", 1);
    // As one leaves it that was killed while it wrote a resume point; no process has this number.
    const half = join(
      root,
      "killed",
      basename(temporaryPath("", "train.resume.safetensors")).replace(`-${process.pid}-`, "-4999999-"),
    );
    mkdirSync(dirname(half));
    writeFileSync(half, "half");
    for (let kill = 0; kill < 5; kill++) await runAndKill(out, 1 + randomInt(random, 2), 150 * random.next());
    expect(existsSync(`${out}.resume.safetensors`)).toBe(true);
    expect(existsSync(out)).toBe(false);
    await finetuneSmall(root, out, () => {});
    const left = await openArtifact(trainDir, "train");
    const killed = await openArtifact(out, "train");
    for (const file of ["checkpoint.safetensors", "backbone.safetensors", "history.jsonl", "train.json"]) {
      expect(readFileSync(killed.path(file)).equals(readFileSync(left.path(file))), file).toBe(true);
    }
    expect(readdirSync(join(root, "killed"))).toEqual(["train"]);
  });
});

/** Weights of `smallGraph` for grey pictures, as PyTorch names and lays them out. */
async function writeTorchWeights(path: string, seed: number): Promise<void> {
  const random = createRandom("torch weights", seed);
  const tensor = (...shape: number[]) => ({
    dtype: "F32" as const,
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.5 + random.next()),
  });
  const norm = ["weight", "bias", "running_mean", "running_var"].map(
    (name) => [`stem_bn.${name}`, tensor(12)] as const,
  );
  await writeSafetensors(path, new Map([["stem_conv.weight", tensor(12, 1, 3, 3)], ...norm]), {});
}

/** Trains from a file of weights until a resume point of this run is written; gives what was noted. */
async function trainUntilPoint(out: string, weightsFile: string): Promise<string[]> {
  const notes: string[] = [];
  const written = () => statSync(`${out}.resume.safetensors`, { throwIfNoEntry: false })?.mtimeMs;
  const before = written();
  const update = () => {
    if (written() !== before) throw new Error("stopped");
  };
  const training = runTrainStage({
    benchmark: { ...SMALL_BENCHMARK, backbone: "small.file" },
    name: "small",
    featuresDir: "",
    dataset: datasets.home!,
    weightsFile,
    out,
    threads: 1,
    progress: { start: () => ({ update, end() {} }), note: (line) => void notes.push(line) },
  });
  await expect(training).rejects.toThrow("stopped");
  return notes;
}

/**
 * Starts the stage as a process of its own and kills it `milliseconds` after so many lines of progress, by when it has
 * left a resume point: on a busy machine it may not get that far from line to line.
 */
async function runAndKill(out: string, lines: number, milliseconds: number): Promise<void> {
  const script = join(import.meta.dirname, "finetune-run.test.helper.ts");
  const args = ["--conditions=@fer-bench/source", "--import", "tsx", script, root, out];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let seen = 0;
  let isDue = false;
  child.stdout.on("data", (chunk: Buffer) => {
    seen += chunk.toString().split("step").length - 1;
    if (isDue || seen < lines || !existsSync(`${out}.resume.safetensors`)) return;
    isDue = true;
    setTimeout(() => child.kill("SIGKILL"), milliseconds);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (_status, by) => resolve(by));
  });
  expect(signal, "the process was killed before it had finished").toBe("SIGKILL");
}
