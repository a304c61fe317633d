import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import { INK } from "./theme.ts";

/** Darker is higher, as in the paper's Fig. 4: ColorBrewer's Blues, from white. */
export const SHADES = [
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
export const DARK_FROM = 0.55;
export const LIGHT_TEXT = "#fffffe";
export const DARK_TEXT = "#20242c";
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
  const values =
    cells === "counts"
      ? eachCell(confusion).map((cell) => ({ ...cell, text: String(cell.value) }))
      : percentOfRows(confusion).map((cell) => ({ ...cell, text: cell.value.toFixed(1) }));
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
              condition: { test: `datum.value >= ${DARK_FROM * highest}`, value: LIGHT_TEXT },
              value: DARK_TEXT,
            },
          },
        },
      ],
    },
  );
}

interface Cell {
  truth: number;
  predicted: number;
  value: number;
}

function eachCell(confusion: readonly (readonly number[])[]): Cell[] {
  return confusion.flatMap((row, truth) => row.map((value, predicted) => ({ truth, predicted, value })));
}

/** Every cell of a confusion matrix as per cent of its row. */
export function percentOfRows(confusion: readonly (readonly number[])[]): Cell[] {
  const supports = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  return eachCell(confusion).map(({ truth, predicted, value }) => ({
    truth,
    predicted,
    value: supports[truth] === 0 ? 0 : (100 * value) / supports[truth]!,
  }));
}
