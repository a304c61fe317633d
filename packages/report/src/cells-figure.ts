import {
  type AccuracyFigureInput,
  accuracyAxis,
  type CellAccuracy,
  describeAccuracies,
  INTERVAL,
  inPercent,
  MAJORITY_LINE,
  MAJORITY_NAME,
  majorityData,
  POINT,
} from "./accuracy-marks.ts";
import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import { INK } from "./theme.ts";

const WIDTH = 520;
const ROW = 26;

/** Accuracy of a grid's cells with intervals, a row each. */
export function cellsFigure(input: AccuracyFigureInput<CellAccuracy>): Promise<Figure> {
  const y = {
    field: "cell",
    type: "ordinal" as const,
    title: null,
    axis: {
      domain: false,
      ticks: false,
      labelExpr: classNameExpression(input.cells.map(({ label }) => label)),
      labelColor: INK,
      labelLimit: 320,
      labelPadding: 8,
    },
  };
  return drawFigure(input.name, describeAccuracies(input, "of each cell"), {
    title: { text: input.title, subtitle: [...input.subtitle], offset: 22 },
    width: WIDTH,
    height: { step: ROW },
    data: { values: input.cells.map((cell, i) => ({ ...inPercent(cell), cell: i })) },
    layer: [
      { data: majorityData(input.majority), mark: MAJORITY_LINE, encoding: { x: accuracyAxis("accuracy") } },
      {
        data: majorityData(input.majority),
        mark: { ...MAJORITY_NAME, y: -7 },
        encoding: { x: accuracyAxis("accuracy"), text: { field: "text" } },
      },
      { mark: INTERVAL, encoding: { y, x: accuracyAxis("low"), x2: { field: "high" } } },
      { mark: POINT, encoding: { y, x: accuracyAxis("accuracy") } },
    ],
  });
}
