import { FerBenchError } from "@fer-bench/artifacts";
import { CsvError, parse } from "csv-parse/sync";

/** A CSV's rows by its header's names. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/**
 * Reads a small CSV (RFC 4180) with a header. Errors: `bad-data` naming the line where a row is not whole, or a column
 * of `needed` is not there.
 */
export function readTable(bytes: Buffer, file: string, needed: readonly string[] = []): Table {
  let columns: string[] = [];
  try {
    const rows = parse(bytes, {
      bom: true,
      skip_empty_lines: true,
      trim: true,
      columns: (header: string[]) => {
        columns = header;
        return header;
      },
    }) as Record<string, string>[];
    const missing = needed.filter((name) => !columns.includes(name));
    if (missing.length > 0) {
      throw new FerBenchError("bad-data", `it has no column ${missing.join(", ")}`, {
        file,
        field: columns.join(","),
        remedy: `its header must have ${needed.join(", ")}`,
      });
    }
    return { columns, rows };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new FerBenchError("bad-data", `the table cannot be read: ${cause.message}`, {
      file,
      remedy: "restore the file, or correct that line",
      cause,
    });
  }
}
