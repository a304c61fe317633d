import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FerBenchError, parseConfig, silent } from "@fer-bench/artifacts";
import {
  type DatasetEntry,
  type DatasetPackage,
  findDataset,
  IMPORT_FILE,
  type Manifest,
  type RawRequest,
  readManifest,
} from "@fer-bench/datasets";
import type { Workspace } from "./workspace.ts";

export interface LoadedDataset {
  readonly name: string;
  readonly entry: DatasetEntry;
  readonly dataset: DatasetPackage;
  /** The entry's options, checked by the package's schema. */
  readonly options: unknown;
  /** Where its raw data are: imported ones, perhaps under another set's name, or what the generate stage made. */
  readonly rawDir: string;
  /** The samples of the sets that its entry reads. Errors: `missing` where one of them is not here. */
  readonly reads: NonNullable<RawRequest<unknown>["reads"]>;
}

/** A data set's manifest entry and the package that reads it, resolved as the workspace sees it. */
export async function loadDataset(workspace: Workspace, name: string): Promise<LoadedDataset> {
  return loadFrom(await readManifest(workspace.manifest), workspace, name);
}

async function loadFrom(manifest: Manifest, workspace: Workspace, name: string): Promise<LoadedDataset> {
  const entry = findDataset(manifest, name, workspace.manifest);
  const dataset = await importPackage(workspace, name, entry.package);
  const options = parseConfig(
    dataset.options,
    entry.options,
    `${workspace.manifest}#datasets.${name}.options`,
  );
  const rawDir = rawDirOf(workspace, name, entry);
  const reads = Object.fromEntries(
    (entry.reads ?? []).map((other) => [
      other,
      async function* () {
        const loaded = await loadFrom(manifest, workspace, other);
        yield* loaded.dataset.samples({ ...loaded, progress: silent });
      },
    ]),
  );
  return { name, entry, dataset, options, rawDir, reads };
}

/** Where the raw data of a set are. */
export function rawDirOf(workspace: Workspace, name: string, { generated, raw }: DatasetEntry): string {
  return generated ? workspace.datasetDir(raw ?? name, "generate") : workspace.rawDir(raw ?? name);
}

/** Whether a set's raw data are here. */
export function stateOf(
  workspace: Workspace,
  name: string,
  entry: DatasetEntry,
): "made by code" | "imported" | "not here" {
  if (entry.generated) return "made by code";
  return existsSync(join(rawDirOf(workspace, name, entry), IMPORT_FILE)) ? "imported" : "not here";
}

/** The raw data that a set needs and that are not here: its own, and those of the sets it reads. */
async function missingRaw(
  workspace: Workspace,
  name: string,
): Promise<{ name: string; entry: DatasetEntry }[]> {
  const manifest = await readManifest(workspace.manifest);
  const needed = [name, ...(findDataset(manifest, name, workspace.manifest).reads ?? [])];
  return needed
    .map((set) => ({ name: set, entry: findDataset(manifest, set, workspace.manifest) }))
    .filter(({ name: set, entry }) => !entry.generated && !existsSync(rawDirOf(workspace, set, entry)));
}

/** Errors: `missing` with what to do where raw data that a set needs are not here. */
export async function requireRaw(workspace: Workspace, name: string): Promise<void> {
  const [missing] = await missingRaw(workspace, name);
  if (missing === undefined) return;
  const what = missing.name === name ? name : `${missing.name}, which ${name} reads,`;
  throw new FerBenchError("missing", `the raw data of ${what} are not here`, {
    file: rawDirOf(workspace, missing.name, missing.entry),
    remedy: missing.entry.source.howToGet,
  });
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
