import { pixelSha256 } from "@fer-bench/datasets";
import type { CsvRow } from "./csv.ts";
import { SIDE, USAGES } from "./facts.ts";
import { enterFingerprint } from "./fingerprints.ts";
import { type CsvSource, csvRows } from "./import-csv.ts";
import { emptyTable, type RowTable } from "./table.ts";

/** The table of a CSV's rows. */
export async function tableOfCsv(csv: CsvSource): Promise<RowTable> {
  const rows: CsvRow[] = [];
  for await (const row of csvRows(csv)) rows.push(row);
  return tableOfRows(rows);
}

/** The table of rows 0, 1, 2 ... */
export function tableOfRows(rows: readonly Omit<CsvRow, "row">[]): RowTable {
  const table = emptyTable(rows.length);
  for (const [row, { label, usage, pixels }] of rows.entries()) {
    table.label[row] = label;
    table.usage[row] = USAGES.indexOf(usage);
    const sha256 = pixelSha256({ width: SIDE, height: SIDE, channels: 1, data: pixels });
    enterFingerprint(table.prints, row, pixels, sha256);
  }
  return table;
}
