import type { Metrics } from "@fer-bench/metrics";
import { percent } from "./format.ts";
import type { BackboneCard } from "./request.ts";
import { mean } from "./seed-means.ts";
import type { Column, Table } from "./table.ts";

/** What the probabilities of a grid's cell are worth. */
export interface ConfidenceRow {
  label: string;
  /** The cell's own. */
  name: string;
  isChosen: boolean;
  backbone: BackboneCard;
  metrics: Metrics;
}

/** What the probabilities of models on one target are worth, a row each. */
export function confidenceTable(
  target: { name: string; title: string; split: string },
  rows: readonly ConfidenceRow[],
): Table<ConfidenceRow> {
  return {
    name: `confidence-${target.name}`,
    caption: `What probabilities are worth on ${target.title}, ${target.split} split`,
    rows,
    emphasis: ({ isChosen }) => isChosen,
    columns: [
      {
        heading: "Cell",
        text: ({ label }) => label,
        values: ({ name, label }) => ({ cell: name, label }),
      },
      {
        heading: "Backbone, weights",
        text: ({ backbone }) => backbone.title,
        values: ({ backbone }) => ({ backbone: backbone.title, caveat: backbone.note ?? null }),
      },
      share("ECE, %", "expected_calibration_error", ({ calibration }) => calibration.expectedError),
      share("Largest gap, %", "largest_calibration_error", ({ calibration }) => calibration.largestError),
      number("Brier", "brier_score", ({ brierScore }) => brierScore),
      number("Cross-entropy", "log_loss", ({ logLoss }) => logLoss),
      number("ROC AUC", "mean_roc_auc", ({ ranking }) => meanOf(ranking.map(({ rocAuc }) => rocAuc))),
      number("Average precision", "mean_average_precision", ({ ranking }) =>
        meanOf(ranking.map(({ averagePrecision }) => averagePrecision)),
      ),
    ],
    notes: [
      "ECE is the expected calibration error of the most probable class, Largest gap that of the worst bin; Brier sums over classes, 0 to 2; cross-entropy is in nats. ROC AUC and average precision are means over the classes that have samples, each against the others.",
      ...new Set(rows.flatMap(({ backbone }) => backbone.note ?? [])),
    ],
  };
}

type Value = (metrics: Metrics) => number | null;

function share(heading: string, key: string, of: Value): Column<ConfidenceRow> {
  return column(heading, key, of, (value) => percent(value));
}

function number(heading: string, key: string, of: Value): Column<ConfidenceRow> {
  return column(heading, key, of, (value) => value.toFixed(3));
}

function column(
  heading: string,
  key: string,
  of: Value,
  text: (value: number) => string,
): Column<ConfidenceRow> {
  return {
    heading,
    numeric: true,
    text({ metrics }) {
      const value = of(metrics);
      return value === null ? null : text(value);
    },
    values: ({ metrics }) => ({ [key]: of(metrics) }),
  };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
}
