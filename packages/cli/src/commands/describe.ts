import { existsSync } from "node:fs";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ARTIFACT_FILE, type Artifact, readParquetColumns, runStage } from "@fer-bench/artifacts";
import {
  croissant,
  type DatasetEntry,
  type DescribedTable,
  datasetCard,
  FACE_WORDS,
  findDataset,
  RECORD_WORDS,
  readManifest,
} from "@fer-bench/datasets";
import { writeDatasetReport } from "@fer-bench/report";
import type { CommandContext } from "../context.ts";
import { readSummary } from "../read-summary.ts";

export interface DescribeOptions {
  /** Images stand in the report although their licence does not let them be passed on: for oneself. */
  withImages?: boolean;
}

/**
 * The describe stage: `dataset-report.html` with `figures/` and `repeats.csv`; `README.md`, the data set's card;
 * `croissant.json`; and the tables that these describe, `records.parquet` and `faces.parquet`. Gives the report's path.
 */
export async function describe(
  { workspace }: CommandContext,
  name: string,
  { withImages = false }: DescribeOptions = {},
): Promise<string> {
  const entry = findDataset(await readManifest(workspace.manifest), name, workspace.manifest);
  const preprocessDir = workspace.datasetDir(name, "preprocess");
  const preprocessed = existsSync(join(preprocessDir, ARTIFACT_FILE));
  const { redistributable } = entry.licence;
  // What is for oneself lies apart from what may be passed on.
  const dir = `${workspace.datasetDir(name, "describe")}${withImages && !redistributable ? "-with-images" : ""}`;
  await runStage(
    {
      stage: "describe",
      dir,
      config: { withImages: withImages || redistributable },
      inputs: {
        prepare: { dir: workspace.datasetDir(name, "prepare"), stage: "prepare" },
        ...(preprocessed && { preprocess: { dir: preprocessDir, stage: "preprocess" } }),
      },
      libraries: { names: ["vega", "vega-lite", "sharp"], from: import.meta.resolve("@fer-bench/report") },
    },
    async (out, { inputs }) => {
      const { prepare, preprocess } = inputs as { prepare: Artifact; preprocess?: Artifact };
      await writeDatasetReport({
        out,
        prepareDir: prepare.dir,
        preprocessDir: preprocess?.dir,
        images: redistributable || withImages,
        notes: entry.notes,
      });
      await writeMetadata(out, name, entry, prepare, preprocess);
    },
  );
  return join(dir, "dataset-report.html");
}

async function writeMetadata(
  out: string,
  name: string,
  entry: DatasetEntry,
  prepare: Artifact,
  preprocess: Artifact | undefined,
): Promise<void> {
  const summary = await readSummary(prepare.path("dataset.json"));
  const tables = [
    await tableOf(prepare, "records", "What is known of every image.", RECORD_WORDS),
    ...(preprocess === undefined
      ? []
      : [await tableOf(preprocess, "faces", "Where the face of every image is.", FACE_WORDS)]),
  ];
  for (const { source, file } of tables) await copyFile(source, join(out, file.path));
  const metadata = croissant(name, entry, summary, tables);
  await writeFile(join(out, "croissant.json"), `${JSON.stringify(metadata, undefined, 2)}\n`);
  const listed = tables.map((table) => ({ name: table.name, file: table.file.path }));
  await writeFile(join(out, "README.md"), datasetCard(name, entry, summary, listed));
}

async function tableOf(
  artifact: Artifact,
  name: string,
  description: string,
  words: DescribedTable["words"],
): Promise<DescribedTable & { source: string }> {
  const file = artifact.files.find(({ path }) => path === `${name}.parquet`)!;
  const source = artifact.path(file.path);
  return { name, description, file, columns: await readParquetColumns(source), words, source };
}
