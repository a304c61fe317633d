import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Artifact,
  type Column,
  FerBenchError,
  type Progress,
  type Row,
  readParquet,
  runStage,
  writeNpy,
  writeParquet,
} from "@fer-bench/artifacts";
import { evaluatePredictions, type Metrics, mostProbable } from "@fer-bench/metrics";
import {
  createFeatureExtractor,
  createPredictor,
  findRuntime,
  type Predictor,
  readModel,
} from "@fer-bench/models";
import { changedFaces } from "../changed-faces.ts";
import { CHECKPOINT_FILE, headModel, readHeadOf } from "../checkpoint.ts";
import { EVALUATION_BATCH } from "../evaluate-stage.ts";
import { featureChunks } from "../extract-features.ts";
import { type Faces, openFaces } from "../faces.ts";
import { BACKBONE_FILE, datasetFeatures, type Features, readFeaturesJson } from "../features-artifact.ts";
import { probabilityCells, probabilityColumns } from "../probability-columns.ts";
import { type SplitOfSamples, selectSplit } from "../samples.ts";
import { type TrainedModelRequest, trainedInputs } from "../trained-stages.ts";
import { type CorruptionLevel, createCorruption } from "./corrupt-picture.ts";
import {
  answersFile,
  type CorruptedExample,
  corruptedFile,
  type LevelScores,
  ROBUSTNESS_FILE,
  type Robustness,
  type TargetRobustness,
} from "./robustness-artifact.ts";
import { CORRUPTION_KINDS, CORRUPTIONS, type RobustnessConfig } from "./robustness-config.ts";

/**
 * Tests the trained model on the test split of every target under every kind and level of corruption that the benchmark
 * asks for, and without any: `robustness.json`, `<set>.robustness.parquet` and `<set>.corrupted.npy`. The samples, the
 * batches and the sums are the evaluate stage's, so that without corruption its accuracy comes out, and nothing else.
 *
 * @throws FerBenchError "bad-config" where the benchmark does not ask for it; "bad-artifact" where the accuracy without
 *   corruption is not the evaluate stage's
 */
export async function runRobustnessStage(request: TrainedModelRequest): Promise<Artifact> {
  const { benchmark, name, out, threads } = request;
  const { source, targets, engine, device, robustness } = benchmark;
  if (robustness === null) {
    throw new FerBenchError("bad-config", `${name} does not ask for its robustness`, {
      field: "robustness",
      remedy: 'set "robustness": true in its benchmark.json',
    });
  }
  const runtime = await findRuntime({ engine, device });
  const stage = {
    stage: "robustness",
    dir: out,
    config: { benchmark: name, source, targets, engine, device, robustness },
    inputs: trainedInputs(request),
    seed: robustness.seed,
    threads,
    engine: runtime.library,
    device,
    libraries: { ...runtime.libraries, names: [...runtime.libraries.names, "sharp"] },
  };
  return runStage(stage, async (dir, { inputs, note }) => {
    const features = await readFeaturesJson(inputs.features!);
    const checkpoint = await readHeadOf(features, inputs.train!.path(CHECKPOINT_FILE));
    const backbone = await readModel(inputs.features!.path(BACKBONE_FILE));
    const { batchSize } = features;
    const options = { threads, engine, device };
    const extractor = await createFeatureExtractor({ ...backbone, batchSize, ...options });
    const head = await createPredictor({ ...headModel(checkpoint), batchSize: EVALUATION_BATCH, ...options });
    const tested: TargetRobustness[] = [];
    let images = 0;
    const started = performance.now();
    try {
      for (const target of targets) {
        const { samples } = await datasetFeatures(inputs.features!, features, target);
        const split = selectSplit(samples, "test", checkpoint.classes);
        const test = await testTarget({
          ...request,
          robustness,
          target,
          split,
          classes: checkpoint.classes,
          features,
          facesFile: inputs[`${target}/preprocess`]!.path("faces.npy"),
          evaluated: inputs.evaluate!.path(`${target}.predictions.parquet`),
          extractor,
          head,
          dir,
        });
        tested.push(test);
        images += test.n * test.example.answers.length;
      }
    } finally {
      await Promise.all([extractor.close(), head.close()]);
    }
    note("imagesPerSecond", Math.round((1000 * images) / (performance.now() - started)));
    const { seed } = robustness;
    const { classes } = checkpoint;
    const result: Robustness = { source, backbone: features.backbone, classes, seed, targets: tested };
    await writeFile(join(dir, ROBUSTNESS_FILE), `${JSON.stringify(result, undefined, 2)}\n`);
  });
}

interface TargetRequest {
  target: string;
  robustness: RobustnessConfig;
  split: SplitOfSamples;
  classes: readonly string[];
  features: Features;
  facesFile: string;
  /** The evaluate stage's predictions. */
  evaluated: string;
  extractor: Predictor;
  head: Predictor;
  /** Where to write. */
  dir: string;
  progress: Progress;
}

async function testTarget(request: TargetRequest): Promise<TargetRobustness> {
  const { target, robustness, split, classes, features, dir } = request;
  const { labels } = split;
  const { size } = features.input;
  const faces = await openFaces(request.facesFile, size);
  try {
    const scores: LevelScores[] = [];
    const answers: CorruptedExample["answers"] = [];
    let place = 0;
    async function* rows(): AsyncGenerator<Row> {
      for await (const given of answersByLevel(request, faces)) {
        const { level, predicted, probabilities } = given;
        scores.push(levelScores(evaluatePredictions({ labels, probabilities, classes })));
        if (level === undefined) {
          await checkEvaluated(request, predicted);
          place = Math.max(
            0,
            predicted.findIndex((answer, i) => answer === labels[i]),
          );
        }
        answers.push({
          predicted: classes[predicted[place]!]!,
          confidence: probabilities[place * classes.length + predicted[place]!]!,
        });
        yield* answerRows(given, split, classes);
      }
    }
    await writeParquet(join(dir, answersFile(target)), answerColumns(classes), rows());
    const { id, index, label } = split.samples[place]!;
    await writeCorrupted(join(dir, corruptedFile(target)), { faces, index, size, robustness });
    let next = 1;
    return {
      target,
      split: "test",
      n: labels.length,
      none: scores[0]!,
      corruptions: CORRUPTION_KINDS.filter((kind) => robustness[kind].length > 0).map((kind) => ({
        kind,
        title: CORRUPTIONS[kind].title,
        unit: CORRUPTIONS[kind].unit,
        levels: robustness[kind].map((value) => ({ value, ...scores[next++]! })),
      })),
      example: { id, index, label, answers },
    };
  } finally {
    await faces.close();
  }
}

interface NumberedLevel extends CorruptionLevel {
  /** From 1, the mildest. */
  level: number;
}

function levelsOf(robustness: RobustnessConfig): NumberedLevel[] {
  return CORRUPTION_KINDS.flatMap((kind) =>
    robustness[kind].map((value, i) => ({ kind, value, level: i + 1 })),
  );
}

/** What the model says of every test sample. */
interface LevelAnswers {
  /** undefined before any corruption. */
  level: NumberedLevel | undefined;
  predicted: Int32Array;
  /** [n, classes] */
  probabilities: Float32Array;
}

/** The answers without corruption, then those of each level. */
async function* answersByLevel(
  { target, robustness, split, features, extractor, head, progress }: TargetRequest,
  faces: Faces,
): AsyncGenerator<LevelAnswers> {
  const { indices } = split;
  const { size, channels } = features.input;
  const levels = [undefined, ...levelsOf(robustness)];
  const task = progress.start(`robustness on ${target}`, levels.length * indices.length, "images");
  let done = 0;
  for (const level of levels) {
    const corrupt = level && createCorruption(level, { size, channels: faces.channels }, robustness.seed);
    const pictures = changedFaces(faces, {
      indices,
      size,
      change: (face, { row }, result) => (corrupt ? corrupt(face, row, result) : result.set(face)),
    });
    const probabilities = new Float32Array(indices.length * head.dimensions);
    let at = 0;
    for await (const chunk of featureChunks({
      faces: pictures,
      channels,
      extractor,
      batchSize: features.batchSize,
    })) {
      const count = chunk.length / extractor.dimensions;
      probabilities.set(await head.run(chunk, count), at * head.dimensions);
      at += count;
      task.update(done + at, level && `${level.kind} ${level.value}`);
    }
    done += at;
    yield { level, predicted: mostProbable(probabilities, head.dimensions), probabilities };
  }
  task.end();
}

function levelScores(metrics: Metrics): LevelScores {
  const { accuracy, balancedAccuracy, macroF1, perClass, logLoss, calibration } = metrics;
  const { expectedError } = calibration;
  const recall = perClass.map((scores) => scores.recall);
  return { accuracy, balancedAccuracy, macroF1, recall, logLoss, expectedCalibrationError: expectedError };
}

/** Makes sure that the answers without corruption are those of the evaluate stage. */
async function checkEvaluated(
  { evaluated, split, classes }: TargetRequest,
  predicted: Int32Array,
): Promise<void> {
  const rows = await readParquet<{ id: string; predicted: string }>(evaluated, ["id", "predicted"]);
  const differs = split.samples.findIndex(
    ({ id }, i) => rows[i]?.id !== id || rows[i]!.predicted !== classes[predicted[i]!],
  );
  if (differs < 0 && rows.length === predicted.length) return;
  throw new FerBenchError("bad-artifact", "the same model on the same faces gives other answers than these", {
    file: evaluated,
    field: `row ${differs}`,
    remedy:
      "run the benchmark's evaluate stage again, on the same engine and device; with Nx, add --skip-nx-cache once",
  });
}

function answerColumns(classes: readonly string[]): Column[] {
  return [
    { name: "kind", type: "string" },
    { name: "level", type: "int32" },
    { name: "value", type: "double", nullable: true },
    { name: "index", type: "int32" },
    { name: "id", type: "string" },
    { name: "label", type: "string" },
    { name: "predicted", type: "string" },
    ...probabilityColumns(classes),
  ];
}

function* answerRows(
  { level, predicted, probabilities }: LevelAnswers,
  { samples }: SplitOfSamples,
  classes: readonly string[],
): Generator<Row> {
  for (const [i, { id, index, label }] of samples.entries()) {
    yield {
      ...(level ?? { kind: "none", level: 0 }),
      id,
      index,
      label,
      predicted: classes[predicted[i]!]!,
      ...probabilityCells(classes, probabilities, i),
    };
  }
}

/** One face as it is and after every level. */
async function writeCorrupted(
  path: string,
  {
    faces,
    index,
    size,
    robustness,
  }: { faces: Faces; index: number; size: number; robustness: RobustnessConfig },
): Promise<void> {
  const { channels } = faces;
  const face = await faces.read(index, 1);
  const levels = levelsOf(robustness);
  const pictures = new Uint8Array((1 + levels.length) * face.length);
  pictures.set(face);
  for (const [i, level] of levels.entries()) {
    const result = pictures.subarray((1 + i) * face.length, (2 + i) * face.length);
    await createCorruption(level, { size, channels }, robustness.seed)(face, index, result);
  }
  await writeNpy(path, pictures, [1 + levels.length, size, size, channels]);
}
