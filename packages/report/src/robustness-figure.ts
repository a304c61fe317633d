import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import type { CorruptionScores, TargetRobustness } from "./read-robustness.ts";
import { ACCENT, MUTED, RULE } from "./theme.ts";

const WIDTH = 178;
const HEIGHT = 140;
const COLUMNS = 4;

/** A line a model: the page's own accent, then Okabe and Ito's colours, and a shape, for readers who see colours otherwise. */
const COLOURS = [ACCENT, "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];
const Y_AXIS = { tickCount: 5, gridOpacity: 0.7, domain: false, ticks: false };
/** More lines cannot be told apart. */
export const MOST_MODELS = COLOURS.length;

/** Accuracy by level with 95% intervals, a panel a kind of corruption, a line a model; level 0 is the test set as it is. */
export function robustnessFigure(input: {
  name: string;
  title: string;
  subtitle: string;
  /** The first one's kinds and levels are drawn; of the others what they have in common with it. */
  models: readonly { label: string; robustness: TargetRobustness }[];
  /** Accuracy of the majority class. */
  majority: number;
}): Promise<Figure> {
  const models = input.models.slice(0, MOST_MODELS);
  const own = models[0]!.robustness;
  const labels = models.map(({ label }) => label);
  const domain = labels.map((_, i) => i);
  const legend = {
    orient: "top" as const,
    labelExpr: classNameExpression(labels),
    labelLimit: 380,
    symbolOpacity: 1,
    columns: 2,
  };
  const colour = {
    field: "model",
    type: "nominal" as const,
    scale: { domain, range: COLOURS.slice(0, labels.length) },
    legend: { ...legend, symbolType: "circle" as const },
  };
  const shape = {
    field: "model",
    type: "nominal" as const,
    scale: { domain, range: SHAPES.slice(0, labels.length) },
    legend,
  };
  const panel = (corruption: CorruptionScores, place: number) => {
    const values = models.flatMap(({ robustness }, model) => points(robustness, corruption, model));
    const x = {
      field: "level",
      type: "quantitative" as const,
      title: corruption.unit,
      scale: { domain: [0, corruption.levels.length], nice: false, padding: 6 },
      axis: {
        grid: false,
        values: [0, ...corruption.levels.map((_, i) => i + 1)],
        labelExpr: classNameExpression(["none", ...corruption.levels.map(({ value }) => String(value))]),
        labelOverlap: false,
        domainColor: RULE,
      },
    };
    const y = {
      field: "accuracy",
      type: "quantitative" as const,
      title: place % COLUMNS === 0 ? "Accuracy (%)" : null,
      scale: { domain: [0, 100] },
      // Every panel has its labels, seen or not: a panel without would have its title elsewhere.
      axis: { ...Y_AXIS, labelOpacity: place % COLUMNS === 0 ? 1 : 0 },
    };
    return {
      width: WIDTH,
      height: HEIGHT,
      title: { text: corruption.title, fontSize: 12.5, frame: "group" as const },
      layer: [
        {
          data: { values: [{ accuracy: 100 * input.majority }] },
          mark: { type: "rule" as const, color: MUTED, strokeDash: [4, 3] },
          encoding: { y: { ...y, field: "accuracy" } },
        },
        {
          data: { values },
          mark: { type: "area" as const, opacity: 0.16 },
          encoding: {
            x,
            y: { ...y, field: "low" },
            y2: { field: "high" },
            color: colour,
          },
        },
        {
          data: { values },
          mark: { type: "line" as const, strokeWidth: 2 },
          encoding: { x, y, color: colour },
        },
        {
          data: { values },
          mark: { type: "point" as const, filled: true, size: 34, opacity: 1 },
          encoding: { x, y, color: colour, shape },
        },
      ],
    };
  };
  return drawFigure(
    input.name,
    `${input.title}, ${input.subtitle}: accuracy with 95% intervals at each level of ${own.corruptions.length} kinds of corruption. ${models
      .map(({ label, robustness }) => `${label}: ${describe(robustness)}`)
      .join(" ")} The majority class ${percent(input.majority)}%.`,
    {
      title: {
        text: input.title,
        subtitle: [input.subtitle, "Shaded: 95% intervals (Wilson); dashed: the majority class"],
      },
      columns: COLUMNS,
      // Panels stand in line, whatever labels they have beside them.
      bounds: "flush",
      spacing: { row: 76, column: 22 },
      concat: own.corruptions.map(panel),
    },
  );
}

/** A model's points in a panel: as the test set is, and at those levels that the panel has. */
function points({ none, corruptions }: TargetRobustness, { kind, levels }: CorruptionScores, model: number) {
  const own = corruptions.find((corruption) => corruption.kind === kind);
  if (own === undefined) return [];
  const point = (
    level: number,
    { accuracy }: { accuracy: { value: number; low: number; high: number } },
  ) => ({
    model,
    level,
    accuracy: 100 * accuracy.value,
    low: 100 * accuracy.low,
    high: 100 * accuracy.high,
  });
  return [
    point(0, none),
    ...levels.flatMap(({ value }, i) => {
      const same = own.levels.find((level) => level.value === value);
      return same === undefined ? [] : point(i + 1, same);
    }),
  ];
}

function describe({ none, corruptions }: TargetRobustness): string {
  const each = corruptions.map(
    ({ title, unit, levels }) =>
      `${title} (${unit}) ${levels.map(({ value, accuracy }) => `${value}: ${percent(accuracy.value)}%`).join(", ")}`,
  );
  return `as it is ${percent(none.accuracy.value)}%; ${each.join("; ")}.`;
}

const percent = (share: number) => (100 * share).toFixed(1);
