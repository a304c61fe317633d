import { classStyles, SHAPE_SIZES } from "./class-style.ts";
import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import type { Matrix } from "./matrix.ts";
import { RULE } from "./theme.ts";

const SIZE = 420;
const MARGIN = 0.04;

/** A map of samples, one mark each, coloured and shaped by true class. Axes have no units, so none are drawn. */
export function embeddingFigure(input: {
  name: string;
  title: string;
  /** One or more lines. */
  subtitle: readonly string[];
  classes: readonly string[];
  /** Class of each point, [n]. */
  labels: ArrayLike<number>;
  /** [n, 2] */
  points: Matrix;
}): Promise<Figure> {
  const { classes, labels, points } = input;
  const styles = classStyles(classes);
  const frame = squareAround(points);
  const values = Array.from({ length: points.rows }, (_, i) => ({
    x: pixels((points.data[2 * i]! - frame.left) / frame.side),
    y: pixels(1 - (points.data[2 * i + 1]! - frame.bottom) / frame.side),
    label: labels[i]!,
    size: SHAPE_SIZES[styles[labels[i]!]!.shape],
  }));
  const domain = classes.map((_, c) => c);
  // Without a scale, values are pixels: short numbers in the file, and one unit for both axes.
  const axis = { axis: null, type: "quantitative" as const, scale: null };
  return drawFigure(
    input.name,
    `${input.title}: ${points.rows} samples on a plane, coloured by true class. ${input.subtitle.join(". ")}.`,
    {
      title: { text: input.title, subtitle: [...input.subtitle] },
      width: SIZE,
      height: SIZE,
      view: { stroke: RULE, strokeWidth: 1 },
      data: { values },
      mark: { type: "point", filled: true, opacity: 1 },
      encoding: {
        x: { field: "x", ...axis },
        y: { field: "y", ...axis },
        color: {
          field: "label",
          type: "nominal",
          scale: { domain, range: styles.map(({ colour }) => colour) },
          legend: {
            labelExpr: classNameExpression(classes),
            symbolSize: 80,
            labelLimit: 140,
            rowPadding: 5,
          },
        },
        shape: {
          field: "label",
          type: "nominal",
          scale: { domain, range: styles.map(({ shape }) => shape) },
        },
        size: { field: "size", type: "quantitative", scale: null, legend: null },
      },
    },
  );
}

/** A share of the frame's side, to a tenth of a pixel. */
function pixels(share: number): number {
  return Math.round(10 * SIZE * share) / 10;
}

/** The square around all points, with a margin. */
function squareAround({ rows, data }: Matrix): { left: number; bottom: number; side: number } {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < 2 * rows; i++) {
    low[i % 2] = Math.min(low[i % 2]!, data[i]!);
    high[i % 2] = Math.max(high[i % 2]!, data[i]!);
  }
  const side = Math.max(high[0]! - low[0]!, high[1]! - low[1]!, Number.MIN_VALUE) * (1 + 2 * MARGIN);
  return {
    left: (low[0]! + high[0]!) / 2 - side / 2,
    bottom: (low[1]! + high[1]!) / 2 - side / 2,
    side,
  };
}
