import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Artifact, runStage } from "@fer-bench/artifacts";
import type { DatasetSummary } from "@fer-bench/datasets";
import { type DataSetCard, type EvaluationInput, type StageInput, writeReport } from "@fer-bench/report";
import type { Benchmark, Evaluation } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { dataSetsOf, loadBenchmark } from "../load-benchmark.ts";
import type { Workspace } from "../workspace.ts";

/** Writes a benchmark's tables, figures and HTML page, and says where the page is. */
export async function report(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress, json, print } = context;
  const benchmark = await loadBenchmark(workspace, name);
  const rows = [{ name, benchmark }];
  for (const other of benchmark.beside) {
    rows.push({ name: other, benchmark: await loadBenchmark(workspace, other) });
  }
  const sets = dataSetsOf(benchmark);
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
    inputs: inputsOf(workspace, rows, sets),
    libraries: {
      names: ["vega", "vega-lite", "umap-js", "sharp"],
      from: import.meta.resolve("@fer-bench/report"),
    },
  };
  await runStage(request, async (out, { inputs }) => {
    const titles = new Map<string, string>();
    const cards: DataSetCard[] = [];
    for (const set of sets) {
      const card = await dataSetCard(inputs[`${set}/prepare`]!, inputs[`${set}/preprocess`]!);
      cards.push(card);
      titles.set(set, card.title);
    }
    const written = await writeReport({
      out,
      page: {
        name,
        title: benchmark.title,
        notes: benchmark.notes,
        dataSets: cards as [DataSetCard, ...DataSetCard[]],
        published: benchmark.published,
      },
      evaluations: rows.map((row) => evaluationInput(workspace, row, titles)) as [
        EvaluationInput,
        ...EvaluationInput[],
      ],
      train: workspace.benchmarkDir(name, "train"),
      stages: stagesBehind(workspace, name, sets),
      tsne: benchmark.report.tsne,
      umap: benchmark.report.umap,
      progress,
    });
    accuracy = written.accuracy;
  });
  const page = relative(workspace.root, join(dir, "index.html"));
  print(json ? JSON.stringify({ benchmark: name, report: page, accuracy }, undefined, 2) : `report: ${page}`);
}

interface Row {
  readonly name: string;
  readonly benchmark: Benchmark;
}

function inputsOf(workspace: Workspace, rows: readonly Row[], sets: readonly string[]) {
  const inputs: Record<string, { dir: string; stage: string }> = {};
  for (const set of sets) {
    for (const stage of ["prepare", "preprocess"] as const) {
      inputs[`${set}/${stage}`] = { dir: workspace.datasetDir(set, stage), stage };
    }
  }
  for (const { name } of rows) {
    inputs[`${name}/evaluate`] = { dir: workspace.benchmarkDir(name, "evaluate"), stage: "evaluate" };
  }
  inputs[`${rows[0]!.name}/train`] = { dir: workspace.benchmarkDir(rows[0]!.name, "train"), stage: "train" };
  return inputs;
}

/** Images stand in a page only where their licence lets them go wherever the page goes. */
async function dataSetCard(prepared: Artifact, preprocessed: Artifact): Promise<DataSetCard> {
  const summary = JSON.parse(await readFile(prepared.path("dataset.json"), "utf8")) as DatasetSummary;
  return {
    name: summary.name,
    title: summary.title,
    licence: summary.licence.name,
    citation: summary.citation,
    ...(summary.homepage === undefined ? {} : { homepage: summary.homepage }),
    counts: summary.counts,
    checksums: summary.checksums,
    remarks: remarksOf(summary),
    ...(summary.licence.redistributable ? { faces: preprocessed.path("faces.npy") } : {}),
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

function evaluationInput(
  workspace: Workspace,
  row: Row,
  titles: ReadonlyMap<string, string>,
): EvaluationInput {
  const { name, benchmark } = row;
  const dir = workspace.benchmarkDir(name, "evaluate");
  const { backbone } = JSON.parse(readFileSync(join(dir, "metrics.json"), "utf8")) as Evaluation;
  return {
    benchmark: name,
    method: describeMethod(benchmark),
    backbone,
    trainedOn: benchmark.train.mode === "none" ? null : (titles.get(benchmark.source) ?? benchmark.source),
    selectedOn: benchmark.train.mode === "none" ? null : "validation",
    dir,
  };
}

function describeMethod({ train, backbone }: Benchmark): string {
  if (train.mode === "none") return "As it came, not trained here";
  if (train.mode === "finetune") {
    const { trainable } = train;
    if (typeof trainable === "object") return `Fine-tuned from ${trainable.from} on`;
    return trainable === "all" ? "Fine-tuned, all layers" : "Fine-tuned, head alone";
  }
  if (train.head.hidden === null)
    return backbone === "pixels" ? "Logistic regression on raw chips" : "Linear head";
  return `Frozen backbone, two-layer head (${train.head.hidden})`;
}

function stagesBehind(workspace: Workspace, name: string, sets: readonly string[]): StageInput[] {
  return [
    ...sets.flatMap((set) =>
      (["prepare", "preprocess"] as const).map((stage) => ({
        stage,
        of: set,
        dir: workspace.datasetDir(set, stage),
      })),
    ),
    ...(["features", "train", "evaluate"] as const).map((stage) => ({
      stage,
      of: name,
      dir: workspace.benchmarkDir(name, stage),
    })),
  ];
}
