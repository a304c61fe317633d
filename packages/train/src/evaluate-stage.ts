import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Artifact,
  type Column,
  createRandom,
  FerBenchError,
  openNpyWriter,
  type Progress,
  type Row,
  runStage,
  writeParquet,
} from "@fer-bench/artifacts";
import {
  classificationScores,
  confusionMatrix,
  type EvaluationMetrics,
  evaluatePredictions,
  majorityBaseline,
  mostProbable,
  scoreIntervals,
  type UnseenScores,
} from "@fer-bench/metrics";
import { createPredictor, findRuntime, type Predictor } from "@fer-bench/models";
import type { Benchmark } from "./benchmark.ts";
import { CHECKPOINT_FILE, headModel, readHeadOf } from "./checkpoint.ts";
import { featureBlocks } from "./feature-blocks.ts";
import { type FeatureRows, openFeatureRows } from "./feature-rows.ts";
import {
  type DatasetFeatures,
  datasetFeatures,
  type Features,
  readFeaturesJson,
  viewsFile,
} from "./features-artifact.ts";
import { selectTraining, unseen } from "./overlap.ts";
import { probabilityCells, probabilityColumns } from "./probability-columns.ts";
import { rowsOfSplit, type Sample, selectSplit } from "./samples.ts";
import { includesPicture, type ViewSet, viewsOf } from "./test-views.ts";

export interface EvaluateStageRequest {
  benchmark: Benchmark;
  /** The benchmark's own name, its folder's. */
  name: string;
  /** The benchmark's finished features stage. */
  featuresDir: string;
  /** The benchmark's finished train stage. */
  trainDir: string;
  /** The folder of the finished artifact. */
  out: string;
  threads: number;
  progress: Progress;
}

/** `metrics.json`. Classes are the model's, the source's list, whatever the target's. */
export interface Evaluation extends EvaluationMetrics {
  source: string;
  /** The backbone as it was made: a file of weights that the user named is in its note. */
  backbone: Features["backbone"];
  /** The source's split that chose the epoch; null where nothing was trained. */
  selectedOn: "validation" | null;
  /** 0 where nothing was trained. */
  bestEpoch: number;
  targets: TargetEvaluation[];
}

export type TargetEvaluation = EvaluationMetrics["targets"][number] & {
  /** `inner`: tested on the data set that it was trained on. */
  protocol: "inner" | "cross";
  /** Samples evaluated. */
  n: number;
  /** Classes of the model without a test sample here; predicting one is an error like any other. */
  absentClasses: string[];
  /** The same samples, their probabilities averaged over views of each. */
  averaged: { views: ViewSet; metrics: EvaluationMetrics["targets"][number]["metrics"] }[];
  /** Test samples left out because the model has no such class, by class. */
  excluded: Record<string, number>;
};

/** Samples a run of the head, and rows read at a time. */
export const EVALUATION_BATCH = 256;

/**
 * Evaluates the trained head on the test split of every target: `<set>.predictions.parquet` (id, index, label,
 * predicted, p_<class> ..., and subject where the data set has subjects), `<set>.test-features.npy` (float32 [n, D], in the same order) and `metrics.json`.
 */
export async function runEvaluateStage(request: EvaluateStageRequest): Promise<Artifact> {
  const { benchmark, name, featuresDir, trainDir, out, threads, progress } = request;
  const { source, targets, engine, device } = benchmark;
  const { averaged } = benchmark.evaluate;
  const runtime = await findRuntime({ engine, device });
  const stage = {
    stage: "evaluate",
    dir: out,
    config: {
      benchmark: name,
      source,
      targets,
      engine,
      device,
      batchSize: EVALUATION_BATCH,
      ...(averaged.length > 0 && { averaged }),
    },
    inputs: { features: { dir: featuresDir, stage: "features" }, train: { dir: trainDir, stage: "train" } },
    threads,
    engine: runtime.library,
    device,
    libraries: runtime.libraries,
  };
  return runStage(stage, async (dir, { inputs }) => {
    const input = inputs.features!;
    const features = await readFeaturesJson(input);
    const checkpoint = await readHeadOf(features, inputs.train!.path(CHECKPOINT_FILE));
    const { classes } = checkpoint;
    const ofSource = await datasetFeatures(input, features, source);
    const trainLabels = selectSplit(ofSource.samples, "train", classes).labels;
    const { train } = benchmark;
    const overlap = train.mode === "none" ? undefined : train.overlap;
    const trainedOn = selectTraining(ofSource.samples, classes, overlap).samples;
    const options = { batchSize: EVALUATION_BATCH, threads, engine, device };
    const predictor = await createPredictor({ ...headModel(checkpoint), ...options });
    const evaluated: TargetEvaluation[] = [];
    try {
      for (const target of targets) {
        const dataset = await datasetFeatures(input, features, target);
        const views = averaged.map((set) => ({
          set,
          path: input.path(viewsFile(target, set)),
          views: viewsOf(set, features.input.size).length,
        }));
        const request = { dir, source, target, dataset, views, classes, trainLabels, trainedOn };
        evaluated.push(await evaluateTarget({ ...request, predictor, progress }));
      }
    } finally {
      await predictor.close();
    }
    const evaluation: Evaluation = {
      source,
      backbone: features.backbone,
      selectedOn: checkpoint.epoch === 0 ? null : "validation",
      bestEpoch: checkpoint.epoch,
      targets: evaluated,
    };
    await writeFile(join(dir, "metrics.json"), `${JSON.stringify(evaluation, undefined, 2)}\n`);
  });
}

interface TargetRequest {
  dir: string;
  source: string;
  target: string;
  dataset: DatasetFeatures;
  /** Sets of views, the files of their features, and how many views those hold. */
  views: readonly { set: ViewSet; path: string; views: number }[];
  classes: readonly string[];
  trainLabels: Int32Array;
  /** The samples of the source that the model was trained on. */
  trainedOn: readonly Sample[];
  predictor: Predictor;
  progress: Progress;
}

async function evaluateTarget(request: TargetRequest): Promise<TargetEvaluation> {
  const { dir, source, target, dataset, classes, trainLabels, trainedOn, predictor, progress } = request;
  const { samples, indices, labels, excluded } = selectSplit(dataset.samples, "test", classes);
  if (samples.length === 0) {
    throw new FerBenchError("bad-data", `${target} has no test sample of a class that the model knows`, {
      field: "targets",
      remedy: `take ${target} out of the benchmark's targets`,
    });
  }
  const rows = await openFeatureRows(dataset.path, indices);
  const testFeatures = await openNpyWriter(join(dir, `${target}.test-features.npy`), "float32", [rows.width]);
  const task = progress.start(`evaluate on ${target}`, samples.length, "samples");
  const probabilities = await probabilitiesOf(rows, predictor, async (block, done) => {
    await testFeatures.append(block);
    task.update(done);
  }).finally(() => Promise.all([testFeatures.close(), rows.close()]));
  const metrics = evaluatePredictions({ labels, probabilities, classes });
  const hasSubjects = samples.some(({ subject }) => subject !== undefined);
  task.end(`accuracy ${(100 * metrics.accuracy.value).toFixed(2)}%`);

  const columns: Column[] = [
    { name: "id", type: "string" },
    { name: "index", type: "int32" },
    { name: "label", type: "string" },
    { name: "predicted", type: "string" },
    ...probabilityColumns(classes),
    ...(hasSubjects ? [{ name: "subject", type: "string", nullable: true } as const] : []),
  ];
  const predicted = mostProbable(probabilities, classes.length);
  const predictions = samples.map(
    ({ id, index, label, subject }, i): Row => ({
      id,
      index,
      label,
      subject,
      predicted: classes[predicted[i]!]!,
      ...probabilityCells(classes, probabilities, i),
    }),
  );
  await writeParquet(join(dir, `${target}.predictions.parquet`), columns, predictions);

  const absentClasses = classes.filter((_, c) => !labels.includes(c));
  const left = Object.values(excluded).reduce((a, b) => a + b, 0);
  if (left > 0) {
    progress.note(
      `${target}: ${left} test samples left out, their classes are not among the model's`,
      "warning",
    );
  }
  const averaged: TargetEvaluation["averaged"] = [];
  const tests = rowsOfSplit(dataset.samples, "test");
  const placeOf = new Map(Array.from(tests, (row, place) => [row, place] as const));
  const places = indices.map((row) => placeOf.get(row)!);
  for (const { set, path, views } of request.views) {
    const plain = includesPicture(set) ? probabilities : undefined;
    const mean = await meanOverViews(path, { places, tests: tests.length, views, plain }, predictor);
    const metrics = evaluatePredictions({ labels, probabilities: mean, classes });
    const bootstrap = intervalsOf(samples, labels, mostProbable(mean, classes.length), classes);
    averaged.push({ views: set, metrics: { ...metrics, bootstrap } });
  }
  const without = (places: readonly number[]) => scoresOf(places, samples, labels, predicted, classes);
  const majority = majorityBaseline({ trainLabels, testLabels: labels, classes });
  const always = labels.map(() => classes.indexOf(majority.class));
  return {
    target,
    split: "test",
    protocol: target === source ? "inner" : "cross",
    n: samples.length,
    metrics: { ...metrics, bootstrap: intervalsOf(samples, labels, predicted, classes) },
    averaged,
    majority: {
      ...majority,
      scores: { ...majority.scores, bootstrap: intervalsOf(samples, labels, always, classes) },
    },
    unseen: {
      exactly: without(unseen(samples, trainedOn, false)),
      // Groups of near duplicates are known within a data set.
      ...(target === source && { nearly: without(unseen(samples, trainedOn, true)) }),
    },
    absentClasses,
    excluded,
  };
}

/** Of the test samples at these places alone. */
function scoresOf(
  places: readonly number[],
  samples: readonly Sample[],
  labels: Int32Array,
  predicted: Int32Array,
  classes: readonly string[],
): UnseenScores {
  const removed = labels.length - places.length;
  if (places.length === 0) return { removed, scores: null };
  const at = (of: Int32Array) => Int32Array.from(places, (place) => of[place]!);
  const scores = classificationScores(confusionMatrix(at(labels), at(predicted), classes.length), classes);
  const kept = places.map((place) => samples[place]!);
  return { removed, scores: { ...scores, bootstrap: intervalsOf(kept, at(labels), at(predicted), classes) } };
}

/** Subjects are drawn whole where everybody is known: images of one person are not independent. */
function intervalsOf(
  samples: readonly Sample[],
  labels: Int32Array,
  predicted: Int32Array,
  classes: readonly string[],
) {
  const subjects = samples.flatMap(({ subject }) => subject ?? []);
  const groups = subjects.length === samples.length ? subjects : undefined;
  return scoreIntervals({ labels, predicted, classes, groups, random: createRandom("bootstrap") });
}

/** Probabilities [rows, classes] of features; `look` is shown each block, and how many rows are done with it. */
async function probabilitiesOf(
  rows: FeatureRows,
  predictor: Predictor,
  look?: (block: Float32Array<ArrayBuffer>, done: number) => Promise<void>,
): Promise<Float32Array> {
  const probabilities = new Float32Array(rows.count * predictor.dimensions);
  let done = 0;
  for await (const block of featureBlocks(rows, EVALUATION_BATCH)) {
    const count = block.length / rows.width;
    probabilities.set(await predictor.run(block, count), done * predictor.dimensions);
    done += count;
    await look?.(block, done);
  }
  return probabilities;
}

/**
 * Mean probabilities [places, classes] over views, whose features a file holds, one view of all tests after the other,
 * and over the pictures as they are where `plain` has their probabilities.
 */
async function meanOverViews(
  path: string,
  {
    places,
    tests,
    views,
    plain,
  }: { places: Int32Array; tests: number; views: number; plain: Float32Array | undefined },
  predictor: Predictor,
): Promise<Float32Array> {
  const all = views + (plain === undefined ? 0 : 1);
  const mean = Float64Array.from(
    plain ?? new Float32Array(places.length * predictor.dimensions),
    (probability) => probability / all,
  );
  for (let view = 0; view < views; view++) {
    const rows = await openFeatureRows(
      path,
      places.map((place) => view * tests + place),
      { rows: views * tests },
    );
    const probabilities = await probabilitiesOf(rows, predictor).finally(() => rows.close());
    probabilities.forEach((probability, i) => {
      mean[i]! += probability / all;
    });
  }
  return Float32Array.from(mean);
}
