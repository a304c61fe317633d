import { type Artifact, parseConfig, readJson } from "@fer-bench/artifacts";
import type { DatasetSummary } from "@fer-bench/datasets";
import type { ClassifierCard } from "@fer-bench/models";
import type { PreprocessSummary } from "@fer-bench/preprocess";
import { z } from "zod";
import type { Benchmark } from "../benchmark.ts";
import type { HeadCheckpoint } from "../checkpoint.ts";
import type { Evaluation } from "../evaluate-stage.ts";
import type { Features } from "../features-artifact.ts";

/** The finished stages that a card tells of; prepare and preprocess are the source's. */
export interface CardSources {
  benchmark: Benchmark;
  /** `features.json`. */
  summary: Features;
  checkpoint: HeadCheckpoint;
  prepare: Artifact;
  preprocess: Artifact;
  train: Artifact;
  evaluate: Artifact;
}

/** As `resizeBicubic` and `warpBicubic` of the preprocess package do it. */
const RESIZE = "bicubic (a = -0.75, without antialiasing: OpenCV's INTER_CUBIC)";
const GREY = "luma by ITU-R BT.601";

const trainSummarySchema = z.object({
  samples: z.object({ train: z.int(), validation: z.int() }),
  /** null where nothing was trained */
  selectedOn: z.string().nullable(),
});

/** What the exported files say of the classifier, from what its stages left. */
export async function describeClassifier(sources: CardSources): Promise<ClassifierCard> {
  const { benchmark, summary, checkpoint } = sources;
  const faces = (await readJson(sources.preprocess.path("preprocess.json"))) as PreprocessSummary;
  const evaluation = (await readJson(sources.evaluate.path("metrics.json"))) as Evaluation;
  const { name, title, note, weights } = summary.backbone;
  const training = await describeTraining(sources);
  return {
    title: benchmark.title,
    backbone: { name, title, ...(note !== undefined && { note }), ...(weights !== undefined && { weights }) },
    ...(!("kind" in checkpoint.head) && { head: checkpoint.head }),
    picture: { face: faces.face, resize: RESIZE, ...(summary.input.channels === 1 && { grey: GREY }) },
    ...(training !== undefined && { training }),
    results: evaluation.targets.map(({ target, split, n, metrics, majority }) => ({
      dataset: target,
      split,
      n,
      accuracy: metrics.accuracy.value,
      low: metrics.accuracy.low,
      high: metrics.accuracy.high,
      majority: majority.scores.accuracy.value,
    })),
    notes: [...benchmark.notes],
  };
}

async function describeTraining(sources: CardSources): Promise<ClassifierCard["training"]> {
  const trainFile = sources.train.path("train.json");
  const { samples, selectedOn } = parseConfig(trainSummarySchema, await readJson(trainFile), trainFile);
  if (selectedOn === null) return undefined;
  const dataset = (await readJson(sources.prepare.path("dataset.json"))) as DatasetSummary;
  const { name, url, redistributable } = dataset.licence;
  return {
    dataset: dataset.name,
    title: dataset.title,
    licence: { name, ...(url !== undefined && { url }), redistributable },
    citation: dataset.citation,
    samples,
    epoch: sources.checkpoint.epoch,
    selectedOn,
  };
}
