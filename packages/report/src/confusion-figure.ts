import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import { INK } from "./theme.ts";

/** Darker is higher, as in the paper's Fig. 4: ColorBrewer's Blues, from white. */
const SHADES = [
  "#ffffff",
  "#deebf7",
  "#c6dbef",
  "#9ecae1",
  "#6baed6",
  "#4292c6",
  "#2171b5",
  "#08519c",
  "#08306b",
];
/** Share of the scale from which white figures read better than dark ones. */
const DARK_FROM = 0.55;
const CELL = 46;

export interface ConfusionFigureInput {
  name: string;
  title: string;
  /** What it was measured with. */
  subtitle: string;
  classes: readonly string[];
  /** [true class][predicted class], counts. */
  confusion: readonly (readonly number[])[];
  /** Whether cells show counts, or percent of their row. */
  cells: "counts" | "percent";
}

/** A confusion matrix: a row per true class, a column per predicted class, a number in every cell. */
export function confusionFigure(input: ConfusionFigureInput): Promise<Figure> {
  const { classes, confusion, cells } = input;
  const values = confusion.flatMap((row, truth) => {
    const support = row.reduce((a, b) => a + b, 0);
    return row.map((count, predicted) => {
      const value = cells === "counts" ? count : support === 0 ? 0 : (100 * count) / support;
      return { truth, predicted, value, text: cells === "counts" ? String(count) : value.toFixed(1) };
    });
  });
  const highest = cells === "counts" ? Math.max(1, ...values.map(({ value }) => value)) : 100;
  const axis = {
    domain: false,
    ticks: false,
    labelExpr: classNameExpression(classes),
    labelColor: INK,
    labelLimit: 110,
    labelPadding: 6,
  };
  const size = { step: CELL };
  return drawFigure(
    input.name,
    `${input.title}, ${input.subtitle}: confusion matrix of ${classes.length} classes, ${
      cells === "counts" ? "counts" : "percent of each row"
    }; rows are true classes, columns predictions, darker is higher.`,
    {
      title: {
        text: input.title,
        subtitle: [input.subtitle, cells === "counts" ? "Samples" : "Percent of the true class"],
      },
      width: size,
      height: size,
      data: { values },
      encoding: {
        x: {
          field: "predicted",
          type: "ordinal",
          axis: { ...axis, labelAngle: -40, title: "Predicted" },
        },
        y: { field: "truth", type: "ordinal", axis: { ...axis, title: "True" } },
      },
      layer: [
        {
          mark: { type: "rect", stroke: "#c3c9d2", strokeWidth: 0.75 },
          encoding: {
            color: {
              field: "value",
              type: "quantitative",
              scale: { domain: [0, highest], range: SHADES, interpolate: "rgb" },
              legend: null,
            },
          },
        },
        {
          mark: { type: "text", fontSize: 12 },
          encoding: {
            text: { field: "text" },
            color: {
              condition: { test: `datum.value >= ${DARK_FROM * highest}`, value: "#fffffe" },
              value: "#20242c",
            },
          },
        },
      ],
    },
  );
}
