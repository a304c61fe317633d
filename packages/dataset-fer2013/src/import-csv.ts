import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Progress } from "@fer-bench/artifacts";
import { copyHashed, type ImportRecord, pixelSha256, placeImport } from "@fer-bench/datasets";
import { type CsvRow, openCsv } from "./csv.ts";
import { FER2013, PUBLISHED_CSVS, SIDE, USAGES } from "./facts.ts";
import { emptyFingerprints, enterChecksum, type Fingerprints } from "./fingerprints.ts";
import { entryContent } from "./source-form.ts";
import type { RowTable } from "./table.ts";

/** A CSV found in a source. */
export interface CsvSource {
  readonly source: string;
  readonly entry: string;
}

/** The rows of a CSV; FerBenchError for the first that is not whole. */
export async function* csvRows({ source, entry }: CsvSource): AsyncGenerator<CsvRow> {
  yield* (await openCsv(entryContent(source, entry), source, entry)).rows;
}

/** Its md5, if every row is the table's of the same number; undefined from the first that is not. */
export async function verifyCsv(
  { source, entry }: CsvSource,
  table: RowTable,
  progress: Progress,
): Promise<{ md5: string } | undefined> {
  const md5 = createHash("md5");
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of entryContent(source, entry)) {
      md5.update(chunk);
      yield chunk;
    }
  }
  const task = progress.start(`checking ${entry}`, table.count, "rows");
  const found = emptyFingerprints(1);
  let rows = 0;
  try {
    for await (const row of (await openCsv(hashed(), source, entry)).rows) {
      if (row.row >= table.count || !isRow(row, table, found)) return undefined;
      rows++;
      if (rows % 1000 === 0) task.update(rows);
    }
  } finally {
    task.end(`${rows} rows`);
  }
  return rows === table.count ? { md5: md5.digest("hex") } : undefined;
}

function isRow({ row, label, usage, pixels }: CsvRow, table: RowTable, scratch: Fingerprints): boolean {
  enterChecksum(scratch, 0, pixelSha256({ width: SIDE, height: SIDE, channels: 1, data: pixels }));
  const { checksum } = table.prints;
  return (
    table.label[row] === label &&
    USAGES[table.usage[row]!] === usage &&
    checksum[2 * row] === scratch.checksum[0] &&
    checksum[2 * row + 1] === scratch.checksum[1]
  );
}

/** Keeps the file that the verified CSV is in, as it is. */
export async function keepCsv(
  { source, entry }: CsvSource,
  md5: string,
  header: string,
  rawDir: string,
  progress: Progress,
): Promise<ImportRecord> {
  const inFolder = (await stat(source)).isDirectory();
  const file = inFolder ? join(source, entry) : source;
  const name = basename(file);
  const columns = header.replace(/["\s]/g, "");
  const published = PUBLISHED_CSVS.find((csv) => csv.md5 === md5);
  const form = `${columns === "emotion,pixels,Usage" ? "fer2013.csv" : "icml_face_data.csv"}, ${
    published ? `the published file (md5 ${md5})` : `every row the published one's (md5 ${md5}, another file)`
  }`;
  const task = progress.start(`copying ${name}`, undefined, "bytes");
  try {
    return await placeImport(rawDir, FER2013, async (work) => {
      const copied = await copyHashed(file, join(work, name));
      return {
        version: 1,
        dataset: "fer2013",
        form,
        pixels: "exact",
        data: { file: name, ...copied, csv: inFolder ? name : entry },
        source: name,
        warnings: [],
      };
    });
  } finally {
    task.end();
  }
}
