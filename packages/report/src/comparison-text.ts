import type { ClassComparison, ComparedMetric, Comparison, Flip, TargetComparison } from "./compare-runs.ts";
import { percent, signed, signedPercent } from "./format.ts";
import { type Table, tableMarkdown } from "./table.ts";

const NAMES: Readonly<Record<ComparedMetric, string>> = {
  accuracy: "Accuracy, %",
  balancedAccuracy: "Balanced accuracy, %",
  macroF1: "Macro F1, %",
  weightedF1: "Weighted F1, %",
  cohenKappa: "Cohen's kappa",
  matthewsCorrelation: "Matthews' correlation",
  logLoss: "Cross-entropy, nats",
  brierScore: "Brier score",
  expectedCalibrationError: "Calibration error, %",
};
const MOST_FLIPS = 20;

/** A comparison as sentences and Markdown tables, for a terminal and for pasting into an issue. */
export function comparisonText({ first, second, targets, differences }: Comparison): string {
  const parts = targets.flatMap((target) => [
    targetSentences(target, first, second).join("\n"),
    tableMarkdown(metricsTable(target, first, second)),
    tableMarkdown(classesTable(target, first, second)),
    tableMarkdown(flipsTable(target, first, second)),
  ]);
  return [
    `${first} (first) and ${second} (second)`,
    ...parts,
    tableMarkdown(differencesTable(differences, first, second)),
  ]
    .map((part) => part.trimEnd())
    .join("\n\n");
}

function targetSentences(
  { target, split, n, onlyInFirst, onlyInSecond, mcnemar, bootstrap }: TargetComparison,
  first: string,
  second: string,
): string[] {
  const { onlyFirst, onlySecond, exact, chiSquare, corrected } = mcnemar;
  const alone = [
    ...(onlyInFirst > 0 ? [`${onlyInFirst} samples of ${first} alone are left out`] : []),
    ...(onlyInSecond > 0 ? [`${onlyInSecond} samples of ${second} alone are left out`] : []),
  ];
  return [
    `${target}, ${split} split, ${n} samples in common${alone.length > 0 ? `; ${alone.join(", ")}` : ""}.`,
    `McNemar: ${onlyFirst} right in ${first} alone, ${onlySecond} in ${second} alone; exact p ${pValue(exact.p)}, chi-square ${chiSquare.statistic.toFixed(2)} (p ${pValue(chiSquare.p)}), corrected ${corrected.statistic.toFixed(2)} (p ${pValue(corrected.p)}).`,
    ...bootstrap.map(
      ({ metric, difference: { value, low, high, p, resamples, groups } }) =>
        `${NAMES[metric].replace(", %", "")}: ${signedPercent(value)} points, 95% interval ${signedPercent(low)} to ${signedPercent(high)}, p ${pValue(p)} (paired bootstrap, ${resamples} resamples${groups === null ? "" : ` of ${groups} subjects`}).`,
    ),
  ];
}

function metricsTable(
  { target, metrics }: TargetComparison,
  first: string,
  second: string,
): Table<TargetComparison["metrics"][number]> {
  const text = (metric: ComparedMetric, value: number) =>
    NAMES[metric].endsWith("%") ? percent(value) : value.toFixed(4);
  return {
    name: `compare-${target}`,
    caption: `Metrics on ${target}`,
    rows: metrics,
    notes: [],
    columns: [
      { heading: "Metric", text: ({ metric }) => NAMES[metric], values: ({ metric }) => ({ metric }) },
      {
        heading: first,
        numeric: true,
        text: (row) => text(row.metric, row.first),
        values: (row) => ({ first: row.first }),
      },
      {
        heading: second,
        numeric: true,
        text: (row) => text(row.metric, row.second),
        values: (row) => ({ second: row.second }),
      },
      {
        heading: "Difference",
        numeric: true,
        text: (row) => signed(text(row.metric, row.difference)),
        values: (row) => ({ difference: row.difference }),
      },
    ],
  };
}

function classesTable(
  { target, classes }: TargetComparison,
  first: string,
  second: string,
): Table<ClassComparison> {
  const share = (heading: string, key: string, of: (row: ClassComparison) => number, isSigned = false) => ({
    heading,
    numeric: true,
    text: (row: ClassComparison) => (isSigned ? signedPercent(of(row)) : percent(of(row))),
    values: (row: ClassComparison) => ({ [key]: of(row) }),
  });
  return {
    name: `compare-classes-${target}`,
    caption: `Classes on ${target}, per cent`,
    rows: classes,
    notes: [],
    columns: [
      { heading: "Class", text: (row) => row.class, values: (row) => ({ class: row.class }) },
      {
        heading: "n",
        numeric: true,
        text: ({ support }) => String(support),
        values: ({ support }) => ({ n: support }),
      },
      share(`Recall, ${first}`, "recall_first", ({ recall }) => recall.first),
      share(`Recall, ${second}`, "recall_second", ({ recall }) => recall.second),
      share("Change", "recall_difference", ({ recall }) => recall.difference, true),
      share(`Precision, ${first}`, "precision_first", ({ precision }) => precision.first),
      share(`Precision, ${second}`, "precision_second", ({ precision }) => precision.second),
      share("Change", "precision_difference", ({ precision }) => precision.difference, true),
    ],
  };
}

/** The surest flips: those that a reader should look at first. */
function flipsTable({ target, flipped }: TargetComparison, first: string, second: string): Table<Flip> {
  const sureness = (flip: Flip) => flip.first.confidence + flip.second.confidence;
  const taken = ({ predicted, confidence }: Flip["first"]) => `${predicted} (${percent(confidence, 0)}%)`;
  return {
    name: `compare-flipped-${target}`,
    caption: `Samples of ${target} taken for another class: ${flipped.length}${
      flipped.length > MOST_FLIPS ? `, the ${MOST_FLIPS} surest` : ""
    }`,
    rows: [...flipped].sort((a, b) => sureness(b) - sureness(a)).slice(0, MOST_FLIPS),
    notes: flipped.length > MOST_FLIPS ? ["All of them: --json."] : [],
    columns: [
      { heading: "Sample", text: ({ id }) => id, values: ({ id }) => ({ id }) },
      { heading: "True", text: ({ label }) => label, values: ({ label }) => ({ label }) },
      { heading: first, text: (row) => taken(row.first), values: (row) => ({ first: row.first.predicted }) },
      {
        heading: second,
        text: (row) => taken(row.second),
        values: (row) => ({ second: row.second.predicted }),
      },
      { heading: "Right", text: ({ right }) => right, values: ({ right }) => ({ right }) },
    ],
  };
}

function differencesTable(
  differences: Comparison["differences"],
  first: string,
  second: string,
): Table<Comparison["differences"][number]> {
  const text = (value: unknown) =>
    value === null ? null : typeof value === "string" ? value : JSON.stringify(value);
  return {
    name: "compare-differences",
    caption: differences.length === 0 ? "What was different: nothing that is recorded" : "What was different",
    rows: differences,
    notes: [],
    columns: [
      { heading: "Field", text: ({ field }) => field, values: ({ field }) => ({ field }) },
      { heading: first, text: (row) => text(row.first), values: (row) => ({ first: text(row.first) }) },
      { heading: second, text: (row) => text(row.second), values: (row) => ({ second: text(row.second) }) },
    ],
  };
}

function pValue(p: number): string {
  return p < 0.0001 ? p.toExponential(1) : p.toFixed(4);
}
