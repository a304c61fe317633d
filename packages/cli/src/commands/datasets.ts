import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FerBenchError, openArtifact } from "@fer-bench/artifacts";
import { type DatasetSummary, expectedSamples, readManifest } from "@fer-bench/datasets";
import type { CommandContext } from "../context.ts";
import { loadDataset, rawDirOf } from "../load-dataset.ts";

/** Lists the manifest's data sets, and whether their data are here. */
export async function listDatasets({ workspace, json, print }: CommandContext): Promise<void> {
  const { datasets } = await readManifest(workspace.manifest);
  const rows = Object.entries(datasets).map(([name, entry]) => ({
    name,
    title: entry.title,
    licence: entry.licence.name,
    samples: expectedSamples(entry) ?? null,
    state: entry.generated
      ? "made by code"
      : existsSync(join(rawDirOf(workspace, name, entry), "import.json"))
        ? "imported"
        : "not here",
    howToGet: entry.source.howToGet,
  }));
  if (json) {
    print(JSON.stringify(rows, undefined, 2));
    return;
  }
  const width = Math.max(...rows.map((row) => row.name.length));
  for (const row of rows) {
    print(
      `${row.name.padEnd(width)}  ${String(row.samples ?? "?").padStart(7)} samples  ${row.state.padEnd(12)}  ${row.title}`,
    );
    if (row.state === "not here") print(`${" ".repeat(width)}  ${row.howToGet}`);
  }
}

/** Brings the raw data that a user has into the workspace. */
export async function importDataset(
  { workspace, progress, json, print }: CommandContext,
  name: string,
  source: string,
  acceptAltered: boolean,
): Promise<void> {
  const { entry, dataset, options } = await loadDataset(workspace, name);
  if (!dataset.importRaw) {
    throw new FerBenchError("bad-config", `${name} is made by code and takes no import`, {
      file: workspace.manifest,
      field: `datasets.${name}`,
      remedy: `run: npx nx run ${name}:preprocess`,
    });
  }
  if (entry.raw !== undefined) {
    throw new FerBenchError(
      "bad-config",
      `${name} is another protocol of ${entry.raw}, and reads its import`,
      {
        file: workspace.manifest,
        field: `datasets.${name}.raw`,
        remedy: `run: npx fer-bench datasets import ${entry.raw} <path>`,
      },
    );
  }
  if (!existsSync(source)) {
    throw new FerBenchError("missing", "there is nothing to import", {
      file: source,
      remedy: `check the path. ${entry.source.howToGet}`,
    });
  }
  const summary = await dataset.importRaw({
    source,
    rawDir: workspace.rawDir(name),
    options,
    acceptAltered,
    progress,
  });
  for (const warning of summary.warnings) progress.note(warning, "warning");
  if (json) {
    print(JSON.stringify(summary, undefined, 2));
    return;
  }
  print(`${summary.as ?? name}: imported ${summary.form}`);
  if (summary.as !== undefined) {
    print(`  to use it, give it an entry "${summary.as}" in datasets.manifest.json: that of ${name},`);
    print("  with its own title and counts, and without checksums");
  }
  for (const file of summary.files) print(`  ${file.path}  ${file.bytes} bytes  sha256 ${file.sha256}`);
}

/** Writes the counts and checksums that the prepare stage found into the manifest. */
export async function pinDataset({ workspace, print }: CommandContext, name: string): Promise<void> {
  await loadDataset(workspace, name);
  const prepared = await openArtifact(workspace.datasetDir(name, "prepare"), "prepare");
  const found = JSON.parse(await readFile(prepared.path("dataset.json"), "utf8")) as DatasetSummary;
  const manifest = JSON.parse(await readFile(workspace.manifest, "utf8"));
  manifest.datasets[name].expected = { counts: found.counts, checksums: found.checksums };
  const temporary = join(workspace.root, `.datasets.manifest.${process.pid}.json`);
  await writeFile(temporary, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await rename(temporary, workspace.manifest);
  print(
    `${name}: counts and checksums of ${Object.keys(found.checksums).join(", ")} are now in ${workspace.manifest}`,
  );
}
