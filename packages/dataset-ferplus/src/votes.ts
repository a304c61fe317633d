import { FerBenchError } from "@fer-bench/artifacts";
import { readTable, type Split } from "@fer-bench/datasets";
import { COLUMNS, FER_PLUS } from "./facts.ts";

/** One row of `fer2013new.csv`: the same of fer2013.csv. */
export interface VotedRow {
  readonly split: Split;
  /** In the order of COLUMNS. */
  readonly votes: readonly number[];
}

const SPLIT_OF_USAGE: Readonly<Record<string, Split>> = {
  Training: "train",
  PublicTest: "validation",
  PrivateTest: "test",
};

/** FerBenchError naming the row that is not whole, or the number of rows where it is not `rows`. */
export function parseVotes(bytes: Buffer, file: string, rows: number): VotedRow[] {
  const table = readTable(bytes, file, ["Usage", ...COLUMNS]);
  const voted = table.rows.map((row, i) => {
    const split = SPLIT_OF_USAGE[row.Usage!];
    const votes = COLUMNS.map((column) => (/^\d+$/.test(row[column]!) ? Number(row[column]) : Number.NaN));
    if (split !== undefined && votes.every(Number.isInteger)) return { split, votes };
    throw new FerBenchError("bad-data", "a row is not a usage and ten numbers of votes", {
      file,
      field: `row ${i}: ${Object.values(row).join(",").slice(0, 80)}`,
      remedy: FER_PLUS.howToImport,
    });
  });
  if (voted.length === rows) return voted;
  throw new FerBenchError("bad-data", `it has ${voted.length} rows; FER-2013 has ${rows} images`, {
    file,
    remedy: FER_PLUS.howToImport,
  });
}
