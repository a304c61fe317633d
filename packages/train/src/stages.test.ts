import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  openArtifact,
  readNpy,
  readParquet,
  runStage,
  sha256,
  silent,
  writeSafetensors,
} from "@fer-bench/artifacts";
import {
  createFeatureExtractor,
  findBackbone,
  randomWeights,
  readModel,
  toStoredTensors,
} from "@fer-bench/models";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { benchmarkSchema } from "./benchmark.ts";
import { readHeadCheckpoint } from "./checkpoint.ts";
import { type Evaluation, runEvaluateStage } from "./evaluate-stage.ts";
import { runFeaturesStage } from "./features-stage.ts";
import { plainHead } from "./plain-head.test.helper.ts";
import { makeDataset } from "./stage-data.test.helper.ts";
import { runTrainStage } from "./train-stage.ts";

const root = mkdtempSync(join(tmpdir(), "fer-bench-stages-"));

const CLASSES = ["angry", "fear", "happy"];

/** Pictures that are in more than one split at home: exactly in train and test, nearly so, exactly in validation and test. */
const HOME_REPEATS: Record<number, { pixelSha256?: string; repeatGroup?: number }> = {
  0: { pixelSha256: "same", repeatGroup: 0 },
  120: { pixelSha256: "same", repeatGroup: 0 },
  1: { repeatGroup: 1 },
  121: { repeatGroup: 1 },
  90: { pixelSha256: "other", repeatGroup: 2 },
  122: { pixelSha256: "other", repeatGroup: 2 },
};

describe("the stages on raw pixels, inner and cross", () => {
  const benchmark = benchmarkSchema.parse({
    title: "Pixels",
    source: "home",
    targets: ["home", "away"],
    backbone: "pixels",
    input: { size: 8 },
    train: { epochs: 20, batchSize: 8, head: { hidden: null }, optimizer: { learningRate: 0.02 } },
  });
  const name = "home-pixels";
  let datasets: Record<string, Awaited<ReturnType<typeof makeDataset>>>;
  const featuresDir = join(root, name, "features");
  const trainDir = join(root, name, "train");
  const evaluateDir = join(root, name, "evaluate");

  beforeAll(async () => {
    datasets = {
      home: await makeDataset(root, {
        name: "home",
        classes: CLASSES,
        labels: CLASSES,
        channels: 1,
        size: 8,
        perSplit: { train: 90, validation: 30, test: 31 },
        repeats: (index) => HOME_REPEATS[index] ?? {},
      }),
      // Another order, one class of the model without a sample, one that the model has not; in colour.
      away: await makeDataset(root, {
        name: "away",
        classes: ["happy", "contempt", "angry"],
        labels: ["happy", "contempt", "angry"],
        channels: 3,
        size: 8,
        perSplit: { train: 3, validation: 0, test: 12 },
        // The very pixels of a training image at home; its groups are others.
        repeats: (index) => (index === 5 ? { pixelSha256: "home-7", repeatGroup: 0 } : {}),
        subject: (index) => `person ${Math.floor(index / 4)}`,
      }),
    };
    const common = { benchmark, name, threads: 2, progress: silent };
    await runFeaturesStage({ ...common, datasets, out: featuresDir });
    await runTrainStage({ ...common, featuresDir, out: trainDir });
    await runEvaluateStage({ ...common, featuresDir, trainDir, out: evaluateDir });
  });

  const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

  it("comes to the same from arrays in shards", async () => {
    vi.stubEnv("FER_BENCH_SHARD_BYTES", "1000");
    const dirs = Object.fromEntries(
      ["features", "train", "evaluate"].map((stage) => [stage, join(root, "sharded", stage)]),
    ) as Record<"features" | "train" | "evaluate", string>;
    const common = { benchmark, name, threads: 2, progress: silent };
    await runFeaturesStage({ ...common, datasets, out: dirs.features });
    await runTrainStage({ ...common, featuresDir: dirs.features, out: dirs.train });
    const shared = { featuresDir: dirs.features, trainDir: dirs.train };
    const evaluated = await runEvaluateStage({ ...common, ...shared, out: dirs.evaluate });
    vi.unstubAllEnvs();
    expect(readdirSync(dirs.features)).toContain("home.00050.npy");
    expect((await readNpy(join(dirs.features, "home.npy"))).data).toEqual(
      (await readNpy(join(featuresDir, "home.npy"))).data,
    );
    const whole = await openArtifact(trainDir, "train");
    expect((await openArtifact(dirs.train, "train")).identity).toBe(whole.identity);
    for (const file of ["metrics.json", "home.predictions.parquet", "away.predictions.parquet"]) {
      expect(readFileSync(evaluated.path(file)), file).toEqual(readFileSync(join(evaluateDir, file)));
    }
  });

  it("keeps the pixels of a grey set, and the luma of a coloured one, as features", async () => {
    const features = await readNpy(join(featuresDir, "home.npy"));
    const faces = await readNpy(join(root, "home", "preprocess", "faces.npy"));
    expect(features.shape).toEqual([151, 64]);
    features.data.forEach((value, i) => {
      expect(value).toBeCloseTo(faces.data[i]! / 255, 6);
    });
    const away = await readNpy(join(featuresDir, "away.npy"));
    const rgb = (await readNpy(join(root, "away", "preprocess", "faces.npy"))).data;
    expect(away.shape).toEqual([15, 64]);
    away.data.forEach((value, i) => {
      const luma = 0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!;
      expect(Math.abs(value * 255 - luma)).toBeLessThan(0.51);
    });
    expect(json(join(featuresDir, "features.json"))).toMatchObject({
      backbone: { name: "pixels" },
      dimensions: 64,
      calibration: null,
      datasets: { home: { classes: CLASSES, count: 151 }, away: { count: 15 } },
    });
  });

  it("trains, and writes history, checkpoint, summary and events", async () => {
    const lines = readFileSync(join(trainDir, "history.jsonl"), "utf8").trim().split("\n");
    const history = lines.map((line) => JSON.parse(line));
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const summary = json(join(trainDir, "train.json"));
    expect(summary).toMatchObject({
      source: "home",
      classes: CLASSES,
      samples: { train: 90, validation: 30 },
    });
    expect(summary.best).toEqual(history[summary.bestEpoch - 1]);
    const checkpoint = await readHeadCheckpoint(join(trainDir, "checkpoint.safetensors"));
    expect(checkpoint).toMatchObject({ backbone: "pixels", classes: CLASSES, epoch: summary.bestEpoch });
    for (const run of ["train", "validation"]) {
      expect(readdirSync(join(trainDir, "tensorboard", run))).toEqual(["events.out.tfevents.fer-bench"]);
    }
  });

  it("leaves the same artifact when it trains again", async () => {
    const again = join(root, "again", "train");
    const artifact = await runTrainStage({ benchmark, name, featuresDir, out: again, progress: silent });
    expect(artifact.identity).toBe((await openArtifact(trainDir, "train")).identity);
  });

  it("predicts what the plain head says of the checkpoint", async () => {
    const { weights, head } = await readHeadCheckpoint(join(trainDir, "checkpoint.safetensors"));
    if ("kind" in head) expect.unreachable("a head was trained");
    const plain = plainHead({
      ...head,
      mean: weights.get("standardize/mean")!.data,
      deviation: weights.get("standardize/variance")!.data.map(Math.sqrt),
      parameters: new Map(["logits/kernel", "logits/bias"].map((key) => [key, weights.get(key)!.data])),
    });
    const rows = await readParquet<Record<string, unknown>>(join(evaluateDir, "home.predictions.parquet"));
    const features = await readNpy(join(evaluateDir, "home.test-features.npy"));
    const all = await readNpy(join(featuresDir, "home.npy"));
    expect(features.shape).toEqual([31, 64]);
    expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: 31 }, (_, i) => 120 + i));
    expect([...features.data]).toEqual([...all.data.subarray(120 * 64)]);
    const logits = plain.logits(features.data);
    rows.forEach((row, i) => {
      const exponentials = CLASSES.map((_, c) => Math.exp(logits[i * 3 + c]!));
      const sum = exponentials.reduce((a, b) => a + b, 0);
      CLASSES.forEach((label, c) => {
        expect(row[`p_${label}`]).toBeCloseTo(exponentials[c]! / sum, 5);
      });
      expect(row.predicted).toBe(CLASSES[exponentials.indexOf(Math.max(...exponentials))]);
    });
  });

  it("evaluates inside and across, and says which classes the sets do not share", async () => {
    const { targets, ...rest } = json(join(evaluateDir, "metrics.json")) as Evaluation;
    expect(rest).toMatchObject({
      source: "home",
      backbone: { name: "pixels", title: "Raw pixels" },
      selectedOn: "validation",
    });
    expect(targets.map(({ target, protocol, split, n }) => [target, protocol, split, n])).toEqual([
      ["home", "inner", "test", 31],
      ["away", "cross", "test", 8],
    ]);
    const [home, away] = targets;
    expect(home!.absentClasses).toEqual([]);
    expect(home!.majority.class).toBe("angry");
    expect(home!.majority.scores.accuracy.value).toBeCloseTo(11 / 31, 12);
    expect(away!.absentClasses).toEqual(["fear"]);
    expect(away!.excluded).toEqual({ contempt: 4 });
    for (const { target, metrics } of targets) {
      const rows = await readParquet<{ label: string; predicted: string }>(
        join(evaluateDir, `${target}.predictions.parquet`),
      );
      const hits = rows.filter(({ label, predicted }) => label === predicted).length;
      expect(metrics.accuracy.successes).toBe(hits);
      expect(metrics.classes).toEqual(CLASSES);
    }
    // Levels 50 apart under noise of 60: the classes of the source are told apart by their mean.
    expect(home!.metrics.accuracy.value).toBeGreaterThan(0.9);
  });

  it("says what becomes of the accuracy without the test images that it was trained on", async () => {
    const { targets } = json(join(evaluateDir, "metrics.json")) as Evaluation;
    const [home, away] = targets;
    const rows = await readParquet<{ id: string; label: string; predicted: string }>(
      join(evaluateDir, "home.predictions.parquet"),
    );
    const without = (...ids: string[]) => {
      const left = rows.filter(({ id }) => !ids.includes(id));
      const successes = left.filter(({ label, predicted }) => label === predicted).length;
      return { removed: ids.length, scores: { n: 31 - ids.length, accuracy: { successes } } };
    };
    expect(home!.unseen).toMatchObject({
      exactly: without("home-120"),
      nearly: without("home-120", "home-121"),
    });
    expect(away!.unseen).toMatchObject({ exactly: { removed: 1 } });
    expect(away!.unseen).not.toHaveProperty("nearly");
  });

  it("draws test samples anew for intervals, subjects whole where everybody is known", async () => {
    const { targets } = json(join(evaluateDir, "metrics.json")) as Evaluation;
    const [home, away] = targets;
    const { metrics, majority, unseen } = home!;
    for (const scores of [metrics, majority.scores, unseen!.exactly.scores!, unseen!.nearly!.scores!]) {
      const { accuracy } = scores.bootstrap!;
      expect(accuracy).toMatchObject({ value: scores.accuracy.value, resamples: 2000, groups: null });
      expect(accuracy.low).toBeLessThanOrEqual(accuracy.value);
      expect(accuracy.high).toBeGreaterThanOrEqual(accuracy.value);
    }
    const rows = async (target: string) =>
      readParquet<{ id: string; subject?: string }>(join(evaluateDir, `${target}.predictions.parquet`));
    expect((await rows("home")).every((row) => !Object.hasOwn(row, "subject"))).toBe(true);
    const subjects = (await rows("away")).map(({ id, subject }) => {
      expect(subject).toBe(`person ${Math.floor(Number(id.slice("away-".length)) / 4)}`);
      return subject;
    });
    expect(away!.metrics.bootstrap!.accuracy.groups).toBe(new Set(subjects).size);
  });

  it.each([
    ["drop-exact", { angry: 1 }, 1],
    ["drop-near", { angry: 1, fear: 1 }, 0],
  ] as const)("%s trains without the images that other splits have, too", async (overlap, dropped, seen) => {
    const without = { ...benchmark, train: { ...benchmark.train, overlap } } as typeof benchmark;
    const common = { benchmark: without, name, featuresDir, threads: 1, progress: silent };
    const out = join(root, name, overlap);
    await runTrainStage({ ...common, out: join(out, "train") });
    const left = Object.values(dropped).reduce((sum, count) => sum - count, 90);
    expect(json(join(out, "train", "train.json"))).toMatchObject({
      overlap,
      dropped,
      samples: { train: left },
    });
    await runEvaluateStage({ ...common, trainDir: join(out, "train"), out: join(out, "evaluate") });
    const [home] = (json(join(out, "evaluate", "metrics.json")) as Evaluation).targets;
    expect(home!.unseen).toMatchObject({ exactly: { removed: 0 }, nearly: { removed: seen } });
  });

  it("runs its networks on another engine, and says which one that was", async () => {
    const tfjs = benchmarkSchema.parse({ ...benchmark, engine: "tfjs" });
    const common = { benchmark: tfjs, name, threads: 1, progress: silent };
    const dirs = { features: join(root, "tfjs", "features"), evaluate: join(root, "tfjs", "evaluate") };
    await runFeaturesStage({ ...common, datasets, out: dirs.features });
    expect((await readNpy(join(dirs.features, "home.npy"))).data).toEqual(
      (await readNpy(join(featuresDir, "home.npy"))).data,
    );
    await runEvaluateStage({ ...common, featuresDir, trainDir, out: dirs.evaluate });
    const rows = (dir: string) => readParquet<Record<string, number>>(join(dir, "home.predictions.parquet"));
    const [expected, predicted] = [await rows(evaluateDir), await rows(dirs.evaluate)];
    predicted.forEach((row, i) => {
      for (const label of CLASSES) expect(row[`p_${label}`]).toBeCloseTo(expected[i]![`p_${label}`]!, 5);
    });
    for (const dir of Object.values(dirs)) {
      expect(json(join(dir, "provenance.json"))).toMatchObject({
        engine: "@tensorflow/tfjs-backend-wasm",
        device: "cpu",
        config: { engine: "tfjs", device: "cpu" },
        versions: { "@tensorflow/tfjs-layers": expect.stringMatching(/^4\./) },
      });
    }
    expect(json(join(featuresDir, "provenance.json"))).toMatchObject({
      engine: "onnxruntime-node",
      config: { engine: "onnx", device: "cpu" },
    });
  });

  it("leaves nothing where the engine is not here", async () => {
    const away = benchmarkSchema.parse({ ...benchmark, engine: "tfjs", device: "cuda" });
    const out = join(root, "no-engine", "features");
    await expect(
      runFeaturesStage({ benchmark: away, name, datasets, out, threads: 1, progress: silent }),
    ).rejects.toMatchObject({ code: "unavailable", remedy: expect.stringContaining("tfjs-node-gpu") });
    expect(existsSync(join(root, "no-engine"))).toBe(false);
  });

  it("refuses features that changed since they were written, and leaves nothing behind", async () => {
    const broken = join(root, "broken");
    const copied = join(broken, "features");
    await runStage({ stage: "features", dir: copied, config: {} }, async (out) => {
      for (const file of ["home.npy", "home.samples.parquet", "features.json"]) {
        writeFileSync(join(out, file), readFileSync(join(featuresDir, file)));
      }
    });
    const bytes = readFileSync(join(copied, "home.npy"));
    bytes[500]! ^= 1;
    writeFileSync(join(copied, "home.npy"), bytes);
    const out = join(broken, "train");
    await expect(
      runTrainStage({ benchmark, name, featuresDir: copied, out, progress: silent }),
    ).rejects.toMatchObject({ code: "bad-artifact", file: join(copied, "home.npy") });
    expect(readdirSync(broken)).toEqual(["features"]);
  });

  it("leaves no artifact of a training that diverged", async () => {
    const wild = benchmarkSchema.parse({
      ...benchmark,
      train: { ...benchmark.train, optimizer: { learningRate: 1e30 } },
    });
    const out = join(root, "wild", "train");
    await expect(
      runTrainStage({ benchmark: wild, name: "wild", featuresDir, out, progress: silent }),
    ).rejects.toMatchObject({ code: "diverged" });
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(join(root, "wild"))).toEqual([]);
  });
});

describe("the features stage on a random EfficientNet-B0", () => {
  it("calibrates on training images, keeps the weights, and the features are theirs", async () => {
    const spec = { classes: CLASSES, labels: CLASSES, channels: 1, size: 32 } as const;
    const datasets = {
      faces: await makeDataset(root, {
        ...spec,
        classes: [...spec.classes],
        labels: [...spec.labels],
        name: "faces",
        perSplit: { train: 40, validation: 3, test: 3 },
      }),
    };
    const benchmark = benchmarkSchema.parse({
      title: "B0",
      source: "faces",
      targets: ["faces"],
      backbone: "efficientnet-b0.random",
      input: { size: 32 },
      features: { batchSize: 8, calibrationImages: 32 },
    });
    const out = join(root, "b0", "features");
    const request = { benchmark, name: "b0", datasets, progress: silent };
    const artifact = await runFeaturesStage({ ...request, out, threads: 2 });
    const summary = JSON.parse(readFileSync(join(out, "features.json"), "utf8"));
    expect(summary.backbone.note).toMatch(/random/);
    expect(summary.calibration).toEqual({ dataset: "faces", images: 32, batchSize: 32, seed: 1 });
    // Keras's EfficientNetB0(include_top=False).count_params().
    const provenance = JSON.parse(readFileSync(join(out, "provenance.json"), "utf8"));
    expect(provenance.backbone).toEqual({ parameters: 4_049_571, flops: expect.any(Number) });

    const { graph, weights } = await readModel(join(out, "backbone.safetensors"));
    const variance = weights.get("stem_bn/moving_variance")!.data;
    expect(variance.some((value) => value !== 1)).toBe(true);
    const input = { height: 32, width: 32, channels: 1 } as const;
    const created = await findBackbone("efficientnet-b0.random").create({ input, seed: 1 });
    expect(graph).toEqual(created.graph);
    const extractor = await createFeatureExtractor({ graph, weights, batchSize: 8, threads: 1 });
    const faces = await readNpy(join(datasets.faces.preprocessDir, "faces.npy"));
    const expected = await extractor.run(faces.data as Uint8Array, 46);
    await extractor.close();
    const features = await readNpy(join(out, "faces.npy"));
    expect(features.shape).toEqual([46, 1280]);
    expect([...features.data]).toEqual([...expected]);

    const again = await runFeaturesStage({ ...request, out: join(root, "b0-again", "features"), threads: 1 });
    expect(again.identity).toBe(artifact.identity);
  });

  it("takes weights from a file, and says from which", async () => {
    const input = { height: 32, width: 32, channels: 1 } as const;
    const graph = findBackbone("efficientnet-b0.imagenet").graph(input);
    const weights = randomWeights(graph, 3);
    const weightsFile = join(root, "my-b0.safetensors");
    await writeSafetensors(weightsFile, toStoredTensors(weights));
    const out = join(root, "b0-file", "features");
    await runFeaturesStage({
      benchmark: benchmarkSchema.parse({
        title: "B0",
        source: "faces",
        targets: ["faces"],
        backbone: "efficientnet-b0.imagenet",
        input: { size: 32 },
      }),
      name: "b0-file",
      datasets: {
        faces: {
          prepareDir: join(root, "faces", "prepare"),
          preprocessDir: join(root, "faces", "preprocess"),
        },
      },
      weightsFile,
      out,
      threads: 1,
      progress: silent,
    });
    const record = {
      name: "my-b0.safetensors",
      bytes: readFileSync(weightsFile).length,
      sha256: sha256(readFileSync(weightsFile)),
      framework: "keras",
      published: false,
    };
    const { backbone, calibration } = JSON.parse(readFileSync(join(out, "features.json"), "utf8"));
    expect(backbone).toEqual({
      name: "efficientnet-b0.imagenet",
      title: "EfficientNet-B0, ImageNet weights (Keras)",
      note: expect.stringMatching(
        /^The weights are those of the user's file my-b0\.safetensors \(sha256 [0-9a-f]{8}\)/,
      ),
      weights: record,
    });
    expect(calibration).toBeNull();
    expect(JSON.parse(readFileSync(join(out, "provenance.json"), "utf8")).weights).toEqual(record);
    expect(await readModel(join(out, "backbone.safetensors"))).toEqual({ graph, weights });
  });

  it("says which data set is missing, and which size the faces have", async () => {
    const benchmark = benchmarkSchema.parse({
      title: "B0",
      source: "faces",
      targets: ["faces"],
      backbone: "efficientnet-b0.random",
    });
    const request = {
      benchmark,
      name: "b0",
      out: join(root, "none", "features"),
      threads: 1,
      progress: silent,
    };
    await expect(runFeaturesStage({ ...request, datasets: {} })).rejects.toMatchObject({
      code: "missing",
      message: expect.stringContaining("faces"),
    });
    const dirs = {
      prepareDir: join(root, "faces", "prepare"),
      preprocessDir: join(root, "faces", "preprocess"),
    };
    await expect(runFeaturesStage({ ...request, datasets: { faces: dirs } })).rejects.toMatchObject({
      code: "bad-artifact",
      field: "input.size",
    });
  });
});
