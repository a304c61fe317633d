import type { BootstrapInterval, ClassificationScores, EvaluationMetrics } from "@fer-bench/metrics";
import { cellColumns } from "./cell-columns.ts";
import { ABSENT, grouped, percent } from "./format.ts";
import type { EvaluationInput, PublishedRow } from "./request.ts";
import type { Column, Scalar, Table } from "./table.ts";

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
  /** Wilson's interval. */
  low: number | null;
  high: number | null;
  /** What accuracies of samples drawn anew are within; null where nobody drew. */
  bootstrap: { low: number; high: number; groups: number | null } | null;
  /** How many runs that differ in their seed alone it is the mean of; null where it is none of ours. */
  seeds: number | null;
  /** Of the accuracy over these runs. */
  deviation: number | null;
  balancedAccuracy: number | null;
  macroF1: number | null;
  /** What the number needs said. */
  caveat: string | null;
  /** Where a published number is from. */
  reference: string | null;
  /** Where it is a cell of the page's grid. */
  cell?: CellFacts;
  /** Accuracy of the same model without the test images whose pictures it was trained on; null where that is not known. */
  unseen: { exactly: number | null; nearly: number | null };
}

/** What a grid's table tells of a cell besides its accuracy. */
export interface CellFacts {
  name: string;
  /** What it varies besides the backbone, by label. */
  values: Readonly<Record<string, Scalar>>;
  /** Of the backbone; null where its features stage did not say. */
  parameters: number | null;
  /** Floating-point operations of one image through the backbone. */
  flops: number | null;
  /** Length of a feature vector. */
  features: number;
  /** Of the epoch that was kept, on the split that chose it; null where nothing was trained. */
  selectionAccuracy: number | null;
}

export type TargetMetrics = EvaluationMetrics["targets"][number];

const CAVEAT_MARKS = ["†", "‡", "§", "¶"];

const UNKNOWN = { exactly: null, nearly: null };

export function measuredRow(
  { metrics, unseen }: TargetMetrics,
  model: Pick<EvaluationInput, "method" | "backbone" | "trainedOn" | "selectedOn"> & {
    own: boolean;
    cell?: CellFacts;
  },
): AccuracyRow {
  return {
    kind: "measured",
    own: model.own,
    method: model.method,
    backbone: model.backbone.title,
    trainedOn: model.trainedOn,
    selectedOn: model.selectedOn,
    ...scoresOf(metrics),
    caveat: model.backbone.note ?? null,
    reference: null,
    seeds: 1,
    deviation: null,
    ...(model.cell && { cell: model.cell }),
    unseen: {
      exactly: unseen?.exactly.scores?.accuracy.value ?? null,
      nearly: unseen?.nearly?.scores?.accuracy.value ?? null,
    },
  };
}

const VIEWS: Readonly<Record<string, string>> = {
  flip: "each image and its mirror image",
  tenCrop: "ten crops of each image",
};

/** The model of a measured row with its probabilities averaged over views of each test image. */
export function averagedRows(row: AccuracyRow, { averaged = [] }: TargetMetrics): AccuracyRow[] {
  return averaged.map(({ views, metrics }) => ({
    ...row,
    own: false,
    method: `the same, averaged over ${VIEWS[views] ?? views}`,
    ...scoresOf(metrics),
    unseen: UNKNOWN,
  }));
}

/** The model of a measured row on the test images that it was not trained on; none where it was trained on none of them. */
export function unseenRows(row: AccuracyRow, { unseen }: TargetMetrics): AccuracyRow[] {
  const pictures = [
    { of: unseen?.exactly, words: "that it was trained on" },
    { of: unseen?.nearly, words: "that it was trained on, or nearly" },
  ];
  return pictures.flatMap(({ of, words }) => {
    if (of === undefined || of.removed === 0 || of.scores === null) return [];
    const images = of.removed === 1 ? "one test image" : `${grouped(of.removed)} test images`;
    return {
      ...row,
      own: false,
      method: `the same without the ${images} ${words}`,
      ...scoresOf(of.scores),
      unseen: UNKNOWN,
    };
  });
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
    ...scoresOf(scores),
    seeds: null,
    deviation: null,
    caveat: null,
    reference: null,
    unseen: UNKNOWN,
  };
}

export function scoresOf({ n, accuracy, balancedAccuracy, macroF1, bootstrap }: ClassificationScores) {
  const { value, low, high } = accuracy;
  return {
    n,
    accuracy: value,
    low,
    high,
    bootstrap: bootstrap === undefined ? null : intervalOf(bootstrap.accuracy),
    balancedAccuracy,
    macroF1,
  };
}

/** The interval of an accuracy that holds: of whole subjects where they are known, Wilson's where not. */
export function intervalWords({ accuracy, bootstrap }: ClassificationScores): string {
  const bySubject = bootstrap !== undefined && bootstrap.accuracy.groups !== null;
  const { low, high } = bySubject ? bootstrap.accuracy : accuracy;
  const words = `95% interval ${percent(low)}–${percent(high)}%`;
  return bySubject ? `${words} over ${bootstrap.accuracy.groups} subjects` : words;
}

function intervalOf({ low, high, groups }: BootstrapInterval): AccuracyRow["bootstrap"] {
  return { low, high, groups };
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
    bootstrap: null,
    seeds: null,
    deviation: null,
    balancedAccuracy: null,
    macroF1: null,
    caveat: null,
    reference: [row.source, row.citation, row.note].filter((part) => part !== undefined).join(". "),
    unseen: UNKNOWN,
  };
}

/**
 * Models on one target, measured ones first; what a source does not state stays open. Cells of a grid have columns of
 * their own, and what all measured rows were trained and selected on stands in the caption.
 */
export function accuracyTable(
  target: { name: string; title: string; split: string },
  rows: readonly AccuracyRow[],
): Table<AccuracyRow> {
  const caveats = distinct(rows.map(({ caveat }) => caveat));
  const references = distinct(rows.map(({ reference }) => reference));
  const mark = ({ caveat }: AccuracyRow) =>
    caveat === null ? "" : ` ${CAVEAT_MARKS[caveats.indexOf(caveat) % CAVEAT_MARKS.length]}`;
  const share = (value: number | null) => (value === null ? null : percent(value));
  const cell = cellColumns(rows);
  const training = cell.ofBackbone.length > 0 ? commonTraining(rows) : undefined;
  const isSaidOnce = training !== undefined;
  return {
    name: `accuracy-${target.name}`,
    caption: `Accuracy on ${target.title}, ${target.split} split${isSaidOnce ? `; measured: ${training}` : ""}`,
    rows,
    emphasis: ({ own }) => own,
    columns: [
      { heading: "Method", text: ({ method }) => method, values: ({ method }) => ({ method }) },
      {
        heading: "Backbone, weights",
        text: (row) => (row.backbone === null ? null : `${row.backbone}${mark(row)}`),
        values: ({ backbone, caveat }) => ({ backbone, caveat }),
      },
      ...cell.ofBackbone,
      {
        heading: "Trained on",
        ...(!isSaidOnce && { text: ({ trainedOn }) => trainedOn }),
        values: ({ trainedOn }) => ({ trained_on: trainedOn }),
      },
      {
        heading: "Selected on",
        ...(!isSaidOnce && { text: ({ selectedOn }) => selectedOn }),
        values: ({ selectedOn }) => ({ selected_on: selectedOn }),
      },
      ...cell.ofSelection,
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
      ...seedColumns(rows),
      {
        heading: "95% interval",
        numeric: true,
        text: ({ low, high }) => (low === null || high === null ? null : `${percent(low)}–${percent(high)}`),
        values: ({ low, high }) => ({ accuracy_low: low, accuracy_high: high }),
      },
      ...bootstrapColumns(rows),
      ...unseenColumns(rows),
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
      ...intervalNotes(rows),
      `Balanced accuracy is the mean recall of the classes. Published rows are quoted, not measured here; ${ABSENT} stands for what their source does not state, or what does not apply.`,
      ...cell.notes,
      ...references.map((reference, i) => `[${i + 1}] ${reference}`),
    ],
  };
}

function bootstrapColumns(rows: readonly AccuracyRow[]): Column<AccuracyRow>[] {
  const isPrinted = rows.some(({ bootstrap }) => bootstrap !== null);
  return [
    {
      heading: "Bootstrap",
      numeric: true,
      ...(isPrinted && {
        text: ({ bootstrap }: AccuracyRow) =>
          bootstrap === null ? null : `${percent(bootstrap.low)}–${percent(bootstrap.high)}`,
      }),
      values: ({ bootstrap }) => ({
        accuracy_bootstrap_low: bootstrap?.low ?? null,
        accuracy_bootstrap_high: bootstrap?.high ?? null,
        accuracy_bootstrap_groups: bootstrap?.groups ?? null,
      }),
    },
  ];
}

/** Printed where a row is the mean of several runs; how many, where it is no cell, whose seeds are named already. */
function seedColumns(rows: readonly AccuracyRow[]): Column<AccuracyRow>[] {
  const means = rows.filter(({ deviation }) => deviation !== null);
  return [
    {
      heading: "±",
      numeric: true,
      ...(means.length > 0 && {
        text: ({ deviation }: AccuracyRow) => (deviation === null ? null : percent(deviation)),
      }),
      values: ({ deviation }) => ({ accuracy_deviation: deviation }),
    },
    {
      heading: "Seeds",
      numeric: true,
      ...(means.some(({ cell }) => cell === undefined) && {
        text: ({ seeds }: AccuracyRow) => (seeds === null ? null : String(seeds)),
      }),
      values: ({ seeds }) => ({ seeds }),
    },
  ];
}

/** How the intervals came about. */
function intervalNotes(rows: readonly AccuracyRow[]): string[] {
  const drawn = rows.flatMap(({ bootstrap }) => bootstrap ?? []);
  const subjects = [...new Set(drawn.flatMap(({ groups }) => groups ?? []))];
  const bySubject =
    subjects.length > 0 &&
    `, here the ${subjects.map(grouped).join(" or ")} subjects drawn whole: images of one person are not independent, for which Wilson's takes them`;
  return [
    `The 95% interval is Wilson's${drawn.length > 0 ? `, Bootstrap the middle 95% of 2,000 test sets drawn anew from the same samples${bySubject || ""}` : ""}.${
      rows.some(({ deviation }) => deviation !== null)
        ? " Rows of several seeds are means of runs that differ in their seed alone, ± their standard deviation (n - 1)."
        : ""
    }`,
  ];
}

/**
 * What a model reaches on test images that it was not trained on: printed where rows are cells, which have no row of
 * their own for it, and where it differs.
 */
function unseenColumns(rows: readonly AccuracyRow[]): Column<AccuracyRow>[] {
  const kinds = [
    { kind: "exactly", heading: "Not trained on, %" },
    { kind: "nearly", heading: "Nor nearly, %" },
  ] as const;
  return kinds.map(({ kind, heading }) => {
    const isPrinted = rows.some(
      ({ cell, accuracy, unseen }) =>
        cell !== undefined && unseen[kind] !== null && unseen[kind] !== accuracy,
    );
    return {
      heading,
      numeric: true,
      ...(isPrinted && {
        text: ({ unseen }: AccuracyRow) => (unseen[kind] === null ? null : percent(unseen[kind])),
      }),
      values: ({ unseen }) => ({ [`accuracy_not_${kind}_trained_on`]: unseen[kind] }),
    };
  });
}

/** What all measured rows were trained and selected on; undefined where they differ, or one was not trained. */
function commonTraining(rows: readonly AccuracyRow[]): string | undefined {
  const measured = rows.filter(({ kind }) => kind === "measured");
  const { trainedOn, selectedOn } = measured[0]!;
  const differ = measured.some((row) => row.trainedOn !== trainedOn || row.selectedOn !== selectedOn);
  if (differ || trainedOn === null || selectedOn === null) return undefined;
  return `trained on ${trainedOn}, epochs selected on ${selectedOn}`;
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
