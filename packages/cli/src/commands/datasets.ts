import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import {
  ARTIFACT_FILE,
  cachePath,
  downloadFirst,
  FerBenchError,
  type FileStores,
  obtainPublished,
  openArtifact,
  type PublishedFile,
  sha256,
  storesOf,
} from "@fer-bench/artifacts";
import {
  type DatasetEntry,
  type DatasetSummary,
  expectedSamples,
  findDataset,
  readManifest,
  SPLITS,
  verifyRaw,
} from "@fer-bench/datasets";
import type { CommandContext } from "../context.ts";
import { editManifest } from "../edit-manifest.ts";
import { loadDataset, requireRaw, stateOf } from "../load-dataset.ts";
import { readSummary } from "../read-summary.ts";
import type { DatasetStage, Workspace } from "../workspace.ts";
import { type DescribeOptions, describe } from "./describe.ts";

/** Lists the manifest's data sets, and whether their data are here. */
export async function listDatasets({ workspace, json, print }: CommandContext): Promise<void> {
  const { datasets } = await readManifest(workspace.manifest);
  const rows = Object.entries(datasets).map(([name, entry]) => ({
    name,
    title: entry.title,
    licence: entry.licence.name,
    samples: expectedSamples(entry) ?? null,
    state: stateOf(workspace, name, entry),
    fetch: downloadOf(entry) !== undefined,
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
    if (row.state === "not here") {
      print(`${" ".repeat(width)}  ${row.fetch ? `fer-bench datasets fetch ${row.name}` : row.howToGet}`);
    }
  }
}

/** What `datasets fetch` downloads: the first archive that has addresses. */
function downloadOf({ archives }: DatasetEntry): DatasetEntry["archives"][number] | undefined {
  return archives.find(({ urls }) => urls.length > 0);
}

function publishedFile(archive: DatasetEntry["archives"][number]): PublishedFile | undefined {
  const { file, urls, bytes, sha256, md5 } = archive;
  const checksum = sha256 !== undefined ? { sha256 } : md5 !== undefined ? { md5 } : undefined;
  return checksum && { name: file, urls, ...(bytes !== undefined && { bytes }), checksum };
}

const STAGES: readonly DatasetStage[] = ["generate", "prepare", "preprocess", "describe"];

function finishedStages(workspace: Workspace, name: string): DatasetStage[] {
  return STAGES.filter((stage) => existsSync(join(workspace.datasetDir(name, stage), ARTIFACT_FILE)));
}

function summaryFile(workspace: Workspace, name: string): string {
  return join(workspace.datasetDir(name, "prepare"), "dataset.json");
}

/** Tells all that is known of one data set. */
export async function describeSet({ workspace, json, print }: CommandContext, name: string): Promise<void> {
  const entry = findDataset(await readManifest(workspace.manifest), name, workspace.manifest);
  const finished = finishedStages(workspace, name);
  const prepared = finished.includes("prepare") ? await readSummary(summaryFile(workspace, name)) : null;
  const state = stateOf(workspace, name, entry);
  if (json) {
    print(JSON.stringify({ name, ...entry, state, finished, prepared }, undefined, 2));
    return;
  }
  print(`${name}: ${entry.title}`);
  if (entry.description !== undefined) print(`  ${entry.description}`);
  const passedOn = entry.licence.redistributable ? "images may be passed on" : "images may not be passed on";
  print(`  licence   ${entry.licence.name}; ${passedOn}`);
  print(`  citation  ${entry.citation}`);
  print(`  get it    ${entry.source.howToGet}`);
  print(`  here      ${[state, ...finished.map((stage) => `${stage} done`)].join(", ")}`);
  const counts = prepared?.counts ?? entry.expected.counts;
  const splits = Object.keys(counts) as (keyof typeof counts)[];
  print("");
  print(
    `  ${["class", ...splits].map((word, i) => (i === 0 ? word.padEnd(12) : word.padStart(12))).join("")}`,
  );
  for (const label of entry.classes) {
    const numbers = splits.map((split) => String(counts[split]?.[label] ?? 0).padStart(12));
    print(`  ${label.padEnd(12)}${numbers.join("")}`);
  }
  if (prepared !== null) {
    const { duplicates, nearDuplicates, alsoInTrain, blank } = prepared;
    print("");
    print(`  ${describeRepeats("exact copies", duplicates)}`);
    print(`  ${describeRepeats("exact and near copies", nearDuplicates)}`);
    for (const [split, { exactly, nearly }] of Object.entries(alsoInTrain)) {
      print(`  ${nearly} of the ${split} images are in train, too, ${exactly} of them exactly`);
    }
    print(`  ${blank.length} blank images`);
  }
  for (const note of entry.notes) print(`  ${note}`);
}

function describeRepeats(
  what: string,
  { images, acrossLabels, acrossSplits }: DatasetSummary["duplicates"],
): string {
  return `${images} images are ${what}: ${acrossLabels} under different labels, ${acrossSplits} across splits`;
}

export interface FetchOptions {
  /** Take a file whose checksum nobody has published, and write its checksum into the manifest. */
  firstUse?: boolean;
}

/** Downloads data sets that may be downloaded, and imports them. */
export async function fetchDatasets(
  context: CommandContext,
  names: readonly string[],
  { firstUse = false }: FetchOptions = {},
): Promise<void> {
  const { workspace, json, print } = context;
  const rows = [];
  for (const name of names) {
    const entry = findDataset(await readManifest(workspace.manifest), name, workspace.manifest);
    const archive = downloadOf(entry);
    if (archive === undefined) throw notDownloaded(workspace, name, entry);
    const file = publishedFile(archive);
    const { path, from, pin } =
      file === undefined
        ? await takeUnpinned(context, name, entry, firstUse)
        : {
            pin: undefined,
            ...(await obtainPublished(file, downloadStores(context), {
              progress: context.progress,
              alternative: `or import your own copy: fer-bench datasets import ${name} <path>`,
            })),
          };
    if (!json) print(`${name}: ${from === "download" ? "downloaded" : `from the ${from}`} ${path}`);
    // What it says goes into one JSON document with what was fetched.
    const lines: string[] = [];
    const quiet = { ...context, ...(json && { print: (line: string) => void lines.push(line) }) };
    await importDataset(quiet, name, path, false);
    await pin?.();
    rows.push({ name, path, from, ...(json && { imported: JSON.parse(lines.join("\n")) }) });
  }
  if (json) print(JSON.stringify(rows, undefined, 2));
}

function downloadStores({ offline }: CommandContext): FileStores {
  return storesOf("FER_BENCH_DOWNLOADS_DIR", { offline });
}

/**
 * Downloads a file that nobody has published a checksum of, where the user wants that. It is kept where it will be found
 * once it is pinned; `pin` writes its checksum into the manifest, when it has turned out to be the data set.
 */
async function takeUnpinned(
  context: CommandContext,
  name: string,
  entry: DatasetEntry,
  firstUse: boolean,
): Promise<{ path: string; from: "download"; pin: () => Promise<void> }> {
  const { workspace, progress } = context;
  const at = entry.archives.findIndex(({ urls }) => urls.length > 0);
  const { file, urls } = entry.archives[at]!;
  const stores = downloadStores(context);
  const { cache, offline } = stores;
  if (offline || !firstUse) {
    const why = offline ? "and downloads are switched off" : "so nobody can tell it from another file";
    throw new FerBenchError("missing", `no checksum of ${file} is known, ${why}`, {
      file: workspace.manifest,
      field: `datasets.${name}.archives.${at}.sha256`,
      remedy: `to take what ${urls[0]} gives, and write its checksum there for the next time: fer-bench datasets fetch ${name} --first-use`,
    });
  }
  const unpinned = join(cache, "files", `unpinned-${sha256(urls[0]!).slice(0, 16)}`, file);
  const found = await downloadFirst({ name: file, urls }, unpinned, { progress });
  const path = cachePath({ name: file, urls, checksum: { sha256: found.sha256 } }, stores);
  await mkdir(dirname(path), { recursive: true });
  await rename(unpinned, path);
  const pin = async () => {
    await editManifest(workspace, (manifest) => {
      Object.assign(manifest.datasets[name].archives[at], found);
    });
    progress.note(
      `${file} is taken for what it says it is; its sha256, ${found.sha256}, is now in the manifest`,
    );
  };
  return { path, from: "download", pin };
}

function notDownloaded(workspace: Workspace, name: string, entry: DatasetEntry): FerBenchError {
  if (entry.generated) {
    return new FerBenchError("bad-config", `${name} is made by code: there is nothing to download`, {
      file: workspace.manifest,
      field: `datasets.${name}`,
      remedy: `run: npx nx run ${name}:preprocess`,
    });
  }
  const { licence, source } = entry;
  const why = licence.redistributable
    ? "no address to download it from is known"
    : `its licence asks for consent (${licence.name}), so it is never downloaded`;
  return new FerBenchError("missing", `${entry.title} has to be brought here by hand: ${why}`, {
    file: workspace.rawDir(name),
    remedy: [
      source.howToGet,
      ...(source.url === undefined || source.howToGet.includes(source.url) ? [] : [`It is at ${source.url}`]),
      `Then run: fer-bench datasets import ${name} <path>`,
    ].join(" "),
  });
}

/** Reads a data set's raw data through, and compares it with the manifest and with what was prepared from it. */
export async function verifyDataset(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress, json, print } = context;
  const loaded = await loadDataset(workspace, name);
  const { entry } = loaded;
  await requireRaw(workspace, name);
  const verified = await verifyRaw({ ...loaded, manifestFile: workspace.manifest, progress });
  const stages = finishedStages(workspace, name);
  for (const stage of stages) {
    const artifact = await openArtifact(workspace.datasetDir(name, stage), stage);
    if (stage !== "prepare") continue;
    const file = artifact.path("dataset.json");
    const { checksums } = await readSummary(file);
    const other = SPLITS.find((split) => checksums[split] !== verified.checksums[split]);
    if (other === undefined) continue;
    throw new FerBenchError("bad-artifact", `${other} was prepared from other raw data`, {
      file,
      field: `checksums.${other}`,
      remedy: `run prepare again: npx nx run ${name}:prepare`,
    });
  }
  const splits = SPLITS.map((split) => ({
    split,
    samples: Object.values(verified.counts[split]).reduce((a, b) => a + b, 0),
    checksum: verified.checksums[split],
    expected: checksumState(entry, split, verified.checksums[split]),
  })).filter(({ samples }) => samples > 0);
  if (json) {
    print(JSON.stringify({ name, splits, stages, warnings: verified.warnings }, undefined, 2));
    return;
  }
  for (const warning of verified.warnings) progress.note(warning, "warning");
  print(`${name}: ${entry.title}`);
  for (const { split, samples, checksum, expected } of splits) {
    print(`  ${split.padEnd(10)} ${String(samples).padStart(7)} samples  ${checksum}  ${expected}`);
  }
  for (const stage of stages) print(`  ${stage.padEnd(10)} every file as it was written`);
}

function checksumState({ expected }: DatasetEntry, split: (typeof SPLITS)[number], found: string): string {
  const checksum = expected.checksums?.[split];
  if (checksum === undefined) return "not in the manifest";
  return checksum === found ? "as in the manifest" : "not the manifest's";
}

/** Writes a data set's report, card and metadata, and says where the report is. */
export async function reportDataset(
  context: CommandContext,
  name: string,
  options: DescribeOptions,
): Promise<void> {
  const { workspace, json, print } = context;
  const page = relative(workspace.root, await describe(context, name, options));
  const folder = dirname(page);
  if (!json) return print(`report: ${page}`);
  const summary = await readSummary(summaryFile(workspace, name));
  const { counts, duplicates, nearDuplicates, alsoInTrain, blank } = summary;
  const repeats = { duplicates, nearDuplicates, alsoInTrain };
  print(JSON.stringify({ name, report: page, folder, counts, ...repeats, blank }, undefined, 2));
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
  const found = await readSummary(prepared.path("dataset.json"));
  await editManifest(workspace, (manifest) => {
    manifest.datasets[name].expected = { counts: found.counts, checksums: found.checksums };
  });
  print(
    `${name}: counts and checksums of ${Object.keys(found.checksums).join(", ")} are now in ${workspace.manifest}`,
  );
}
