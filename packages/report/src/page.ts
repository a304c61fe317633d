import type { ClassScores } from "@fer-bench/metrics";
import { type AccuracyRow, intervalWords, type TargetMetrics } from "./accuracy-table.ts";
import type { AttentionResults } from "./attention-results.ts";
import { attentionSection, attentionStyle } from "./attention-section.ts";
import type { FaceSheet } from "./face-sheet.ts";
import { placeInSprite, spriteStyle } from "./face-sprite.ts";
import type { FeatureMap } from "./feature-maps.ts";
import { FEWEST_POINTS } from "./feature-maps.ts";
import type { Figure } from "./figure.ts";
import { grouped, percent } from "./format.ts";
import { html, type Markup } from "./html.ts";
import { inlineFigure } from "./inline-figure.ts";
import type { MistakesGallery } from "./mistakes-gallery.ts";
import { caveat, figureCaption, pageDocument, tableFiles, tiles } from "./page-document.ts";
import { dataSection, provenanceSection } from "./page-origins.ts";
import { faceStyle, samplesData, samplesSection } from "./page-samples.ts";
import type { Prediction } from "./read-evaluation.ts";
import type { StageProvenance } from "./read-provenance.ts";
import type { Training } from "./read-training.ts";
import type { BackboneCard, BenchmarkPage, EvaluationInput } from "./request.ts";
import type { RobustnessResults } from "./robustness-results.ts";
import { robustnessSection } from "./robustness-section.ts";
import { type Table, tableHtml } from "./table.ts";

/** All that the page shows of one target. */
export interface TargetResults {
  /** The data set's title. */
  title: string;
  results: TargetMetrics;
  accuracy: Table<AccuracyRow>;
  perClass: Table<ClassScores>;
  confusion: Table<number>;
  confusionFigures: readonly Figure[];
  /** Reliability, and accuracy by confidence. */
  calibration: readonly Figure[];
  /** ROC and precision-recall. */
  curves: Figure;
  maps: readonly { map: FeatureMap; figure: Figure }[];
  /** In test order. */
  predictions: readonly Prediction[];
  /** The face of each; undefined where images may not be shown. */
  faces: FaceSheet | undefined;
  gallery: MistakesGallery | undefined;
  /** undefined where it was not tested on corrupted pictures. */
  robustness: RobustnessResults | undefined;
  /** undefined where there are no activation maps. */
  attention: AttentionResults | undefined;
}

export interface PageContent {
  page: BenchmarkPage;
  own: EvaluationInput;
  targets: readonly TargetResults[];
  /** Its epochs and their figure; undefined where nothing was trained. */
  training: (Training & { figure: Figure }) | undefined;
  stages: readonly StageProvenance[];
}

/** The whole report: one document that asks for nothing from outside. */
export function reportPage(content: PageContent): string {
  const { page, own, targets } = content;
  const sections = [
    { id: "results", heading: "Results", body: resultsSection(content) },
    { id: "classes", heading: "Classes", body: classesSection(targets) },
    { id: "confusions", heading: "Confusions", body: confusionsSection(targets, own.backbone) },
    { id: "confidence", heading: "Confidence", body: confidenceSection(targets, own.backbone) },
    { id: "training", heading: "Training", body: trainingSection(content) },
    { id: "features", heading: "Features", body: featuresSection(targets, own.backbone) },
    ...(targets.some(({ gallery }) => gallery !== undefined)
      ? [{ id: "mistakes", heading: "Mistakes", body: mistakesSection(targets) }]
      : []),
    ...(targets.some(({ robustness }) => robustness !== undefined)
      ? [{ id: "robustness", heading: "Robustness", body: robustnessSection(targets, own.backbone) }]
      : []),
    ...(targets.some(({ attention }) => attention !== undefined)
      ? [{ id: "attention", heading: "Attention", body: attentionSection(targets) }]
      : []),
    { id: "samples", heading: "Samples", body: samplesSection(targets) },
    { id: "data", heading: "Data", body: dataSection(page.dataSets) },
    { id: "provenance", heading: "Provenance", body: provenanceSection(content.stages) },
  ];
  return pageDocument({
    page,
    summary: summary(content),
    caveat: caveat([own.backbone]),
    sections,
    style: faceStyle(targets) + attentionStyle(targets),
    samples: samplesData(targets),
  });
}

function summary({ page, own, targets }: PageContent): string {
  const tested = targets.map(
    ({ title, results }) => `${title} (${grouped(results.metrics.n)} ${results.split} images)`,
  );
  const method = own.method.charAt(0).toLowerCase() + own.method.slice(1);
  return `${own.backbone.title}, ${method}. ${whatWasTrained(page, own)} on ${tested.join(" and ")}.`;
}

/** What the model was trained and selected on, as the beginning of "... on <targets>". */
export function whatWasTrained(
  { dataSets: [source] }: BenchmarkPage,
  { trainedOn, selectedOn }: EvaluationInput,
): string {
  if (trainedOn === null) return "Nothing was trained here; tested";
  const images = Object.values(source.counts.train ?? {}).reduce((a, b) => a + b, 0);
  return `Trained on ${trainedOn} (${grouped(images)} images), epoch selected on ${selectedOn}, tested`;
}

function resultsSection({ page, targets }: PageContent): Markup {
  return html`${page.notes.map((note) => html`<p>${note}</p>\n`)}${targets.map(
    ({ title, results, accuracy }) =>
      html`${targets.length > 1 && html`<h3>${title}</h3>\n`}${resultTiles(results)}${tableHtml(
        accuracy,
      )}${tableFiles(accuracy)}`,
  )}`;
}

function resultTiles({ metrics, majority }: TargetMetrics): Markup {
  const { accuracy, classes, bootstrap } = metrics;
  const drawn = (score: "balancedAccuracy" | "macroF1") =>
    bootstrap === undefined
      ? ""
      : `, 95% ${percent(bootstrap[score].low)}–${percent(bootstrap[score].high)}%`;
  return tiles([
    {
      name: "Accuracy",
      value: `${percent(accuracy.value)}%`,
      detail: intervalWords(metrics),
    },
    {
      name: "Balanced accuracy",
      value: `${percent(metrics.balancedAccuracy)}%`,
      detail: `mean recall of the classes${drawn("balancedAccuracy")}`,
    },
    {
      name: "Macro F1",
      value: `${percent(metrics.macroF1)}%`,
      detail: `mean F1 of the classes${drawn("macroF1")}`,
    },
    {
      name: "Majority class",
      value: `${percent(majority.scores.accuracy.value)}%`,
      detail: `always “${majority.class}”`,
    },
    {
      name: "Cross-entropy",
      value: metrics.logLoss.toFixed(3),
      detail: `nats a sample; ln ${classes.length} = ${Math.log(classes.length).toFixed(3)} is a uniform guess`,
    },
  ]);
}

function classesSection(targets: readonly TargetResults[]): Markup {
  return html`${targets.map(({ perClass }) => html`${tableHtml(perClass)}${tableFiles(perClass)}`)}`;
}

function confusionsSection(targets: readonly TargetResults[], backbone: BackboneCard): Markup {
  return html`<p>Rows are the true classes, columns what the model took them for; darker is higher. On the left samples, on the right per cent of each row, whose diagonal is the recall.</p>
${targets.map(
  ({ title, results, confusion, confusionFigures }) => html`<div class="figures">
${confusionFigures.map((figure) => inlineFigure(figure, figureCaption(`${title}, ${results.split} split, ${grouped(results.metrics.n)} samples.`, backbone)))}</div>
<details><summary>${title}: the counts as a table</summary><div>
${tableHtml(confusion)}${tableFiles(confusion)}</div></details>
${worstConfusion(results)}`,
)}`;
}

function confidenceSection(targets: readonly TargetResults[], backbone: BackboneCard): Markup {
  return html`<p>How far the model's probabilities can be relied on: whether it is right as often as it is sure, what it would come to if it answered only where it is surest, and how well each class's probability puts its samples before the others.</p>
${targets.map(({ title, results, calibration, curves }) => {
  const about = `${title}, ${results.split} split, ${grouped(results.metrics.n)} samples.`;
  return html`<div class="figures">
${calibration.map((figure) => inlineFigure(figure, figureCaption(about, backbone)))}</div>
<div class="wide">${inlineFigure(curves, figureCaption(`${about} Each class against the others.`, backbone))}</div>
`;
})}`;
}

/** The largest share of a class that goes to one other class, as the paper tells of its Fig. 4. */
export function worstConfusion({ metrics }: TargetMetrics): Markup | false {
  let worst: { truth: string; predicted: string; share: number } | undefined;
  metrics.confusion.forEach((row, truth) => {
    row.forEach((count, predicted) => {
      const share = count / metrics.perClass[truth]!.support;
      if (truth !== predicted && share > (worst?.share ?? 0)) {
        worst = { truth: metrics.classes[truth]!, predicted: metrics.classes[predicted]!, share };
      }
    });
  });
  return (
    worst !== undefined &&
    html`<p>The largest confusion is ${worst.truth} taken for ${worst.predicted}: ${percent(worst.share, 1)}% of the ${worst.truth} samples.</p>
`
  );
}

/** How a model was trained. */
export function trainingSection({ own, training }: Pick<PageContent, "own" | "training">): Markup {
  if (training === undefined || own.selectedOn === null) {
    return html`<p>Nothing was trained here: the network came with its own classifier, and no epoch was chosen.</p>
`;
  }
  const { best, history, figure } = training;
  return html`<p>${history.length} epochs; epoch ${best.epoch} was kept, the best on ${own.selectedOn} with ${percent(best.validation.accuracy)}% accuracy there.</p>
<div class="wide">${inlineFigure(figure, figureCaption("The dashed line marks the epoch that was kept.", own.backbone))}</div>
`;
}

function featuresSection(targets: readonly TargetResults[], backbone: BackboneCard): Markup {
  return html`<p>The features of the test images, laid out so that near neighbours stay near. Distances between groups and the sizes of groups carry no meaning.</p>
${targets.map(({ title, maps }) =>
  maps.length === 0
    ? html`<p>${title} has fewer than ${FEWEST_POINTS} test samples to draw: no map.</p>\n`
    : html`<div class="figures">
${maps.map(({ map, figure }) => inlineFigure(figure, figureCaption(map.account, backbone)))}</div>
`,
)}`;
}

function mistakesSection(targets: readonly TargetResults[]): Markup {
  return html`<p>The test faces about which the model was surest, and wrong: true class → prediction.</p>
${targets.map(({ title, results, gallery }) => {
  if (gallery === undefined) return false;
  const { classes } = results.metrics;
  return html`${targets.length > 1 && html`<h3>${title}</h3>\n`}<ul class="faces" style="${spriteStyle(gallery.sprite)}">
${gallery.mistakes.map(
  (
    { id, label, predicted, confidence },
    i,
  ) => html`<li><span class="face" role="img" aria-label="Face ${id}" style="${placeInSprite(i)}"></span><span>${classes[label]!} → ${classes[predicted]!}</span><span class="sure">${percent(confidence, 0)}% sure</span></li>
`,
)}</ul>
`;
})}`;
}
