import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import {
  CANONICAL_LABELS,
  type DatasetPackage,
  pixelSha256,
  readManifest,
  SPLITS,
  type Split,
  summarize,
} from "@fer-bench/datasets";
import type { CommandContext } from "../context.ts";
import { editManifest } from "../edit-manifest.ts";

const PACKAGE = "@fer-bench/dataset-folders";

export interface AddOptions {
  layout: "folders" | "csv";
  path: string;
  title?: string;
  licence?: string;
  redistributable: boolean;
  /** Class by the word that the data set has for it. */
  classes?: Record<string, string>;
  /** Name in the table by column. */
  columns?: Record<string, string>;
}

/** Imports a data set that lies in class folders or is listed in a table, and writes its manifest entry. */
export async function addDataset(context: CommandContext, name: string, given: AddOptions): Promise<void> {
  const { workspace, progress, json, print } = context;
  const { manifest: file } = workspace;
  const manifest = await readManifest(file);
  if (Object.hasOwn(manifest.datasets, name)) {
    throw new FerBenchError("bad-config", `there is a data set "${name}" already`, {
      file,
      field: `datasets.${name}`,
      remedy: `give the new one another name, or import into the old one: npx fer-bench datasets import ${name} <path>`,
    });
  }
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new FerBenchError("bad-config", `"${name}" cannot name a data set`, {
      remedy: "use lower-case letters, digits and hyphens",
    });
  }
  if (!existsSync(given.path)) {
    throw new FerBenchError("missing", "there is nothing to add", {
      file: given.path,
      remedy: "check the path",
    });
  }
  const { default: dataset, foldersOptions } = await import("@fer-bench/dataset-folders");
  const { layout, classes, columns } = given;
  const written = { layout, ...(classes && { classes }), ...(columns && { columns }) };
  const parsed = foldersOptions.safeParse(written);
  if (!parsed.success) {
    throw new FerBenchError(
      "bad-config",
      `the columns are not understood: ${parsed.error.issues[0]!.message}`,
      {
        field: "--columns",
        remedy:
          "columns are image, label, split, subject, left, top, width and height, such as image=file,label=emotion",
      },
    );
  }
  const rawDir = workspace.rawDir(name);
  if (existsSync(rawDir)) {
    throw new FerBenchError("bad-data", "there are raw data of that name already", {
      file: rawDir,
      remedy: "remove them, or give the new data set another name",
    });
  }
  try {
    const imported = await dataset.importRaw!({ source: given.path, rawDir, options: parsed.data, progress });
    const found = await survey(dataset, rawDir, parsed.data, context);
    const entry = entryOf(name, given, written, found);
    await editManifest(workspace, ({ datasets }) => {
      datasets[name] = entry;
    });
    if (json) return print(JSON.stringify({ name, entry, imported }, undefined, 2));
    print(`${name}: ${imported.form}; ${found.classes.join(", ")}`);
    for (const split of SPLITS) {
      const counts = Object.values(found.counts[split] ?? {}).reduce((a, b) => a + b, 0);
      print(`  ${split.padEnd(12)}${String(counts).padStart(8)}`);
    }
    print(`its entry is in ${file}: add its licence and citation there. Then: npx nx run ${name}:preprocess`);
  } catch (error) {
    await rm(rawDir, { recursive: true, force: true });
    throw error;
  }
}

interface Survey {
  readonly classes: readonly string[];
  readonly grey: boolean;
  readonly boxes: boolean;
  readonly counts: Partial<Record<Split, Record<string, number>>>;
  readonly checksums: Partial<Record<Split, string>>;
}

/** Reads every picture once: a data set that is added can be read. */
async function survey<Options>(
  dataset: DatasetPackage<Options>,
  rawDir: string,
  options: Options,
  { progress }: CommandContext,
): Promise<Survey> {
  const rows: { id: string; split: Split; label: string; pixelSha256: string }[] = [];
  let grey = true;
  let boxes = true;
  const task = progress.start("reading every picture", undefined, "images");
  for await (const { id, split, label, image, box } of dataset.samples({ rawDir, options, progress })) {
    rows.push({ id, split, label, pixelSha256: pixelSha256(image) });
    grey &&= image.channels === 1;
    boxes &&= box !== undefined;
    task.update(rows.length);
  }
  task.end();
  const classes = [...new Set(rows.map(({ label }) => label))].sort(byPlace);
  if (classes.length < 2) {
    throw new FerBenchError("bad-data", `every picture is of the one class ${classes[0]}`, {
      file: rawDir,
      remedy: "a data set has at least two classes",
    });
  }
  const { counts, checksums } = summarize(rows, classes);
  const filled = SPLITS.filter((split) => rows.some((row) => row.split === split));
  const ofFilled = <T>(of: Readonly<Record<Split, T>>): Partial<Record<Split, T>> =>
    Object.fromEntries(filled.map((split) => [split, of[split]]));
  return { classes, grey, boxes, counts: ofFilled(counts), checksums: ofFilled(checksums) };
}

/** The canonical expressions in their order, then others by name. */
function byPlace(a: string, b: string): number {
  const place = (label: string): number => {
    const known = (CANONICAL_LABELS as readonly string[]).indexOf(label);
    return known === -1 ? CANONICAL_LABELS.length : known;
  };
  return place(a) - place(b) || (a < b ? -1 : 1);
}

function entryOf(
  name: string,
  { title = name, licence = "not stated", redistributable, layout, path }: AddOptions,
  options: Record<string, unknown>,
  { classes, grey, boxes, counts, checksums }: Survey,
): Record<string, unknown> {
  return {
    package: PACKAGE,
    title,
    licence: { name: licence, redistributable },
    citation: "Not stated.",
    source: {
      howToGet: `Pictures ${layout === "folders" ? "in class folders" : "listed in a table"}. Run: npx fer-bench datasets import ${name} ${resolve(path)}`,
    },
    classes,
    channels: grey ? 1 : 3,
    options,
    face: boxes ? { kind: "box", margin: 0.1 } : { kind: "whole" },
    expected: { counts, checksums },
  };
}
