import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import { MUTED } from "./theme.ts";

/** One run of a benchmark on a data set. */
export interface KeptAccuracy {
  benchmark: string;
  /** ISO 8601 */
  keptAt: string;
  /** Shares between 0 and 1. */
  accuracy: number;
  low: number;
  high: number;
}

/** Accuracy of every kept run with its interval, a line a benchmark. Times are UTC. */
export function accuracyOverTimeFigure(input: {
  name: string;
  title: string;
  runs: readonly KeptAccuracy[];
}): Promise<Figure> {
  const { name, title, runs } = input;
  const benchmarks = [...new Set(runs.map(({ benchmark }) => benchmark))].sort();
  const values = runs.map(({ benchmark, keptAt, accuracy, low, high }) => ({
    number: benchmarks.indexOf(benchmark),
    keptAt,
    accuracy: 100 * accuracy,
    low: 100 * low,
    high: 100 * high,
  }));
  const x = {
    field: "keptAt",
    type: "temporal" as const,
    title: "Kept (UTC)",
    scale: { type: "utc" as const },
    axis: { grid: false, tickCount: 5, labelOverlap: true },
  };
  const y = (field: "accuracy" | "low") => ({
    field,
    type: "quantitative" as const,
    title: "Accuracy (%)",
    scale: { zero: false, nice: 5 },
    axis: { tickCount: 5, gridOpacity: 0.7, domain: false, ticks: false },
  });
  const color = {
    field: "number",
    type: "nominal" as const,
    scale: { scheme: "tableau10" as const, domain: benchmarks.map((_, i) => i) },
    legend: {
      labelExpr: classNameExpression(benchmarks),
      labelLimit: 260,
      orient: "bottom" as const,
      columns: 2,
    },
  };
  return drawFigure(
    name,
    `${title}: accuracy of ${runs.length} runs of ${benchmarks.join(", ")} over time.`,
    {
      title: {
        text: title,
        subtitle: `${runs.length} kept runs, bars are 95% intervals`,
        subtitleColor: MUTED,
      },
      width: 640,
      height: 220,
      data: { values },
      encoding: { x, color },
      layer: [
        { mark: { type: "line", strokeWidth: 1.5 }, encoding: { y: y("accuracy") } },
        { mark: { type: "rule", strokeWidth: 1.5 }, encoding: { y: y("low"), y2: { field: "high" } } },
        { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { y: y("accuracy") } },
      ],
    },
  );
}
