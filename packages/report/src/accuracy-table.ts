import type { EvaluationMetrics } from "@fer-bench/metrics";
import { ABSENT, grouped, percent } from "./format.ts";
import type { EvaluationInput, PublishedRow } from "./request.ts";
import type { Table } from "./table.ts";

/** One model on one target. */
export interface AccuracyRow {
  kind: "measured" | "baseline" | "published";
  /** The page's own result. */
  own: boolean;
  method: string;
  backbone: string | null;
  trainedOn: string | null;
  selectedOn: string | null;
  n: number | null;
  accuracy: number;
  low: number | null;
  high: number | null;
  balancedAccuracy: number | null;
  macroF1: number | null;
  /** What the number needs said. */
  caveat: string | null;
  /** Where a published number is from. */
  reference: string | null;
}

export type TargetMetrics = EvaluationMetrics["targets"][number];

const CAVEAT_MARKS = ["†", "‡", "§", "¶"];

export function measuredRow(
  { metrics }: TargetMetrics,
  model: Pick<EvaluationInput, "method" | "backbone" | "trainedOn" | "selectedOn"> & { own: boolean },
): AccuracyRow {
  return {
    kind: "measured",
    own: model.own,
    method: model.method,
    backbone: model.backbone.title,
    trainedOn: model.trainedOn,
    selectedOn: model.selectedOn,
    n: metrics.n,
    accuracy: metrics.accuracy.value,
    low: metrics.accuracy.low,
    high: metrics.accuracy.high,
    balancedAccuracy: metrics.balancedAccuracy,
    macroF1: metrics.macroF1,
    caveat: model.backbone.note ?? null,
    reference: null,
  };
}

export function majorityRow({ majority }: TargetMetrics, trainedOn: string): AccuracyRow {
  const { scores } = majority;
  return {
    kind: "baseline",
    own: false,
    method: `majority class: always “${majority.class}”`,
    backbone: null,
    trainedOn,
    selectedOn: null,
    n: scores.n,
    accuracy: scores.accuracy.value,
    low: scores.accuracy.low,
    high: scores.accuracy.high,
    balancedAccuracy: scores.balancedAccuracy,
    macroF1: scores.macroF1,
    caveat: null,
    reference: null,
  };
}

export function publishedRow(row: PublishedRow): AccuracyRow {
  return {
    kind: "published",
    own: false,
    method: row.method,
    backbone: row.backbone,
    trainedOn: null,
    selectedOn: row.selectedOn ?? null,
    n: row.n ?? null,
    accuracy: row.accuracy,
    low: null,
    high: null,
    balancedAccuracy: null,
    macroF1: null,
    caveat: null,
    reference: [row.source, row.citation, row.note].filter((part) => part !== undefined).join(". "),
  };
}

/** Models on one target, measured ones first; what a source does not state stays open. */
export function accuracyTable(
  target: { name: string; title: string; split: string },
  rows: readonly AccuracyRow[],
): Table<AccuracyRow> {
  const caveats = distinct(rows.map(({ caveat }) => caveat));
  const references = distinct(rows.map(({ reference }) => reference));
  const mark = ({ caveat }: AccuracyRow) =>
    caveat === null ? "" : ` ${CAVEAT_MARKS[caveats.indexOf(caveat) % CAVEAT_MARKS.length]}`;
  const share = (value: number | null) => (value === null ? null : percent(value));
  return {
    name: `accuracy-${target.name}`,
    caption: `Accuracy on ${target.title}, ${target.split} split`,
    rows,
    emphasis: ({ own }) => own,
    columns: [
      { heading: "Method", text: ({ method }) => method, values: ({ method }) => ({ method }) },
      {
        heading: "Backbone, weights",
        text: (row) => (row.backbone === null ? null : `${row.backbone}${mark(row)}`),
        values: ({ backbone, caveat }) => ({ backbone, caveat }),
      },
      {
        heading: "Trained on",
        text: ({ trainedOn }) => trainedOn,
        values: ({ trainedOn }) => ({ trained_on: trainedOn }),
      },
      {
        heading: "Selected on",
        text: ({ selectedOn }) => selectedOn,
        values: ({ selectedOn }) => ({ selected_on: selectedOn }),
      },
      {
        heading: "n",
        numeric: true,
        text: ({ n }) => (n === null ? null : grouped(n)),
        values: ({ n }) => ({ n }),
      },
      {
        heading: "Accuracy, %",
        numeric: true,
        text: ({ accuracy }) => percent(accuracy),
        values: ({ accuracy }) => ({ accuracy }),
      },
      {
        heading: "95% interval",
        numeric: true,
        text: ({ low, high }) => (low === null || high === null ? null : `${percent(low)}–${percent(high)}`),
        values: ({ low, high }) => ({ accuracy_low: low, accuracy_high: high }),
      },
      {
        heading: "Balanced, %",
        numeric: true,
        text: ({ balancedAccuracy }) => share(balancedAccuracy),
        values: ({ balancedAccuracy }) => ({ balanced_accuracy: balancedAccuracy }),
      },
      {
        heading: "Macro F1, %",
        numeric: true,
        text: ({ macroF1 }) => share(macroF1),
        values: ({ macroF1 }) => ({ macro_f1: macroF1 }),
      },
      {
        heading: "Kind",
        text: ({ kind, reference }) =>
          reference === null ? kind : `${kind} [${references.indexOf(reference) + 1}]`,
        values: ({ kind, reference }) => ({ kind, reference }),
      },
    ],
    notes: [
      ...caveats.map((caveat, i) => `${CAVEAT_MARKS[i % CAVEAT_MARKS.length]} ${caveat}`),
      `Intervals are Wilson's; balanced accuracy is the mean recall of the classes. Published rows are quoted, not measured here; ${ABSENT} stands for what their source does not state, or what does not apply.`,
      ...references.map((reference, i) => `[${i + 1}] ${reference}`),
    ],
  };
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
