import type { AccuracyRow, CellFacts } from "./accuracy-table.ts";
import { capitalised, grouped, percent } from "./format.ts";
import type { Column } from "./table.ts";

/** What an accuracy table says where rows are cells of a grid. */
export interface CellColumns {
  /** What the cells vary besides the backbone, and what the backbone costs. */
  ofBackbone: Column<AccuracyRow>[];
  /** How the epoch that was kept did where it was chosen. */
  ofSelection: Column<AccuracyRow>[];
  notes: string[];
}

/** The columns of a grid's cells; none where no row is a cell. */
export function cellColumns(rows: readonly AccuracyRow[]): CellColumns {
  const cells = rows.flatMap(({ cell }) => cell ?? []);
  const [first] = cells;
  if (first === undefined) return { ofBackbone: [], ofSelection: [], notes: [] };
  const split = rows.find(({ cell, selectedOn }) => cell !== undefined && selectedOn !== null)?.selectedOn;
  const selection = capitalised(split ?? "selection");
  return {
    ofBackbone: [
      { heading: "Cell", values: ({ cell }) => ({ cell: cell?.name ?? null }) },
      ...Object.keys(first.values).map((label) => ({
        heading: label,
        text: ({ cell }: AccuracyRow) => (cell === undefined ? null : String(cell.values[label])),
        values: ({ cell }: AccuracyRow) => ({ [label]: cell?.values[label] ?? null }),
      })),
      numbers("Parameters", "parameters", ({ parameters }) => parameters, grouped),
      numbers(
        "MFLOP",
        "flops",
        ({ flops }) => flops,
        (flops) => (flops / 1e6).toFixed(1),
      ),
      numbers("Features", "features", ({ features }) => features, grouped),
    ],
    ofSelection: [
      numbers(
        `${selection}, %`,
        "selection_accuracy",
        ({ selectionAccuracy }) => selectionAccuracy,
        (share) => percent(share),
      ),
    ],
    notes: [
      `Parameters and MFLOP an image (a multiply-add is two) are the backbone's, Features how many it hands to the head. ${selection} is the accuracy there of the epoch that was kept; it chooses among cells, too.`,
    ],
  };
}

function numbers(
  heading: string,
  key: string,
  of: (cell: CellFacts) => number | null,
  text: (value: number) => string,
): Column<AccuracyRow> {
  const value = ({ cell }: AccuracyRow) => (cell === undefined ? null : of(cell));
  return {
    heading,
    numeric: true,
    text(row) {
      const number = value(row);
      return number === null ? null : text(number);
    },
    values: (row) => ({ [key]: value(row) }),
  };
}
