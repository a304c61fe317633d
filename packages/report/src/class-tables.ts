import type { ClassificationScores, ClassScores, Metrics } from "@fer-bench/metrics";
import { ABSENT, grouped, percent } from "./format.ts";
import type { BackboneCard } from "./request.ts";
import type { Column, Table } from "./table.ts";

/** Precision, recall and F1 of each class. */
export function perClassTable(
  target: { name: string; title: string; split: string },
  scores: Metrics,
  backbone: BackboneCard,
): Table<ClassScores> {
  return {
    name: `per-class-${target.name}`,
    caption: `Precision, recall and F1 on ${target.title}, ${target.split} split`,
    rows: scores.perClass,
    columns: [
      { heading: "Class", text: (row) => row.class, values: (row) => ({ class: row.class }) },
      {
        heading: "n",
        numeric: true,
        text: ({ support }) => grouped(support),
        values: ({ support }) => ({ n: support }),
      },
      {
        heading: "Predicted",
        numeric: true,
        text: ({ predicted }) => grouped(predicted),
        values: ({ predicted }) => ({ predicted }),
      },
      {
        heading: "Precision, %",
        numeric: true,
        text: ({ precision, predicted }) => (predicted === 0 ? null : percent(precision)),
        values: ({ precision, predicted }) => ({ precision: predicted === 0 ? null : precision }),
      },
      {
        heading: "Recall, %",
        numeric: true,
        text: ({ recall, support }) => (support === 0 ? null : percent(recall)),
        values: ({ recall, support }) => ({ recall: support === 0 ? null : recall }),
      },
      {
        heading: "F1, %",
        numeric: true,
        text: ({ f1, support, predicted }) => (support + predicted === 0 ? null : percent(f1)),
        values: ({ f1, support, predicted }) => ({ f1: support + predicted === 0 ? null : f1 }),
      },
      ...rankingColumns(scores),
      backboneColumn(backbone),
    ],
    notes: [
      `Balanced accuracy ${percent(scores.balancedAccuracy)}%, macro precision, recall and F1 ${percent(scores.macroPrecision)}, ${percent(scores.macroRecall)} and ${percent(scores.macroF1)}%, weighted ${percent(scores.weightedPrecision)}, ${percent(scores.accuracy.value)} and ${percent(scores.weightedF1)}%; Cohen's kappa ${scores.cohenKappa.toFixed(3)}, Matthews' correlation ${scores.matthewsCorrelation.toFixed(3)}. ROC area and average precision are of a class against the others.`,
      ...(scores.perClass.some(({ support, predicted }) => support === 0 || predicted === 0)
        ? [`${ABSENT} stands where a class has no samples, or was never predicted: the ratio is undefined.`]
        : []),
      ...(backbone.note === undefined ? [] : [backbone.note]),
    ],
  };
}

function rankingColumns({ ranking }: Metrics): Column<ClassScores>[] {
  const column = (heading: string, key: string, of: "rocAuc" | "averagePrecision"): Column<ClassScores> => {
    const value = (row: ClassScores) => ranking.find((one) => one.class === row.class)![of];
    return {
      heading,
      numeric: true,
      text: (row) => value(row)?.toFixed(3) ?? null,
      values: (row) => ({ [key]: value(row) }),
    };
  };
  return [
    column("ROC area", "roc_auc", "rocAuc"),
    column("Average precision", "average_precision", "averagePrecision"),
  ];
}

/** The confusion matrix as counts: a row per true class, a column per predicted class. */
export function confusionTable(
  target: { name: string; title: string; split: string },
  scores: ClassificationScores,
  backbone: BackboneCard,
): Table<number> {
  const { classes, confusion } = scores;
  return {
    name: `confusion-${target.name}`,
    caption: `Confusion matrix on ${target.title}, ${target.split} split: rows are true classes, columns predictions`,
    rows: classes.map((_, c) => c),
    columns: [
      { heading: "True \\ predicted", text: (c) => classes[c]!, values: (c) => ({ true: classes[c]! }) },
      ...classes.map((name, predicted) => ({
        heading: name,
        numeric: true,
        text: (c: number) => grouped(confusion[c]![predicted]!),
        values: (c: number) => ({ [`predicted_${name}`]: confusion[c]![predicted]! }),
      })),
      backboneColumn(backbone),
    ],
    notes: backbone.note === undefined ? [] : [backbone.note],
  };
}

/** For programs: CSV has no room for notes, yet every row says what it rests on. */
function backboneColumn({ title }: BackboneCard): Column<unknown> {
  return { heading: "Backbone", values: () => ({ backbone: title }) };
}
