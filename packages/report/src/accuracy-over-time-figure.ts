import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import { counted } from "./format.ts";
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

/** As many are told apart by colour alone (Tableau's ten); a shape for each ten. */
const COLOURS = [
  "#4c78a8",
  "#f58518",
  "#e45756",
  "#72b7b2",
  "#54a24b",
  "#eeca3b",
  "#b279a2",
  "#ff9da6",
  "#9d755d",
  "#bab0ac",
];
const SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];
const DAY = 86_400_000;

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
    keptAt: Date.parse(keptAt),
    accuracy: 100 * accuracy,
    low: 100 * low,
    high: 100 * high,
  }));
  const x = {
    field: "keptAt",
    type: "temporal" as const,
    title: "Kept (UTC)",
    ...timeScale(values.map(({ keptAt }) => keptAt)),
  };
  const y = (field: "accuracy" | "low") => ({
    field,
    type: "quantitative" as const,
    title: "Accuracy (%)",
    scale: { zero: false, nice: 5 },
    axis: { tickCount: 5, gridOpacity: 0.7, domain: false, ticks: false },
  });
  const domain = benchmarks.map((_, i) => i);
  const legend = {
    labelExpr: classNameExpression(benchmarks),
    labelLimit: 300,
    orient: "bottom" as const,
    columns: 2,
  };
  const color = {
    field: "number",
    type: "nominal" as const,
    scale: { domain, range: domain.map((i) => COLOURS[i % COLOURS.length]!) },
    legend,
  };
  const shape = {
    field: "number",
    type: "nominal" as const,
    scale: { domain, range: domain.map((i) => SHAPES[Math.floor(i / COLOURS.length) % SHAPES.length]!) },
    legend,
  };
  return drawFigure(
    name,
    `${title}: accuracy of ${counted(runs.length, "run")} of ${benchmarks.join(", ")} over time.`,
    {
      title: {
        text: title,
        subtitle: `${counted(runs.length, "kept run")}, bars are 95% intervals`,
        subtitleColor: MUTED,
      },
      width: 640,
      height: 220,
      data: { values },
      encoding: { x, color },
      layer: [
        { mark: { type: "line", strokeWidth: 1.5 }, encoding: { y: y("accuracy") } },
        { mark: { type: "rule", strokeWidth: 1.5 }, encoding: { y: y("low"), y2: { field: "high" } } },
        {
          mark: { type: "point", filled: true, size: 55, opacity: 1 },
          encoding: { y: y("accuracy"), shape },
        },
      ],
    },
  );
}

/** Whole days around the runs, with ticks at midnights: runs of one moment have an axis, too. */
function timeScale(times: readonly number[]) {
  const first = Math.floor((Math.min(...times) - DAY / 4) / DAY) * DAY;
  const last = Math.ceil((Math.max(...times) + DAY / 4) / DAY) * DAY;
  const days = (last - first) / DAY;
  const step = Math.ceil(days / 6);
  const ticks = Array.from({ length: Math.floor(days / step) + 1 }, (_, i) => first + i * step * DAY);
  return {
    scale: { type: "utc" as const, domain: [first, last] },
    axis: { grid: false, values: ticks, format: "%-d %b %Y", labelOverlap: true },
  };
}
