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
import { confidenceTable } from "./confidence-table.ts";
import { confusionFigure } from "./confusion-figure.ts";
import { confusionsFigure } from "./confusions-figure.ts";
import { type CellCost, costFigure } from "./cost-figure.ts";
import type { Figure } from "./figure.ts";
import { grouped, slug } from "./format.ts";
import { type CellResults, type GridPageContent, type GridTarget, gridPage } from "./grid-page.ts";
import type { PageContent } from "./page.ts";
import { readBackboneCost } from "./read-backbone.ts";
import { readFeatureWidth, readMetrics } from "./read-evaluation.ts";
import { readProvenance } from "./read-provenance.ts";
import {
  cardOf,
  drawnTraining,
  modelTitle,
  predictionsBehind,
  probabilityFigures,
  type ReportSummary,
} from "./report.ts";
import type { CellInput, EvaluationInput, GridReportRequest } from "./request.ts";
import { bySeedGroup, mean, meanRow, meansOverSeeds } from "./seed-means.ts";
import { TABLE_FORMATS } from "./table.ts";
import { inEveryFormat, writeFiles } from "./write-files.ts";

/** A cell as its stages left it. */
interface ReadCell {
  input: CellInput;
  seedGroup: string | undefined;
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
  const groups = bySeedGroup(cells);
  const chosen = bestOnSelection(groups);
  const targets: GridTarget[] = [];
  for (const { target, split } of cells[0]!.metrics) {
    targets.push(await targetResults({ target, split }, cells, chosen, backbones, request));
  }
  const stages = await Promise.all(request.stages.map(readProvenance));
  const index = await writeFiles({
    out,
    page: gridPage({ page, cells, settings: settingsOf(groups, chosen), backbones, targets, stages }),
    figures: [
      ...targets.flatMap((target) => [
        target.figure,
        target.confusions,
        ...(target.chosen ? [...target.chosen.calibration, target.chosen.curves] : []),
        ...target.cells.map(({ figure }) => figure),
      ]),
      ...cells.flatMap(({ training }) => training?.figure ?? []),
    ],
    tables: targets.flatMap((target) => [
      inEveryFormat(target.accuracy),
      inEveryFormat(target.confidence),
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
  return { input, seedGroup: input.seedGroup, label, metrics: targets, training, facts };
}

/**
 * The cells that one would take without a look at the test split, a cell and those that differ from it in their seed
 * alone: the first among equals; none where none was trained.
 */
function bestOnSelection(groups: readonly SeedGroup[]): SeedGroup | undefined {
  const accuracy = (group: SeedGroup) => mean(group.map(({ facts }) => facts.selectionAccuracy ?? -1));
  const best = groups.reduce((one, other) => (accuracy(other) > accuracy(one) ? other : one));
  return best[0].facts.selectionAccuracy === null ? undefined : best;
}

type SeedGroup = readonly [ReadCell, ...ReadCell[]];

/** The groups for the page, named by what their cells have in common. */
function settingsOf(
  groups: readonly SeedGroup[],
  chosen: SeedGroup | undefined,
): GridPageContent["settings"] {
  const common = groups.map(([{ input }, ...others]) => ({
    backbone: input.backbone.title,
    values: Object.fromEntries(
      Object.entries(input.values).filter(([label, value]) =>
        others.every((other) => other.input.values[label] === value),
      ),
    ),
  }));
  const { labels } = cellLabels(common);
  return groups.map((group, i) => {
    const cells = group.map(({ input }) => input.cell);
    return { label: labels[i]!, cells, isChosen: group === chosen };
  });
}

async function targetResults(
  of: Pick<TargetMetrics, "target" | "split">,
  cells: readonly ReadCell[],
  chosen: SeedGroup | undefined,
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
    ...bySeedGroup(own).flatMap((group) => {
      const isChosen = group[0].input === chosen?.[0].input;
      const rowOf = (own: boolean) => (cell: CellOnTarget) =>
        measuredRow(cell.results, { ...cell.input, own, cell: cell.facts });
      if (group.length === 1) return group.map(rowOf(isChosen));
      const [first, ...others] = group.map(rowOf(false)) as [AccuracyRow, ...AccuracyRow[]];
      return [{ ...meanRow([first, ...others]), own: isChosen }, first, ...others];
    }),
    ...(await besideRows(of, request.beside)),
    majorityRow(results, request.page.dataSets[0].title),
    ...published.map(publishedRow),
  ];
  const chosenNames = chosen?.map((cell) => cell.input.cell) ?? [];
  const best = own.find((cell) => cell.input.cell === chosenNames[0]);
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
    confidence: confidenceTable(
      target,
      own.map((cell) => ({
        label: cell.label,
        name: cell.input.cell,
        isChosen: chosenNames.includes(cell.input.cell),
        backbone: cell.input.backbone,
        metrics: cell.results.metrics,
      })),
    ),
    chosen: best && (await chosenResults(target, best)),
    cells: each,
  };
}

/** What the probabilities of the cell that is set apart are worth; of several seeds the first. */
async function chosenResults(
  target: { name: string; title: string; split: string },
  { input, label, results }: CellOnTarget,
): Promise<NonNullable<GridTarget["chosen"]>> {
  const figures = await probabilityFigures(await predictionsBehind(input.dir, results), results, {
    file: `${target.name}-${input.cell}`,
    title: `${target.title}, ${target.split} split`,
    subtitle: modelTitle(input),
  });
  return { ...figures, label, backbone: input.backbone };
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
  const rows: { seedGroup: string | undefined; row: AccuracyRow }[] = [];
  for (const input of beside) {
    const { targets } = await readMetrics(input.dir);
    const results = targets.find((one) => one.target === target && one.split === split);
    if (results === undefined) continue;
    rows.push({ seedGroup: input.seedGroup, row: measuredRow(results, { ...input, own: false }) });
  }
  return meansOverSeeds(rows);
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
