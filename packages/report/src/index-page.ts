import { silent } from "@fer-bench/artifacts";
import { accuracyOverTimeFigure, type KeptAccuracy } from "./accuracy-over-time-figure.ts";
import type { Figure } from "./figure.ts";
import { counted, grouped, percent, signedPercent, slug } from "./format.ts";
import { html, type Markup } from "./html.ts";
import { inlineFigure } from "./inline-figure.ts";
import { pageDocument, tableFiles } from "./page-document.ts";
import { PAPER_REFERENCES, PAPER_TABLES, type PaperTable } from "./paper-tables.ts";
import { bySeedGroup, deviation, mean } from "./seed-means.ts";
import { type Column, type Table, tableHtml } from "./table.ts";
import { inEveryFormat, writeFiles } from "./write-files.ts";

/** A kept run of a benchmark on one data set, as the index shows it. */
export interface IndexedRun extends KeptAccuracy {
  hash: string;
  commit: string | null;
  /** The data set tested on: its name. */
  target: string;
  n: number;
  balancedAccuracy: number;
  macroF1: number;
  /** The bootstrap's 95% interval of the accuracy, and how many subjects were drawn, if any; runs of old have none. */
  bootstrap?: { low: number; high: number; groups: number | null } | undefined;
}

/** A benchmark, and where its report is. */
export interface IndexedBenchmark {
  name: string;
  title: string;
  /** Names of data sets. */
  source: string;
  targets: readonly string[];
  /** What its backbone is, weights included; null where no run says. */
  backbone: string | null;
  /** The split that chose its epoch; null where none did, or no run says. */
  selectedOn: string | null;
  /** Relative to the index; null where there is none. */
  report: string | null;
  /** Runs of the same one differ in their seed alone; absent where there is no other. */
  seedGroup?: string;
}

/** What `writeIndexPage` is told. */
export interface IndexRequest {
  /** The folder to write index.html, figures/ and tables/ into. */
  out: string;
  benchmarks: readonly IndexedBenchmark[];
  /** Every kept run, oldest first. */
  runs: readonly IndexedRun[];
  /** Why nothing can be measured on a data set here, by its name; absent where it can. */
  unavailable: Readonly<Record<string, string>>;
}

/** The page over all benchmarks: the latest runs, how they went over time, and the paper's tables beside them. */
export async function writeIndexPage({ out, benchmarks, runs, unavailable }: IndexRequest): Promise<string> {
  const latest = latestRuns(runs);
  const targets = [...new Set(runs.map(({ target }) => target))].sort();
  const figures: Figure[] = [];
  for (const target of targets) {
    figures.push(
      await accuracyOverTimeFigure({
        name: `over-time-${slug(target)}`,
        title: `Accuracy on ${target} over time`,
        runs: runs.filter((run) => run.target === target),
      }),
    );
  }
  const paper = PAPER_TABLES.map((table) => paperTable(table, benchmarks, latest, unavailable));
  const latestTable = runsTable(benchmarks, latest);
  const page = pageDocument({
    page: { name: "index", title: "All benchmarks" },
    summary: `${counted(latest.length, "result")} of ${counted(new Set(benchmarks.map(({ name }) => name.split("/")[0])).size, "benchmark")}, ${counted(runs.length, "kept run")} in all.`,
    caveat: false,
    sections: [
      { id: "latest", heading: "Latest runs", body: latestSection(latestTable, benchmarks) },
      {
        id: "history",
        heading: "History",
        body: html`<p>A run is kept by its report, and stands here where it came to something else than the one before it.</p>
${figures.map((figure) => html`<div class="wide">${inlineFigure(figure, html`From <code>runs/results.jsonl</code>.`)}</div>\n`)}`,
      },
      {
        id: "paper",
        heading: "The paper's tables",
        body: html`<p>R. Singh et al., <em>EfficientNet for Human FER using Transfer Learning</em>, as published, and what was measured here.</p>
${paper.map((table) => html`${tableHtml(table)}${tableFiles(table)}`)}`,
      },
    ],
  });
  const tables = [...paper.map(inEveryFormat), inEveryFormat(latestTable)];
  return writeFiles({ out, page, figures, tables, progress: silent });
}

interface LatestRun extends IndexedRun {
  /** Of the run before it on the same data set; null where it is the first. */
  before: number | null;
}

/** The last run of every benchmark and data set, by data set, best first. */
function latestRuns(runs: readonly IndexedRun[]): LatestRun[] {
  const byName = new Map<string, LatestRun>();
  for (const run of runs) {
    const key = `${run.benchmark}\n${run.target}`;
    byName.set(key, { ...run, before: byName.get(key)?.accuracy ?? null });
  }
  return [...byName.values()].sort(
    (a, b) =>
      a.target.localeCompare(b.target) || b.accuracy - a.accuracy || a.benchmark.localeCompare(b.benchmark),
  );
}

function latestSection(table: Table<LatestRun>, benchmarks: readonly IndexedBenchmark[]): Markup {
  // All cells of a grid have one report.
  const reports = new Map(benchmarks.map((benchmark) => [benchmark.report, benchmark]));
  reports.delete(null);
  return html`${tableHtml(table)}${tableFiles(table)}${
    reports.size > 0 &&
    html`<h3>Reports</h3>
<ul>
${[...reports].map(([report, { title, name }]) => html`<li><a href="${report!}">${title}</a> <code>${name.split("/")[0]!}</code></li>\n`)}</ul>
`
  }`;
}

function runsTable(benchmarks: readonly IndexedBenchmark[], runs: readonly LatestRun[]): Table<LatestRun> {
  const backboneOf = ({ benchmark }: LatestRun) =>
    benchmarks.find(({ name }) => name === benchmark)?.backbone ?? null;
  return {
    name: "latest",
    caption: "The latest run of every benchmark",
    rows: runs,
    notes: [
      "Measured here; the 95% interval is Wilson's, Bootstrap the middle 95% of test sets drawn anew, subjects whole where they are known. Change is in points, from the run before. A plus after a commit: files differed from it.",
    ],
    columns: [
      { heading: "Benchmark", text: (run) => run.benchmark, values: (run) => ({ benchmark: run.benchmark }) },
      { heading: "Tested on", text: (run) => run.target, values: (run) => ({ target: run.target }) },
      { heading: "Backbone, weights", text: backboneOf, values: (run) => ({ backbone: backboneOf(run) }) },
      { heading: "n", numeric: true, text: (run) => grouped(run.n), values: (run) => ({ n: run.n }) },
      {
        heading: "Accuracy, %",
        numeric: true,
        text: (run) => percent(run.accuracy),
        values: (run) => ({ accuracy: run.accuracy }),
      },
      {
        heading: "95% interval",
        numeric: true,
        text: (run) => `${percent(run.low)}–${percent(run.high)}`,
        values: (run) => ({ accuracy_low: run.low, accuracy_high: run.high }),
      },
      bootstrapColumn(),
      {
        heading: "Change",
        numeric: true,
        text: ({ accuracy, before }) => (before === null ? null : signedPercent(accuracy - before)),
        values: ({ before }) => ({ accuracy_before: before }),
      },
      {
        heading: "Balanced, %",
        numeric: true,
        text: (run) => percent(run.balancedAccuracy),
        values: (run) => ({ balanced_accuracy: run.balancedAccuracy }),
      },
      {
        heading: "Macro F1, %",
        numeric: true,
        text: (run) => percent(run.macroF1),
        values: (run) => ({ macro_f1: run.macroF1 }),
      },
      { heading: "Run", text: (run) => run.hash, values: (run) => ({ run: run.hash }) },
      { heading: "Commit", text: (run) => run.commit, values: (run) => ({ commit: run.commit }) },
      { heading: "Kept", text: (run) => run.keptAt.slice(0, 10), values: (run) => ({ kept_at: run.keptAt }) },
    ],
  };
}

function bootstrapColumn<Row extends Pick<IndexedRun, "bootstrap">>(): Column<Row> {
  return {
    heading: "Bootstrap",
    numeric: true,
    text: ({ bootstrap }) =>
      bootstrap === undefined ? null : `${percent(bootstrap.low)}–${percent(bootstrap.high)}`,
    values: ({ bootstrap }) => ({
      accuracy_bootstrap_low: bootstrap?.low ?? null,
      accuracy_bootstrap_high: bootstrap?.high ?? null,
      accuracy_bootstrap_groups: bootstrap?.groups ?? null,
    }),
  };
}

interface PaperTableRow {
  kind: string;
  method: string;
  backbone: string | null;
  n: number | null;
  selectedOn: string | null;
  accuracy: number | null;
  low: number | null;
  high: number | null;
  bootstrap?: IndexedRun["bootstrap"];
  /** How many seeds it is the mean of, and their standard deviation. */
  seeds: number | null;
  deviation: number | null;
  /** Of a published row of another work. */
  citation: string | null;
}

const NOT_MEASURED = {
  n: null,
  selectedOn: null,
  low: null,
  high: null,
  seeds: null,
  deviation: null,
  citation: null,
};

/** A table of the paper with its rows, and ours: measured ones, or why there is none. */
function paperTable(
  { number, caption, source, target, titles, rows, remarks }: PaperTable,
  benchmarks: readonly IndexedBenchmark[],
  runs: readonly LatestRun[],
  unavailable: IndexRequest["unavailable"],
): Table<PaperTableRow> {
  const published = rows.map(
    ({ method, backbone, accuracy, reference }): PaperTableRow => ({
      kind: reference === null ? "published: the paper's own" : `published [${reference}]`,
      method,
      backbone,
      accuracy,
      ...NOT_MEASURED,
      citation: reference === null ? null : PAPER_REFERENCES[reference]!,
    }),
  );
  const measured = runs.flatMap((run): MeasuredRun[] => {
    const benchmark = benchmarks.find(({ name }) => name === run.benchmark);
    if (run.target !== target || benchmark?.source !== source) return [];
    const { title, backbone, selectedOn, seedGroup } = benchmark;
    const { n, accuracy, low, high, bootstrap } = run;
    const measures = {
      n,
      selectedOn,
      accuracy,
      low,
      high,
      bootstrap,
      seeds: 1,
      deviation: null,
      citation: null,
    };
    // Cells of a grid have one title; their names are of what they vary.
    const varied = run.benchmark.split("/")[1]?.split("_") ?? [];
    return [{ seedGroup, varied, row: { kind: "measured", method: title, backbone, ...measures } }];
  });
  // Where something was measured, the data were here.
  const missing = measured.length > 0 ? [] : [...new Set([source, target])];
  const reasons = missing.flatMap((set) => unavailable[set] ?? []);
  const couldNot = (method: string, otherwise: string): PaperTableRow => ({
    kind: reasons.length > 0 ? `could not be run: ${reasons.join("; ")}` : `not measured: ${otherwise}`,
    method,
    backbone: null,
    accuracy: null,
    ...NOT_MEASURED,
  });
  const withoutRun = benchmarks.filter(
    (one) =>
      one.source === source &&
      one.targets.includes(target) &&
      !runs.some((run) => run.benchmark === one.name && run.target === target),
  );
  const ours = [
    ...bySeedGroup(measured).map(paperRow),
    ...[...new Set(withoutRun.map(({ title }) => title))].map((title) =>
      couldNot(title, "no run of it is kept yet"),
    ),
  ];
  return {
    name: `paper-table-${number}`,
    caption: `Table ${number}: ${caption}; trained on ${titles.source}, tested on ${titles.target}`,
    rows: [...published, ...(ours.length > 0 ? ours : [couldNot("ours", "there is no such benchmark")])],
    emphasis: ({ kind }) => kind === "measured",
    notes: [
      ...remarks,
      "Measured rows of several seeds are their mean, ± the standard deviation (n - 1); of one seed, the 95% interval is Wilson's, Bootstrap draws test samples anew, subjects whole where they are known.",
      ...[...new Set(rows.flatMap(({ reference }) => reference ?? []))].map(
        (reference) => `[${reference}] ${PAPER_REFERENCES[reference]}`,
      ),
    ],
    columns: [
      { heading: "Method", text: (row) => row.method, values: (row) => ({ method: row.method }) },
      {
        heading: "Kind",
        text: (row) => row.kind,
        values: ({ kind, citation }) => ({ kind, citation }),
      },
      { heading: "Backbone", text: (row) => row.backbone, values: (row) => ({ backbone: row.backbone }) },
      {
        heading: "Selected on",
        text: (row) => row.selectedOn,
        values: (row) => ({ selected_on: row.selectedOn }),
      },
      {
        heading: "n",
        numeric: true,
        text: ({ n }) => (n === null ? null : grouped(n)),
        values: ({ n }) => ({ n }),
      },
      {
        heading: "Accuracy, %",
        numeric: true,
        text: ({ accuracy }) => (accuracy === null ? null : percent(accuracy)),
        values: ({ accuracy }) => ({ accuracy }),
      },
      {
        heading: "95% interval",
        numeric: true,
        text: ({ low, high }) => (low === null || high === null ? null : `${percent(low)}–${percent(high)}`),
        values: ({ low, high }) => ({ accuracy_low: low, accuracy_high: high }),
      },
      bootstrapColumn(),
      {
        heading: "Seeds",
        numeric: true,
        text: ({ seeds }) => (seeds === null ? null : String(seeds)),
        values: ({ seeds }) => ({ seeds }),
      },
      {
        heading: "±",
        numeric: true,
        text: ({ deviation }) => (deviation === null ? null : percent(deviation)),
        values: ({ deviation }) => ({ accuracy_deviation: deviation }),
      },
    ],
  };
}

interface MeasuredRun {
  seedGroup: string | undefined;
  /** What names its cell, where it is one of a grid. */
  varied: readonly string[];
  row: PaperTableRow;
}

/** The mean of runs that differ in their seed alone; one run as it is. */
function paperRow(runs: readonly [MeasuredRun, ...MeasuredRun[]]): PaperTableRow {
  const [{ row, varied }] = runs;
  const common = varied.filter((part) => runs.every((run) => run.varied.includes(part)));
  const method = common.length === 0 ? row.method : `${row.method} (${common.join(", ")})`;
  if (runs.length === 1) return { ...row, method };
  const accuracies = runs.map((run) => run.row.accuracy!);
  return {
    kind: row.kind,
    method,
    backbone: row.backbone,
    ...NOT_MEASURED,
    n: row.n,
    selectedOn: row.selectedOn,
    accuracy: mean(accuracies),
    seeds: runs.length,
    deviation: deviation(accuracies),
  };
}
