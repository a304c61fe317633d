import { DARK_FROM, DARK_TEXT, LIGHT_TEXT, percentOfRows, SHADES } from "./confusion-figure.ts";
import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import { INK } from "./theme.ts";

const CELL = 25;
const COLUMNS = 4;

/** The confusion matrices of several models side by side, small: percent of each row. */
export function confusionsFigure(input: {
  name: string;
  title: string;
  /** One or more lines. */
  subtitle: readonly string[];
  classes: readonly string[];
  models: readonly { label: string; confusion: readonly (readonly number[])[] }[];
}): Promise<Figure> {
  const { classes, models } = input;
  const values = models.flatMap(({ confusion }, model) =>
    percentOfRows(confusion).map((cell) => ({ ...cell, model, text: cell.value.toFixed(0) })),
  );
  const axis = {
    domain: false,
    ticks: false,
    labelExpr: classNameExpression(classes),
    labelColor: INK,
    labelFontSize: 10.5,
    labelLimit: 70,
    labelPadding: 4,
    title: null,
  };
  return drawFigure(
    input.name,
    `${input.title}, ${input.subtitle.join(", ")}: confusion matrices of ${models
      .map(({ label }) => label)
      .join(", ")}, percent of each row; rows are true classes, columns predictions, darker is higher.`,
    {
      title: { text: input.title, subtitle: [...input.subtitle] },
      data: { values },
      columns: COLUMNS,
      // Else the classes stand under the last row alone, below a gap where that is not full.
      resolve: { axis: { x: "independent" } },
      spacing: 22,
      facet: {
        field: "model",
        type: "ordinal",
        header: {
          title: null,
          labelExpr: classNameExpression(models.map(({ label }) => label)),
          labelColor: INK,
          labelFontSize: 12,
          labelFontWeight: 600,
          labelPadding: 6,
        },
      },
      spec: {
        width: { step: CELL },
        height: { step: CELL },
        encoding: {
          x: { field: "predicted", type: "ordinal", axis: { ...axis, labelAngle: -90 } },
          y: { field: "truth", type: "ordinal", axis },
        },
        layer: [
          {
            mark: { type: "rect", stroke: "#c3c9d2", strokeWidth: 0.5 },
            encoding: {
              color: {
                field: "value",
                type: "quantitative",
                scale: { domain: [0, 100], range: SHADES, interpolate: "rgb" },
                legend: null,
              },
            },
          },
          {
            mark: { type: "text", fontSize: 9.5 },
            encoding: {
              text: { field: "text" },
              color: {
                condition: { test: `datum.value >= ${DARK_FROM * 100}`, value: LIGHT_TEXT },
                value: DARK_TEXT,
              },
            },
          },
        ],
      },
    },
  );
}
