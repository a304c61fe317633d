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
import { drawFigure, type Figure } from "./figure.ts";
import { INK } from "./theme.ts";

/** A cell, and what its backbone costs. */
export interface CellCost extends CellAccuracy {
  parameters: number;
  /** Floating-point operations of one image. */
  flops: number;
}

const WIDTH = 390;
const HEIGHT = 260;
const GAP = 36;

/** Accuracy of a grid's cells with intervals, against the parameters and the operations of their backbones. */
export function costFigure(input: AccuracyFigureInput<CellCost>): Promise<Figure> {
  const values = input.cells.map((cell) => ({
    ...inPercent(cell),
    label: cell.label,
    parameters: cell.parameters / 1e6,
    flops: cell.flops / 1e6,
  }));
  const panel = (field: "parameters" | "flops", title: string, isLeft: boolean) => {
    // What costs nothing has no place on a logarithmic axis.
    const isLogarithmic = values.every((value) => value[field] > 0);
    const x = {
      field,
      type: "quantitative" as const,
      title,
      scale: { type: isLogarithmic ? ("log" as const) : ("symlog" as const), nice: false, padding: 24 },
      axis: { grid: false, values: roundNumbers(values.map((value) => value[field])), format: ".3~r" },
    };
    const majority = { data: majorityData(input.majority) };
    const atMajority = { y: accuracyAxis("accuracy", isLeft) };
    return {
      width: WIDTH,
      height: HEIGHT,
      layer: [
        { ...majority, mark: MAJORITY_LINE, encoding: atMajority },
        ...(isLeft
          ? []
          : [
              {
                ...majority,
                mark: { ...MAJORITY_NAME, x: WIDTH + 6, align: "left" as const },
                encoding: { ...atMajority, text: { field: "text" } },
              },
            ]),
        { mark: INTERVAL, encoding: { x, y: accuracyAxis("low", isLeft), y2: { field: "high" } } },
        { mark: POINT, encoding: { x, y: accuracyAxis("accuracy", isLeft) } },
        {
          mark: { type: "text" as const, color: INK, fontSize: 11.5, dy: -9 },
          encoding: { x, y: accuracyAxis("high", isLeft), text: { field: "label" } },
        },
      ],
    };
  };
  return drawFigure(
    input.name,
    describeAccuracies(input, "against parameters and operations of the backbone"),
    {
      title: { text: input.title, subtitle: [...input.subtitle] },
      data: { values },
      spacing: GAP,
      hconcat: [
        panel("parameters", "Parameters of the backbone (millions)", true),
        panel("flops", "Operations an image (MFLOP)", false),
      ],
      resolve: { scale: { y: "shared" } },
    },
  );
}

/** Ticks between the ends of a logarithmic axis: 1, 2 and 5 times the powers of ten, else the ends; and 0 where it is one. */
function roundNumbers(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const powers = Array.from({ length: 13 }, (_, i) => 10 ** (i - 3));
  const ticks = powers
    .flatMap((power) => [power, 2 * power, 5 * power])
    .filter((tick) => tick >= Math.max(low, high / 1e3) && tick <= high);
  if (ticks.length < 2) return [low, high];
  return low === 0 ? [0, ...ticks] : ticks;
}
