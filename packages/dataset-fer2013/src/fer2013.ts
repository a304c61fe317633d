import { join } from "node:path";
import {
  type DatasetPackage,
  type ImportSummary,
  type RawSample,
  readImportRecord,
} from "@fer-bench/datasets";
import { z } from "zod";
import { CLASSES, FER2013, SIDE, SPLIT_OF_USAGE } from "./facts.ts";
import { readImagesTar } from "./images-tar.ts";
import { type CsvSource, csvRows, keepCsv, verifyCsv } from "./import-csv.ts";
import { ALTERED, importImages, type PlacedImport } from "./import-images.ts";
import { csvImages, folderImages } from "./read-images.ts";
import { findForm } from "./source-form.ts";
import { fer2013Table, type RowTable } from "./table.ts";

const options = z.strictObject({});
export type Fer2013Options = z.infer<typeof options>;

/** FER-2013 (Goodfellow et al. 2013): 35,887 grey faces of 48x48, seven expressions. */
export const fer2013: DatasetPackage<Fer2013Options> = fer2013Of(fer2013Table);

/** The package over another table of rows; what tests use. */
export function fer2013Of(table: () => Promise<RowTable>): DatasetPackage<Fer2013Options> {
  return {
    name: "fer2013",
    options,
    async importRaw({ source, rawDir, acceptAltered = false, progress }) {
      const rows = await table();
      const form = await findForm(source);
      const images = { source, rawDir, table: rows, acceptAltered, progress };
      if (form.kind === "images")
        return summary(await importImages({ ...images, files: folderImages(source) }));
      const csv: CsvSource = { source, entry: form.entry };
      const verified = await verifyCsv(csv, rows, progress);
      if (verified === undefined) return summary(await importImages({ ...images, files: csvImages(csv) }));
      const record = await keepCsv(csv, verified.md5, form.header, rawDir, progress);
      return summary({ record, folder: rawDir });
    },
    async imported(rawDir) {
      const { pixels, warnings } = await readImportRecord(rawDir, FER2013);
      return { pixels, warnings };
    },
    async *samples({ rawDir }) {
      const { data } = await readImportRecord(rawDir, FER2013);
      if (data.csv === undefined) yield* readImagesTar(rawDir, data.file);
      else yield* csvSamples({ source: join(rawDir, data.file), entry: data.csv });
    },
  };
}

function summary({ record, folder }: PlacedImport): ImportSummary {
  const { form, data, warnings } = record;
  return {
    form,
    files: [{ path: join(folder, data.file), bytes: data.bytes, sha256: data.sha256 }],
    warnings,
    ...(record.dataset === ALTERED ? { as: ALTERED } : {}),
  };
}

async function* csvSamples(csv: CsvSource): AsyncGenerator<RawSample> {
  for await (const { row, label, usage, pixels } of csvRows(csv)) {
    yield {
      id: `fer2013-${String(row).padStart(5, "0")}`,
      split: SPLIT_OF_USAGE[usage],
      label: CLASSES[label]!,
      path: `${csv.entry}#${row}`,
      image: { width: SIDE, height: SIDE, channels: 1, data: pixels },
    };
  }
}
