import type { ClassScores } from "@fer-bench/metrics";
import { type AccuracyRow, intervalWords, type TargetMetrics } from "./accuracy-table.ts";
import type { ConfidenceRow } from "./confidence-table.ts";
import type { Figure } from "./figure.ts";
import { grouped, percent } from "./format.ts";
import { html, type Markup } from "./html.ts";
import { inlineFigure } from "./inline-figure.ts";
import {
  type PageContent,
  type TargetResults,
  trainingSection,
  whatWasTrained,
  worstConfusion,
} from "./page.ts";
import { caveat, figureCaption, pageDocument, tableFiles, tiles } from "./page-document.ts";
import { dataSection, provenanceSection } from "./page-origins.ts";
import { GRID_STYLE } from "./page-style.ts";
import type { StageProvenance } from "./read-provenance.ts";
import type { BackboneCard, BenchmarkPage, CellInput } from "./request.ts";
import { deviation, mean } from "./seed-means.ts";
import { type Table, tableHtml } from "./table.ts";

/** One cell, and how it was trained. */
export interface GridCell {
  input: CellInput;
  /** How figures call it. */
  label: string;
  training: PageContent["training"];
}

/** What a cell came to on one target. */
export interface CellResults {
  results: TargetMetrics;
  perClass: Table<ClassScores>;
  confusion: Table<number>;
  figure: Figure;
}

/** Cells that differ in their seed alone. */
export interface GridSetting {
  /** How figures call it. */
  label: string;
  /** Names of its cells. */
  cells: readonly string[];
  isChosen: boolean;
}

/** All that the page shows of one target. */
export interface GridTarget {
  /** The data set's title. */
  title: string;
  of: Pick<TargetMetrics, "target" | "split">;
  majority: TargetMetrics["majority"];
  accuracy: Table<AccuracyRow>;
  /** Accuracy of the cells. */
  figure: Figure;
  /** Confusion matrices of the cells. */
  confusions: Figure;
  confidence: Table<ConfidenceRow>;
  /** Reliability, accuracy by confidence, ROC and precision-recall of the cell that is set apart, if one is. */
  chosen:
    | (Pick<TargetResults, "calibration" | "curves"> & { label: string; backbone: BackboneCard })
    | undefined;
  /** In the grid's order. */
  cells: readonly CellResults[];
}

export interface GridPageContent {
  page: BenchmarkPage;
  cells: readonly GridCell[];
  /** What the cells are runs of, seeds aside; one that does best on the split that chose the epochs is chosen. */
  settings: readonly GridSetting[];
  /** What figures say of the backbones. */
  backbones: string;
  targets: readonly GridTarget[];
  stages: readonly StageProvenance[];
}

/** The whole report of a grid: one document that asks for nothing from outside. */
export function gridPage(content: GridPageContent): string {
  const { page, cells } = content;
  const backbones = [...new Map(cells.map(({ input }) => [input.backbone.name, input.backbone])).values()];
  return pageDocument({
    page,
    summary: summary(content),
    caveat: caveat(backbones),
    style: GRID_STYLE,
    sections: [
      { id: "results", heading: "Results", body: resultsSection(content) },
      { id: "confusions", heading: "Confusions", body: confusionsSection(content) },
      { id: "confidence", heading: "Confidence", body: confidenceSection(content) },
      { id: "cells", heading: "Cells", body: cellsSection(content) },
      { id: "data", heading: "Data", body: dataSection(page.dataSets) },
      { id: "provenance", heading: "Provenance", body: provenanceSection(content.stages) },
    ],
  });
}

function summary({ page, cells, backbones, targets }: GridPageContent): string {
  const { input } = cells.find((cell) => cell.training !== undefined) ?? cells[0]!;
  const tested = targets.map(
    ({ title, of, cells: [first] }) => `${title} (${grouped(first!.results.metrics.n)} ${of.split} images)`,
  );
  return `A grid of ${cells.length} cells: ${backbones}. ${whatWasTrained(page, input)} on ${tested.join(" and ")}.`;
}

function resultsSection(content: GridPageContent): Markup {
  const { page, cells, backbones, targets } = content;
  return html`${page.notes.map((note) => html`<p>${note}</p>\n`)}${choice(content)}${targets.map(
    (target) =>
      html`${targets.length > 1 && html`<h3>${target.title}</h3>\n`}${resultTiles(target, content)}${tableHtml(
        target.accuracy,
      )}${tableFiles(target.accuracy)}<div class="wide">${inlineFigure(
        target.figure,
        gridCaption("Bars are 95% intervals, the dashed line is the majority class.", backbones, cells),
      )}</div>
`,
  )}`;
}

/** Which cell is set apart, and why. */
function choice({ cells, settings }: GridPageContent): Markup | false {
  const chosen = settings.find(({ isChosen }) => isChosen);
  if (settings.length === 1 && cells.length > 1) {
    return html`<p>${cells.length} runs that differ in their seed alone: how far their accuracies spread is how much chance decides in training. A seed is nothing to choose.</p>
`;
  }
  if (chosen === undefined) return false;
  const own = cells.filter(({ input }) => chosen.cells.includes(input.cell));
  const reached = percent(mean(own.map(({ training }) => training!.best.validation.accuracy)));
  return html`<p>In bold, <strong>${chosen.label}</strong>: ${own.length === 1 ? "the cell that does" : `the setting whose ${own.length} seeds do`} best on ${own[0]!.input.selectedOn ?? ""}, with ${reached}%${own.length > 1 && " on average"}. To pick one by the numbers of the test split would flatter it.</p>
`;
}

function resultTiles({ cells, majority }: GridTarget, { settings, cells: all }: GridPageContent): Markup {
  const accuracyOf = ({ results }: CellResults) => results.metrics.accuracy;
  const values = cells.map((cell) => accuracyOf(cell).value);
  return tiles([
    ...settings
      .filter(({ isChosen }) => isChosen)
      .map(({ label, cells: names }) => {
        const own = cells.filter((_, i) => names.includes(all[i]!.input.cell));
        const name =
          settings.length === 1 && own.length > 1
            ? label
            : `${label}, best on ${all.find(({ input }) => input.cell === names[0])!.input.selectedOn}`;
        const reached = own.map((cell) => accuracyOf(cell).value);
        return {
          name,
          value: `${percent(mean(reached))}%`,
          detail:
            own.length === 1
              ? intervalWords(own[0]!.results.metrics)
              : `mean of ${own.length} seeds, ± ${percent(deviation(reached))}`,
        };
      }),
    {
      name: "Lowest to highest",
      value: `${percent(Math.min(...values), 1)}–${percent(Math.max(...values), 1)}%`,
      detail: `accuracy of ${cells.length} cells`,
    },
    {
      name: "Majority class",
      value: `${percent(majority.scores.accuracy.value)}%`,
      detail: `always “${majority.class}”`,
    },
  ]);
}

/** A caption for what shows several cells. */
function gridCaption(text: string, backbones: string, cells: readonly GridCell[]): Markup {
  const note = cells.find(({ input }) => input.backbone.note !== undefined)?.input.backbone.note;
  return figureCaption(text, { title: backbones, ...(note !== undefined && { note }) });
}

function confusionsSection({ cells, backbones, targets }: GridPageContent): Markup {
  return html`<p>Rows are the true classes, columns what the cell took them for, in per cent of the row; darker is higher.</p>
${targets.map(
  ({ title, of, confusions }) =>
    html`<div class="wide">${inlineFigure(confusions, gridCaption(`${title}, ${of.split} split.`, backbones, cells))}</div>
`,
)}`;
}

function confidenceSection({ targets }: GridPageContent): Markup {
  return html`<p>How far the models' probabilities can be relied on: whether they are right as often as they are sure, and how well each class's probability puts its samples before the others.</p>
${targets.map(({ title, of, confidence, chosen }) => {
  if (chosen === undefined) return html`${tableHtml(confidence)}${tableFiles(confidence)}`;
  const about = `${chosen.label}: ${title}, ${of.split} split.`;
  return html`${tableHtml(confidence)}${tableFiles(confidence)}<div class="figures">
${chosen.calibration.map((figure) => inlineFigure(figure, figureCaption(about, chosen.backbone)))}</div>
<div class="wide">${inlineFigure(chosen.curves, figureCaption(`${about} Each class against the others.`, chosen.backbone))}</div>
`;
})}`;
}

function cellsSection(content: GridPageContent): Markup {
  return html`<p>Each cell for itself: its confusions, its classes, and how it was trained.</p>
${content.cells.map((cell, i) => cellDetails(cell, i, content))}`;
}

function cellDetails({ input, label, training }: GridCell, i: number, { targets }: GridPageContent): Markup {
  const { backbone } = input;
  const reached = targets.map(({ cells }) => `${percent(cells[i]!.results.metrics.accuracy.value)}%`);
  return html`<details id="cell-${input.cell}">
<summary><strong>${label}</strong> <code>${input.cell}</code> ${reached.join(", ")}</summary>
<div>
${targets.map(({ title, of, cells }) => {
  const { results, figure, perClass, confusion } = cells[i]!;
  return html`<div class="figures">
${inlineFigure(figure, figureCaption(`${title}, ${of.split} split, ${grouped(results.metrics.n)} samples.`, backbone))}<div>
${tableHtml(perClass)}${tableFiles(perClass)}</div>
</div>
${worstConfusion(results)}<details><summary>${title}: the counts as a table</summary><div>
${tableHtml(confusion)}${tableFiles(confusion)}</div></details>
`;
})}${trainingSection({ own: input, training })}</div>
</details>
`;
}
