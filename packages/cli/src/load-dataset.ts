import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { type DatasetEntry, type DatasetPackage, findDataset, readManifest } from "@fer-bench/datasets";
import type { Workspace } from "./workspace.ts";

export interface LoadedDataset {
  readonly name: string;
  readonly entry: DatasetEntry;
  readonly dataset: DatasetPackage;
  /** The entry's options, checked by the package's schema. */
  readonly options: unknown;
  /** Where its raw data are: imported ones, or what the generate stage made. */
  readonly rawDir: string;
}

/** A data set's manifest entry and the package that reads it, resolved as the workspace sees it. */
export async function loadDataset(workspace: Workspace, name: string): Promise<LoadedDataset> {
  const manifest = await readManifest(workspace.manifest);
  const entry = findDataset(manifest, name, workspace.manifest);
  const dataset = await importPackage(workspace, name, entry.package);
  const options = parseConfig(
    dataset.options,
    entry.options,
    `${workspace.manifest}#datasets.${name}.options`,
  );
  const rawDir = entry.generated ? workspace.datasetDir(name, "generate") : workspace.rawDir(name);
  return { name, entry, dataset, options, rawDir };
}

async function importPackage(workspace: Workspace, name: string, specifier: string): Promise<DatasetPackage> {
  const field = `datasets.${name}.package`;
  const missing = (cause: unknown): never => {
    throw new FerBenchError("missing", `the package ${specifier} cannot be loaded`, {
      file: workspace.manifest,
      field,
      remedy: `install it (npm install ${specifier}), or correct its name`,
      cause,
    });
  };
  const module = (await import(specifier)
    .catch(async () => {
      const require = createRequire(join(workspace.root, "package.json"));
      return import(pathToFileURL(require.resolve(specifier)).href);
    })
    .catch(missing)) as { default?: DatasetPackage };
  if (typeof module.default?.samples !== "function") {
    throw new FerBenchError(
      "bad-config",
      `${specifier} is no data set package: its default export has no samples()`,
      {
        file: workspace.manifest,
        field,
        remedy: "export a DatasetPackage as the package's default",
      },
    );
  }
  return module.default;
}
