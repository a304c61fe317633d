import { grouped, percent } from "./format.ts";
import type { BackboneCard } from "./request.ts";
import type { Table } from "./table.ts";

/** Where the evidence for the model's answers lies in the pictures of one class. */
export interface AttentionRow {
  class: string;
  answers: "right" | "wrong";
  n: number;
  /** Mean shares of the evidence in the upper, the middle and the lower third of the picture. */
  thirds: readonly [number, number, number];
}

export function attentionTable(
  target: { name: string; title: string; split: string },
  rows: readonly AttentionRow[],
  { layer, method }: { layer: string; method: string },
  backbone: BackboneCard,
): Table<AttentionRow> {
  const third = (heading: string, key: string, place: 0 | 1 | 2) => ({
    heading,
    numeric: true,
    text: ({ thirds }: AttentionRow) => percent(thirds[place], 1),
    values: ({ thirds }: AttentionRow) => ({ [key]: thirds[place] }),
  });
  return {
    name: `attention-${target.name}`,
    caption: `Where the evidence for the answers lies on ${target.title}, ${target.split} split, % of it`,
    rows,
    columns: [
      { heading: "True class", text: (row) => row.class, values: (row) => ({ class: row.class }) },
      { heading: "Answers", text: ({ answers }) => answers, values: ({ answers }) => ({ answers }) },
      { heading: "n", numeric: true, text: ({ n }) => grouped(n), values: ({ n }) => ({ n }) },
      third("Upper third", "upper", 0),
      third("Middle third", "middle", 1),
      third("Lower third", "lower", 2),
      { heading: "Backbone", values: () => ({ backbone: backbone.title }) },
    ],
    notes: [
      `Means over the pictures, of ${method} at ${layer}; for wrong answers the evidence for the class that was answered. Pictures without any evidence are left out.`,
      ...(backbone.note === undefined ? [] : [backbone.note]),
    ],
  };
}
