import type { ThresholdCounts } from "@fer-bench/metrics";
import { classStyles } from "./class-style.ts";
import { classNameExpression, drawFigure, type Figure } from "./figure.ts";

const SIDE = 270;
/** Points of a curve: more do not show. */
const MOST_POINTS = 160;

/** One class against the others. */
export interface ClassCurve {
  counts: readonly ThresholdCounts[];
  rocAuc: number | null;
  averagePrecision: number | null;
}

/** Receiver operating characteristic and precision-recall curve of each class against the others. */
export function curvesFigure(input: {
  name: string;
  title: string;
  subtitle: string;
  classes: readonly string[];
  /** In the order of the classes. */
  curves: readonly ClassCurve[];
}): Promise<Figure> {
  const { classes, curves } = input;
  const styles = classStyles(classes);
  const drawn = curves.map((curve, c) => ({ ...curve, c })).filter(({ rocAuc }) => rocAuc !== null);
  const area = (value: number | null) => (value === null ? "-" : value.toFixed(3));
  const roc = drawn.flatMap(({ counts, c }) => {
    const { hits, falseAlarms } = counts.at(-1)!;
    const points = thinned(counts).map((at) => ({
      x: (100 * at.falseAlarms) / falseAlarms,
      y: (100 * at.hits) / hits,
    }));
    return [{ x: 0, y: 0 }, ...points].map((point, order) => ({ ...point, order, c }));
  });
  const precision = drawn.flatMap(({ counts, c }) => {
    const { hits } = counts.at(-1)!;
    return thinned(counts)
      .filter((at) => at.hits > 0)
      .map((at, order) => ({
        x: (100 * at.hits) / hits,
        y: (100 * at.hits) / (at.hits + at.falseAlarms),
        order,
        c,
      }));
  });
  const panel = (
    values: typeof roc,
    title: string,
    xTitle: string,
    yTitle: string,
    areas: readonly string[],
  ) => ({
    width: SIDE,
    height: SIDE,
    title: { text: title, fontSize: 12.5, frame: "group" as const },
    data: { values },
    mark: { type: "line" as const, strokeWidth: 1.8 },
    encoding: {
      x: axis("x", xTitle, false),
      y: axis("y", yTitle, true),
      order: { field: "order", type: "quantitative" as const },
      color: {
        field: "c",
        type: "nominal" as const,
        scale: { domain: drawn.map(({ c }) => c), range: drawn.map(({ c }) => styles[c]!.colour) },
        legend: {
          orient: "right" as const,
          labelExpr: classNameExpression(areas),
          symbolType: "stroke",
          symbolStrokeWidth: 3,
          labelLimit: 170,
        },
      },
    },
  });
  const withArea = (of: (curve: ClassCurve) => number | null) =>
    curves.map((curve, c) => `${classes[c]}  ${area(of(curve))}`);
  return drawFigure(
    input.name,
    `${input.title}, ${input.subtitle}: receiver operating characteristic and precision-recall curve of each of ${classes.length} classes against the others; the areas under them stand in the table of classes.`,
    {
      title: { text: input.title, subtitle: input.subtitle },
      spacing: 36,
      resolve: { scale: { color: "independent" }, legend: { color: "independent" } },
      hconcat: [
        panel(
          roc,
          "ROC, area under it",
          "False alarms (%)",
          "Recall (%)",
          withArea(({ rocAuc }) => rocAuc),
        ),
        panel(
          precision,
          "Precision-recall, average precision",
          "Recall (%)",
          "Precision (%)",
          withArea(({ averagePrecision }) => averagePrecision),
        ),
      ],
    },
  );
}

function axis(field: string, title: string, grid: boolean) {
  return {
    field,
    type: "quantitative" as const,
    title,
    scale: { domain: [0, 100], nice: false },
    axis: { grid, tickCount: 6, gridOpacity: 0.7 },
  };
}

/** Evenly chosen thresholds, the last among them. */
function thinned(counts: readonly ThresholdCounts[]): ThresholdCounts[] {
  const step = Math.ceil(counts.length / MOST_POINTS);
  return counts.filter((_, i) => i % step === 0 || i === counts.length - 1);
}
