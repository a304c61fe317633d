import { copyFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Artifact, abandonedPaths, explainDisk, temporaryPath } from "@fer-bench/artifacts";
import {
  EXPORT_FILE,
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportSummary,
  runExportStage,
} from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadRun, trainedModel } from "../load-benchmark.ts";

export interface ExportOptions {
  /** A folder that gets a copy of the files; the artifact's own where absent. */
  out?: string;
  /** Default: each there is. */
  formats?: readonly ExportFormat[];
  /** Kernels in 16 bits. */
  half?: boolean;
}

/** Writes a benchmark's finished classifier as files of their own, and says how far they agree with its evaluation. */
export async function exportClassifier(
  context: CommandContext,
  given: string,
  { out, formats = EXPORT_FORMATS, half = false }: ExportOptions = {},
): Promise<void> {
  const { workspace, progress, json, print } = context;
  const model = trainedModel(workspace, await loadRun(workspace, given));
  const artifact = await runExportStage({
    ...model,
    out: workspace.benchmarkDir(model.name, "export"),
    formats,
    half,
    progress,
  });
  const summary = JSON.parse(await readFile(artifact.path(EXPORT_FILE), "utf8")) as ExportSummary;
  const card = artifact.files.find(({ path }) => path.endsWith(".md"))!.path;
  const folder = out === undefined ? artifact.dir : resolve(out);
  if (out !== undefined) await copyFiles(artifact, folder, [...summary.files.map(({ path }) => path), card]);
  if (json) print(JSON.stringify({ folder, ...summary }, undefined, 2));
  else await printSummary(summary, folder, card, print);
}

/** Each file is there whole or not at all; what else is in the folder stays. */
async function copyFiles(artifact: Artifact, folder: string, files: readonly string[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const file of files) {
      for (const abandoned of await abandonedPaths(folder, file)) await rm(abandoned, { force: true });
      const temporary = temporaryPath(folder, file);
      try {
        await copyFile(artifact.path(file), temporary);
        await rename(temporary, join(folder, file));
      } finally {
        await rm(temporary, { force: true });
      }
    }
  } catch (error) {
    throw explainDisk(error, folder, "the classifier");
  }
}

async function printSummary(
  { files, input, output, classes, half, verifiedOn }: ExportSummary,
  folder: string,
  card: string,
  print: (line: string) => void,
): Promise<void> {
  print(`export: ${folder}`);
  const width = Math.max(...files.map(({ path }) => path.length));
  for (const { path, opset } of files) {
    const megabytes = ((await stat(join(folder, path))).size / 1e6).toFixed(1);
    const what = [
      ...(opset === undefined ? [] : [`opset ${opset}`]),
      ...(half ? ["kernels in 16 bits"] : []),
    ];
    print(`  ${[path.padEnd(width), `${megabytes} MB`, ...what].join("  ")}`);
  }
  print(`  ${card}`);
  print(`in:     ${input.name}, ${input.type} [${input.shape.join(", ")}]`);
  print(`out:    ${output.name}, ${output.type} [${output.shape.join(", ")}]: ${classes.join(", ")}`);
  const { dataset, faces, rounding } = verifiedOn;
  print(`verified on ${faces} test faces of ${dataset}, against the evaluation's probabilities:`);
  for (const { path, sameDecisions, largestDifference } of files) {
    print(
      `  ${path.padEnd(width)}  ${sameDecisions} of ${faces} answers the same, largest difference ${largestDifference.toExponential(1)}`,
    );
  }
  print(`  (rounding alone, in another order of the same sums: ${rounding.toExponential(1)})`);
}
