import { join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import type { EvaluationMetrics } from "@fer-bench/metrics";
import { oneAgainstOthers } from "@fer-bench/metrics";
import {
  accuracyTable,
  averagedRows,
  majorityRow,
  measuredRow,
  publishedRow,
  type TargetMetrics,
  unseenRows,
} from "./accuracy-table.ts";
import { attentionResults } from "./attention-results.ts";
import { confusionTable, perClassTable } from "./class-tables.ts";
import { confusionFigure } from "./confusion-figure.ts";
import { coverageFigure } from "./coverage-figure.ts";
import { curvesFigure } from "./curves-figure.ts";
import { embeddingFigure } from "./embedding-figure.ts";
import { faceSheet } from "./face-sheet.ts";
import { featureMaps } from "./feature-maps.ts";
import { slug } from "./format.ts";
import { foundRows } from "./found-rows.ts";
import { historyFigure } from "./history-figure.ts";
import { mistakesGallery } from "./mistakes-gallery.ts";
import { type PageContent, reportPage, type TargetResults } from "./page.ts";
import { type Prediction, readFeatures, readMetrics, readPredictions } from "./read-evaluation.ts";
import { readProvenance } from "./read-provenance.ts";
import { readTraining } from "./read-training.ts";
import { reliabilityFigure } from "./reliability-figure.ts";
import type { BenchmarkPage, DataSetCard, EvaluationInput, ReportRequest } from "./request.ts";
import { robustnessResults } from "./robustness-results.ts";
import { meansOverSeeds } from "./seed-means.ts";
import { TABLE_FORMATS } from "./table.ts";
import { inEveryFormat, writeFiles } from "./write-files.ts";

/** What a report left on disk, for the caller to name to its user. */
export interface ReportSummary {
  /** Path of the page. */
  index: string;
  /** The accuracy table of each target, as Markdown. */
  accuracy: { target: string; markdown: string }[];
}

/** Faces a reader will look through. */
const MISTAKES_SHOWN = 24;

/**
 * Writes `index.html`, `tables/` and `figures/` from finished artifacts. The same artifacts give the same bytes.
 *
 * @throws FerBenchError "bad-artifact" or "missing" naming the file where an artifact does not fit
 */
export async function writeReport(request: ReportRequest): Promise<ReportSummary> {
  const { out, page, progress } = request;
  const [own, ...beside] = request.evaluations;
  const evaluations = await Promise.all(
    [own, ...beside].map(async (input) => ({ input, metrics: await readMetrics(input.dir) })),
  );
  const targets: TargetResults[] = [];
  for (const results of evaluations[0]!.metrics.targets) {
    targets.push(await targetResults(results, evaluations, request));
  }
  const training = await drawnTraining(request.train, own);
  const stages = await Promise.all(request.stages.map(readProvenance));

  const index = await writeFiles({
    out,
    page: reportPage({ page, own, targets, training, stages }),
    figures: [
      ...(training ? [training.figure] : []),
      ...targets.flatMap((target) => [
        ...target.confusionFigures,
        ...target.calibration,
        target.curves,
        ...(target.robustness ? [target.robustness.figure] : []),
        ...target.maps.map(({ figure }) => figure),
      ]),
    ],
    tables: targets.flatMap(({ accuracy, perClass, confusion, robustness, attention }) => [
      inEveryFormat(accuracy),
      inEveryFormat(perClass),
      inEveryFormat(confusion),
      ...(robustness ? [inEveryFormat(robustness.table)] : []),
      ...(attention ? [inEveryFormat(attention.table)] : []),
    ]),
    progress,
  });
  return {
    index,
    accuracy: targets.map(({ results, accuracy }) => ({
      target: results.target,
      markdown: TABLE_FORMATS.md(accuracy),
    })),
  };
}

/** The epochs and their figure; undefined where nothing was trained. */
export async function drawnTraining(
  dir: string,
  own: EvaluationInput,
  name = "history",
): Promise<PageContent["training"]> {
  const training = await readTraining(dir);
  if (training === undefined) return undefined;
  const figure = await historyFigure({
    name,
    title: `Training on ${own.trainedOn}`,
    subtitle: modelTitle(own),
    ...training,
  });
  return { ...training, figure };
}

interface ReadEvaluation {
  input: EvaluationInput;
  metrics: EvaluationMetrics;
}

async function targetResults(
  results: TargetMetrics,
  evaluations: readonly ReadEvaluation[],
  request: ReportRequest,
): Promise<TargetResults> {
  const own = evaluations[0]!.input;
  const card = cardOf(results.target, request.page, own.dir);
  const { classes, confusion } = results.metrics;
  const file = slug(results.target);
  const target = { name: file, title: card.title, split: results.split };

  const predictions = await predictionsBehind(own.dir, results);
  const [ownRow, ...besideRows] = evaluations.flatMap(({ input, metrics }) =>
    metrics.targets
      .filter((other) => other.target === results.target && other.split === results.split)
      .map((other) => ({
        seedGroup: input.seedGroup,
        row: measuredRow(other, { ...input, own: input === own }),
      })),
  );
  const { row } = ownRow!;
  const published = request.page.published.filter((row) => (row.target ?? results.target) === results.target);
  const rows = [
    row,
    ...averagedRows(row, results),
    ...unseenRows(row, results),
    ...(card.search ? await foundRows(row, card.search, predictions, classes) : []),
    ...meansOverSeeds(besideRows),
    majorityRow(results, request.page.dataSets[0].title),
    ...published.map(publishedRow),
  ];

  const maps = [];
  for (const map of await featureMaps(
    predictions.length,
    (indices) => readFeatures(own.dir, results.target, predictions.length, indices),
    request,
    request.progress,
  )) {
    const figure = await embeddingFigure({
      name: `${map.method === "t-SNE" ? "tsne" : "umap"}-${file}`,
      title: `${map.method} of ${card.title} ${results.split} features`,
      subtitle: [own.backbone.title, map.summary],
      classes,
      labels: Array.from(map.indices, (index) => predictions[index]!.label),
      points: map.points,
    });
    maps.push({ map, figure });
  }
  const matrix = {
    title: `${card.title}, ${results.split} split`,
    subtitle: modelTitle(own),
    classes,
    confusion,
  };
  return {
    title: card.title,
    results,
    accuracy: accuracyTable(target, rows),
    perClass: perClassTable(target, results.metrics, own.backbone),
    confusion: confusionTable(target, results.metrics, own.backbone),
    confusionFigures: [
      await confusionFigure({ ...matrix, name: `confusion-${file}-counts`, cells: "counts" }),
      await confusionFigure({ ...matrix, name: `confusion-${file}-percent`, cells: "percent" }),
    ],
    ...(await probabilityFigures(predictions, results, {
      file,
      title: matrix.title,
      subtitle: matrix.subtitle,
    })),
    maps,
    predictions,
    faces:
      card.faces === undefined
        ? undefined
        : await faceSheet(
            card.faces,
            predictions.map(({ index }) => index),
          ),
    gallery:
      card.faces === undefined ? undefined : await mistakesGallery(predictions, card.faces, MISTAKES_SHOWN),
    robustness: await robustnessResults(
      {
        ...target,
        target: results.target,
        majority: results.majority.scores.accuracy.value,
        showFaces: card.faces !== undefined,
      },
      request.evaluations,
    ),
    attention:
      request.activationMaps === undefined
        ? undefined
        : await attentionResults({
            dir: request.activationMaps,
            target: { ...target, target: results.target },
            backbone: own.backbone,
            classes,
            predictions,
            facesFile: card.faces,
          }),
  };
}

/**
 * The predictions that metrics are of.
 * @throws FerBenchError "bad-artifact" where they are not as many
 */
export async function predictionsBehind(
  dir: string,
  { target, metrics }: TargetMetrics,
): Promise<Prediction[]> {
  const predictions = await readPredictions(dir, target, metrics.classes);
  if (predictions.length === metrics.n) return predictions;
  throw new FerBenchError("bad-artifact", `${predictions.length} predictions, but metrics of ${metrics.n}`, {
    file: join(dir, `${target}.predictions.parquet`),
    remedy: "run the evaluate stage again",
  });
}

/** What the probabilities are worth: how far they say how often the model is right, and how well they rank. */
export async function probabilityFigures(
  predictions: readonly Prediction[],
  { metrics }: TargetMetrics,
  { file, ...named }: { file: string; title: string; subtitle: string },
): Promise<Pick<TargetResults, "calibration" | "curves">> {
  const { classes } = metrics;
  const { subtitle } = named;
  const labels = predictions.map(({ label }) => label);
  const probabilities = predictions.flatMap((prediction) => prediction.probabilities);
  return {
    calibration: [
      await reliabilityFigure({
        ...named,
        name: `reliability-${file}`,
        subtitle,
        calibration: metrics.calibration,
      }),
      await coverageFigure({ ...named, name: `coverage-${file}`, subtitle, predictions }),
    ],
    curves: await curvesFigure({
      ...named,
      name: `curves-${file}`,
      subtitle,
      classes,
      curves: classes.map((_, c) => ({
        ...metrics.ranking[c]!,
        counts: oneAgainstOthers(labels, probabilities, classes.length, c),
      })),
    }),
  };
}

/** How figures name a model: the backbone's title says where its weights are from. */
export function modelTitle({ backbone, method }: EvaluationInput): string {
  return `${backbone.title}, ${method}`;
}

/** The card of a data set that was evaluated on. */
export function cardOf(target: string, page: BenchmarkPage, dir: string): DataSetCard {
  const card = page.dataSets.find(({ name }) => name === target);
  if (card !== undefined) return card;
  throw new FerBenchError(
    "bad-artifact",
    `it was evaluated on ${target}, which the benchmark does not name`,
    {
      file: join(dir, "metrics.json"),
      field: "targets",
      remedy: "run the evaluate stage again",
    },
  );
}
