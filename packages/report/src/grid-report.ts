import { join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import {
  type AccuracyRow,
  accuracyTable,
  type CellFacts,
  majorityRow,
  measuredRow,
  publishedRow,
  type TargetMetrics,
} from "./accuracy-table.ts";
import { cellLabels } from "./cell-labels.ts";
import { cellsFigure } from "./cells-figure.ts";
import { confusionTable, perClassTable } from "./class-tables.ts";
import { confusionFigure } from "./confusion-figure.ts";
import { confusionsFigure } from "./confusions-figure.ts";
import { type CellCost, costFigure } from "./cost-figure.ts";
import type { Figure } from "./figure.ts";
import { grouped, slug } from "./format.ts";
import { type CellResults, type GridTarget, gridPage } from "./grid-page.ts";
import type { PageContent } from "./page.ts";
import { readBackboneCost } from "./read-backbone.ts";
import { readFeatureWidth, readMetrics } from "./read-evaluation.ts";
import { readProvenance } from "./read-provenance.ts";
import { cardOf, drawnTraining, modelTitle, type ReportSummary } from "./report.ts";
import type { CellInput, EvaluationInput, GridReportRequest } from "./request.ts";
import { TABLE_FORMATS } from "./table.ts";
import { inEveryFormat, writeFiles } from "./write-files.ts";

/** A cell as its stages left it. */
interface ReadCell {
  input: CellInput;
  label: string;
  metrics: readonly TargetMetrics[];
  training: PageContent["training"];
  facts: CellFacts;
}

/**
 * Writes the report of a grid: `index.html`, `tables/` and `figures/`, all cells together and each for itself. The
 * same artifacts give the same bytes.
 *
 * @throws FerBenchError "bad-artifact" or "missing" naming the file where an artifact does not fit
 */
export async function writeGridReport(request: GridReportRequest): Promise<ReportSummary> {
  const { out, page, progress } = request;
  const named = request.cells.map(({ backbone, values }) => ({ backbone: backbone.title, values }));
  const { labels, backbones } = cellLabels(named);
  const cells = await Promise.all(request.cells.map((input, i) => readCell(input, labels[i]!)));
  const chosen = bestOnSelection(cells);
  const targets: GridTarget[] = [];
  for (const { target, split } of cells[0]!.metrics) {
    targets.push(await targetResults({ target, split }, cells, chosen, backbones, request));
  }
  const stages = await Promise.all(request.stages.map(readProvenance));
  const index = await writeFiles({
    out,
    page: gridPage({ page, cells, chosen: chosen && cells.indexOf(chosen), backbones, targets, stages }),
    figures: [
      ...targets.flatMap((target) => [
        target.figure,
        target.confusions,
        ...target.cells.map(({ figure }) => figure),
      ]),
      ...cells.flatMap(({ training }) => training?.figure ?? []),
    ],
    tables: targets.flatMap((target) => [
      inEveryFormat(target.accuracy),
      ...target.cells.flatMap(({ perClass, confusion }) => [
        inEveryFormat(perClass),
        inEveryFormat(confusion),
      ]),
    ]),
    progress,
  });
  return {
    index,
    accuracy: targets.map(({ of, accuracy }) => ({
      target: of.target,
      markdown: TABLE_FORMATS.md(accuracy),
    })),
  };
}

async function readCell(input: CellInput, label: string): Promise<ReadCell> {
  const { targets } = await readMetrics(input.dir);
  const training = await drawnTraining(input.train, input, `history-${input.cell}`);
  const facts = {
    name: input.cell,
    values: input.values,
    ...(await readBackboneCost(input.features)),
    features: await readFeatureWidth(input.dir, targets[0]!.target),
    selectionAccuracy: training?.best.validation.accuracy ?? null,
  };
  return { input, label, metrics: targets, training, facts };
}

/** The cell that one would take without a look at the test split, the first among equals; none where none was trained. */
function bestOnSelection(cells: readonly ReadCell[]): ReadCell | undefined {
  const accuracy = ({ facts }: ReadCell) => facts.selectionAccuracy ?? -1;
  const best = cells.reduce((one, other) => (accuracy(other) > accuracy(one) ? other : one));
  return best.facts.selectionAccuracy === null ? undefined : best;
}

async function targetResults(
  of: Pick<TargetMetrics, "target" | "split">,
  cells: readonly ReadCell[],
  chosen: ReadCell | undefined,
  backbones: string,
  request: GridReportRequest,
): Promise<GridTarget> {
  const own = cells.map((cell) => ({ ...cell, results: resultsOn(of, cell) }));
  const { input, results } = own[0]!;
  const { metrics, majority } = results;
  const card = cardOf(of.target, request.page, input.dir);
  const target = { name: slug(of.target), title: card.title, split: of.split };
  const methods = [...new Set(cells.map((cell) => cell.input.method))];
  const selection = cells.find((cell) => cell.input.selectedOn !== null)?.input.selectedOn ?? "";
  const named = {
    title: `${card.title}, ${of.split} split`,
    subtitle: [
      `${backbones}; ${methods.join("; ")}`,
      `${grouped(metrics.n)} ${of.split} images${selection && `, epochs selected on ${selection}`}`,
    ],
  };
  const published = request.page.published.filter((row) => (row.target ?? of.target) === of.target);
  const rows = [
    ...own.map((cell) =>
      measuredRow(cell.results, { ...cell.input, own: cell.input === chosen?.input, cell: cell.facts }),
    ),
    ...(await besideRows(of, request.beside)),
    majorityRow(results, request.page.dataSets[0].title),
    ...published.map(publishedRow),
  ];
  const each: CellResults[] = [];
  for (const cell of own) each.push(await cellResults(target, cell));
  return {
    title: card.title,
    of,
    majority,
    accuracy: accuracyTable(target, rows),
    figure: await accuracyFigure(
      { ...named, name: `accuracy-${target.name}`, title: `Accuracy on ${named.title}` },
      own,
      majority.scores.accuracy.value,
    ),
    confusions: await confusionsFigure({
      ...named,
      name: `confusions-${target.name}`,
      classes: metrics.classes,
      models: own.map((cell) => ({ label: cell.label, confusion: cell.results.metrics.confusion })),
    }),
    cells: each,
  };
}

type CellOnTarget = ReadCell & { results: TargetMetrics };

function resultsOn(
  { target, split }: Pick<TargetMetrics, "target" | "split">,
  cell: ReadCell,
): TargetMetrics {
  const results = cell.metrics.find((one) => one.target === target && one.split === split);
  if (results !== undefined) return results;
  throw new FerBenchError("bad-artifact", `cell ${cell.input.cell} was not evaluated on ${target}`, {
    file: join(cell.input.dir, "metrics.json"),
    field: "targets",
    remedy: "run the evaluate stage again",
  });
}

async function besideRows(
  { target, split }: Pick<TargetMetrics, "target" | "split">,
  beside: readonly EvaluationInput[],
): Promise<AccuracyRow[]> {
  const rows: AccuracyRow[] = [];
  for (const input of beside) {
    const { targets } = await readMetrics(input.dir);
    const results = targets.find((one) => one.target === target && one.split === split);
    if (results !== undefined) rows.push(measuredRow(results, { ...input, own: false }));
  }
  return rows;
}

/** Against what the backbones cost where every one costs something else, a row a cell where not. */
function accuracyFigure(
  named: { name: string; title: string; subtitle: readonly string[] },
  cells: readonly CellOnTarget[],
  majority: number,
): Promise<Figure> {
  const accuracies = cells.map(({ label, facts, results }) => {
    const { value, low, high } = results.metrics.accuracy;
    return { label, accuracy: value, low, high, parameters: facts.parameters, flops: facts.flops };
  });
  const costed = accuracies.filter(
    (cell): cell is CellCost => cell.parameters !== null && cell.flops !== null,
  );
  const differ = new Set(costed.map(({ flops }) => flops)).size === cells.length && cells.length > 1;
  return differ
    ? costFigure({ ...named, cells: costed, majority })
    : cellsFigure({ ...named, cells: accuracies, majority });
}

/** A cell's own matrix and tables. */
async function cellResults(
  target: { name: string; title: string; split: string },
  { input, results }: CellOnTarget,
): Promise<CellResults> {
  const { metrics } = results;
  const ofCell = { ...target, name: `${target.name}-${input.cell}` };
  return {
    results,
    perClass: perClassTable(ofCell, metrics, input.backbone),
    confusion: confusionTable(ofCell, metrics, input.backbone),
    figure: await confusionFigure({
      name: `confusion-${ofCell.name}`,
      title: `${target.title}, ${target.split} split`,
      subtitle: modelTitle(input),
      classes: metrics.classes,
      confusion: metrics.confusion,
      cells: "percent",
    }),
  };
}
