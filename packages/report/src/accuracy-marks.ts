import { ACCENT, MUTED } from "./theme.ts";

/** One cell of a grid on one target, as figures show it. Shares are between 0 and 1. */
export interface CellAccuracy {
  label: string;
  accuracy: number;
  /** The ends of its interval. */
  low: number;
  high: number;
}

export interface AccuracyFigureInput<Cell extends CellAccuracy> {
  name: string;
  title: string;
  /** One or more lines. */
  subtitle: readonly string[];
  cells: readonly Cell[];
  /** Accuracy of the majority class. */
  majority: number;
}

/** A cell's values as the figures' data. */
export function inPercent({ accuracy, low, high }: CellAccuracy) {
  return { accuracy: 100 * accuracy, low: 100 * low, high: 100 * high };
}

/** An axis of accuracies, for one of the fields of `inPercent`. */
export function accuracyAxis(field: "accuracy" | "low" | "high", isLabelled = true) {
  return {
    field,
    type: "quantitative" as const,
    title: isLabelled ? "Accuracy (%)" : null,
    scale: { zero: false, nice: 5, padding: 14 },
    axis: { tickCount: 6, gridOpacity: 0.7, domain: false, ticks: false, labels: isLabelled },
  };
}

export const INTERVAL = { type: "rule", color: ACCENT, strokeWidth: 2 } as const;
export const POINT = { type: "point", filled: true, size: 62, opacity: 1, color: ACCENT } as const;

/** The majority class's accuracy as data, as a dashed line, and its name beside that. */
export const MAJORITY_LINE = { type: "rule" as const, color: MUTED, strokeDash: [4, 3] };
export const MAJORITY_NAME = { type: "text", color: MUTED, fontSize: 11 } as const;
export function majorityData(majority: number) {
  return { values: [{ accuracy: 100 * majority, text: "majority class" }] };
}

/** For a reader who does not see the figure: all that it says. */
export function describeAccuracies(input: AccuracyFigureInput<CellAccuracy>, how: string): string {
  const { title, subtitle, cells, majority } = input;
  const each = cells.map(({ label, accuracy }) => `${label} ${(100 * accuracy).toFixed(2)}%`);
  return `${title}, ${subtitle.join(", ")}: accuracy with 95% intervals ${how}. ${each.join(", ")}; the majority class ${(100 * majority).toFixed(2)}%.`;
}
