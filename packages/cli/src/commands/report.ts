import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Artifact, FerBenchError, runStage } from "@fer-bench/artifacts";
import type { DatasetSummary } from "@fer-bench/datasets";
import type { PreprocessSummary, SearchSummary } from "@fer-bench/preprocess";
import {
  type CellInput,
  type DataSetCard,
  type EvaluationInput,
  type StageInput,
  writeGridReport,
  writeReport,
} from "@fer-bench/report";
import { type Benchmark, type BenchmarkFile, type Evaluation, fieldLabel } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { keepRun } from "../kept-runs.ts";
import { dataSetsOf, loadBenchmark, type Run, runsOf } from "../load-benchmark.ts";
import type { BenchmarkStage, Workspace } from "../workspace.ts";

/** Writes a benchmark's tables, figures and HTML page, and says where the page is. */
export async function report(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress, json, print } = context;
  const loaded = await loadWhole(workspace, name);
  const runs = runsOf(name, loaded);
  const { benchmark } = runs[0];
  const beside: Run[] = [];
  for (const other of benchmark.beside) beside.push(...runsOf(other, await loadBenchmark(workspace, other)));
  const sets = dataSetsOf(benchmark);
  const optional = optionalOf(loaded, runs[0], beside);
  const dir = workspace.benchmarkDir(name, "report");
  let accuracy: readonly { target: string; markdown: string }[] = [];
  const request = {
    stage: "report",
    dir,
    config: {
      benchmark: name,
      report: benchmark.report,
      published: benchmark.published,
      notes: benchmark.notes,
    },
    inputs: inputsOf(workspace, runs, beside, sets, optional),
    libraries: {
      names: ["vega", "vega-lite", "umap-js", "sharp"],
      from: import.meta.resolve("@fer-bench/report"),
    },
  };
  await runStage(request, async (out, { inputs }) => {
    const titles = new Map<string, string>();
    const cards: DataSetCard[] = [];
    for (const set of sets) {
      const card = await dataSetCard(
        inputs[`${set}/prepare`]!,
        inputs[`${set}/preprocess`]!,
        benchmark.report.embedFaces,
      );
      cards.push(card);
      titles.set(set, card.title);
    }
    const shared = {
      out,
      page: {
        name,
        title: benchmark.title,
        notes: benchmark.notes,
        dataSets: cards as [DataSetCard, ...DataSetCard[]],
        published: benchmark.published,
      },
      stages: stagesBehind(workspace, runs, sets, optional),
      progress,
    };
    const evaluation = (run: Run): EvaluationInput => ({
      ...evaluationInput(workspace, run, titles),
      ...(optional.tested.includes(run) && { robustness: workspace.benchmarkDir(run.name, "robustness") }),
    });
    const besides = beside.map(evaluation);
    const written =
      loaded.kind === "single"
        ? await writeReport({
            ...shared,
            evaluations: [evaluation(runs[0]), ...besides],
            train: workspace.benchmarkDir(name, "train"),
            ...(optional.mapped && { activationMaps: workspace.benchmarkDir(name, "activation-maps") }),
            tsne: benchmark.report.tsne,
            umap: benchmark.report.umap,
          })
        : await writeGridReport({
            ...shared,
            cells: cellInputs(workspace, runs, loaded, titles),
            beside: besides,
          });
    accuracy = written.accuracy;
  });
  for (const run of runs) await keepRun(workspace, run);
  const page = relative(workspace.root, join(dir, "index.html"));
  print(json ? JSON.stringify({ benchmark: name, report: page, accuracy }, undefined, 2) : `report: ${page}`);
}

/** A benchmark with all its cells. */
async function loadWhole(workspace: Workspace, name: string): Promise<BenchmarkFile> {
  const [whole, cell] = name.split("/");
  if (cell === undefined) return loadBenchmark(workspace, name);
  throw new FerBenchError("bad-config", `${name} is a cell, and cells are reported together`, {
    file: workspace.benchmarkFile(whole!),
    remedy: `name the benchmark alone: ${whole}`,
  });
}

/** What a page shows besides: whose robustness, and whose activation maps. */
interface Optional {
  tested: readonly Run[];
  mapped: Run | undefined;
}

/** A grid's page shows neither. Models beside are drawn where the benchmark itself was tested. */
function optionalOf({ kind }: BenchmarkFile, run: Run, beside: readonly Run[]): Optional {
  if (kind === "grid") return { tested: [], mapped: undefined };
  const { robustness, activationMaps } = run.benchmark;
  const tested = [run, ...beside].filter(({ benchmark }) => benchmark.robustness !== null);
  return { tested: robustness === null ? [] : tested, mapped: activationMaps ? run : undefined };
}

function inputsOf(
  workspace: Workspace,
  runs: readonly Run[],
  beside: readonly Run[],
  sets: readonly string[],
  { tested, mapped }: Optional,
) {
  const inputs: Record<string, { dir: string; stage: string }> = {};
  for (const set of sets) {
    for (const stage of ["prepare", "preprocess"] as const) {
      inputs[`${set}/${stage}`] = { dir: workspace.datasetDir(set, stage), stage };
    }
  }
  const add = ({ name }: Run, stage: BenchmarkStage) => {
    inputs[`${name}/${stage}`] = { dir: workspace.benchmarkDir(name, stage), stage };
  };
  for (const run of [...runs, ...beside]) add(run, "evaluate");
  for (const run of runs) add(run, "train");
  for (const run of tested) add(run, "robustness");
  if (mapped !== undefined) add(mapped, "activation-maps");
  return inputs;
}

/**
 * Images stand in a page only where their licence lets them go wherever the page goes, or where the benchmark asks for
 * them; then the page says that it is private.
 */
async function dataSetCard(
  prepared: Artifact,
  preprocessed: Artifact,
  embedFaces: boolean,
): Promise<DataSetCard> {
  const summary = JSON.parse(await readFile(prepared.path("dataset.json"), "utf8")) as DatasetSummary;
  const { face, search } = JSON.parse(
    await readFile(preprocessed.path("preprocess.json"), "utf8"),
  ) as PreprocessSummary;
  const isDropped = face.kind === "dlib" && face.ifNone === "drop";
  return {
    name: summary.name,
    title: summary.title,
    licence: summary.licence.name,
    citation: summary.citation,
    ...(summary.homepage === undefined ? {} : { homepage: summary.homepage }),
    counts: summary.counts,
    checksums: summary.checksums,
    remarks: [
      ...(embedFaces && !summary.licence.redistributable
        ? ["This page shows images that its licence forbids to pass on: it is for private use."]
        : []),
      ...remarksOf(summary),
      ...(search ? facelessRemarks(search, isDropped) : []),
    ],
    ...(search && {
      search: {
        facesFile: preprocessed.path("faces.parquet"),
        dropped: isDropped ? total(search.withoutFace.test) : 0,
      },
    }),
    ...(summary.licence.redistributable || embedFaces ? { faces: preprocessed.path("faces.npy") } : {}),
  };
}

function remarksOf({ duplicates, dropped, warnings }: DatasetSummary): string[] {
  const remarks = [
    ...warnings,
    ...dropped.map(({ reason, count }) => `${count} samples dropped: ${reason}.`),
  ];
  if (duplicates.images > 0) {
    remarks.push(
      `${duplicates.images} images have pixels that occur more than once; of these, ${duplicates.acrossLabels} stand under different labels and ${duplicates.acrossSplits} in different splits.`,
    );
  }
  return remarks;
}

/** In how many images of each split no face was found, the test split first. */
function facelessRemarks({ images, withoutFace }: SearchSummary, isDropped: boolean): string[] {
  return (["test", "validation", "train"] as const)
    .filter((split) => total(withoutFace[split]) > 0)
    .map(
      (split) =>
        `In ${total(withoutFace[split])} of ${total(images[split])} ${split} images no face was found: ${isDropped ? "they are left out" : "the whole image is taken for one"}.`,
    );
}

function total(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

type Grid = Extract<BenchmarkFile, { kind: "grid" }>;

function cellInputs(
  workspace: Workspace,
  runs: readonly Run[],
  { fields, cells }: Grid,
  titles: ReadonlyMap<string, string>,
): [CellInput, ...CellInput[]] {
  const besidesBackbone = fields.filter((field) => field !== "backbone");
  const inputs = cells.map((cell, i): CellInput => {
    const run = runs[i]!;
    return {
      ...evaluationInput(workspace, run, titles),
      cell: cell.name,
      values: Object.fromEntries(
        besidesBackbone.map((field) => [fieldLabel(fields, field), cell.values[field]!]),
      ),
      features: workspace.benchmarkDir(run.features, "features"),
      train: workspace.benchmarkDir(run.name, "train"),
    };
  });
  return inputs as [CellInput, ...CellInput[]];
}

function evaluationInput(
  workspace: Workspace,
  { name, benchmark, seedGroup }: Run,
  titles: ReadonlyMap<string, string>,
): EvaluationInput {
  const dir = workspace.benchmarkDir(name, "evaluate");
  const { backbone } = JSON.parse(readFileSync(join(dir, "metrics.json"), "utf8")) as Evaluation;
  return {
    benchmark: name,
    method: describeMethod(benchmark),
    backbone,
    trainedOn: benchmark.train.mode === "none" ? null : (titles.get(benchmark.source) ?? benchmark.source),
    selectedOn: benchmark.train.mode === "none" ? null : "validation",
    dir,
    ...(seedGroup !== undefined && { seedGroup }),
  };
}

function describeMethod({ train, backbone }: Benchmark): string {
  if (train.mode === "none") return "As it came";
  if (train.mode === "finetune") {
    const { trainable } = train;
    if (typeof trainable === "object") return `Fine-tuned from ${trainable.from} on`;
    return trainable === "all" ? "Fine-tuned, all layers" : "Fine-tuned, head alone";
  }
  if (train.head.hidden === null)
    return backbone === "pixels" ? "Logistic regression on raw chips" : "Linear head";
  return `Frozen backbone, two-layer head (${train.head.hidden})`;
}

function stagesBehind(
  workspace: Workspace,
  runs: readonly Run[],
  sets: readonly string[],
  { tested, mapped }: Optional,
): StageInput[] {
  const stage = (of: string, name: Exclude<BenchmarkStage, "export" | "report">) => ({
    stage: name,
    of,
    dir: workspace.benchmarkDir(of, name),
  });
  return [
    ...sets.flatMap((set) =>
      (["prepare", "preprocess"] as const).map((name) => ({
        stage: name,
        of: set,
        dir: workspace.datasetDir(set, name),
      })),
    ),
    ...[...new Set(runs.map(({ features }) => features))].map((of) => stage(of, "features")),
    ...runs.flatMap(({ name }) => [stage(name, "train"), stage(name, "evaluate")]),
    ...tested.map(({ name }) => stage(name, "robustness")),
    ...(mapped ? [stage(mapped.name, "activation-maps")] : []),
  ];
}
