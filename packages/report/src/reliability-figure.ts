import type { Calibration } from "@fer-bench/metrics";
import { drawFigure, type Figure } from "./figure.ts";
import { capitalised } from "./format.ts";
import { ACCENT, INK, MUTED } from "./theme.ts";

const SIDE = 300;
const COUNTS_HEIGHT = 64;

/** Accuracy of the predictions of each confidence next to what the confidence promises, and how many there are. */
export function reliabilityFigure(input: {
  name: string;
  title: string;
  subtitle: string;
  calibration: Calibration;
}): Promise<Figure> {
  const { bins, expectedError } = input.calibration;
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  const values = bins
    .filter((bin) => bin.n > 0)
    .map(({ low, high, n: count, accuracy, confidence }) => ({
      low,
      high,
      count,
      accuracy: 100 * accuracy,
      confidence,
      promised: 100 * confidence,
      none: 0,
    }));
  const error = `expected calibration error ${(100 * expectedError).toFixed(2)}%`;
  const x = (title: string | null) => ({
    field: "low",
    type: "quantitative" as const,
    title,
    scale: { domain: [0, 1], nice: false },
    axis: { grid: false, tickCount: 6, format: "%", labels: title !== null },
  });
  const y = {
    field: "accuracy",
    type: "quantitative" as const,
    title: "Right (%)",
    scale: { domain: [0, 100] },
    axis: { tickCount: 6, gridOpacity: 0.7, domain: false, ticks: false },
  };
  return drawFigure(
    input.name,
    `${input.title}, ${input.subtitle}: reliability diagram of ${n} predictions in ${bins.length} bins of confidence, ${error}. ${values
      .map(
        ({ low, high, accuracy, count }) =>
          `${percents(low)} to ${percents(high)}: ${accuracy.toFixed(0)}% of ${count} right`,
      )
      .join("; ")}.`,
    {
      title: {
        text: input.title,
        subtitle: [input.subtitle, `${capitalised(error)}; dashed: as sure as right`],
      },
      spacing: 10,
      vconcat: [
        {
          width: SIDE,
          height: SIDE,
          layer: [
            {
              data: { values },
              mark: { type: "rect", color: ACCENT, opacity: 0.75 },
              encoding: { x: x(null), x2: { field: "high" }, y, y2: { field: "none" } },
            },
            {
              data: { values },
              mark: { type: "rule", color: INK, strokeWidth: 1.5 },
              encoding: { x: { ...x(null), field: "confidence" }, y, y2: { field: "promised" } },
            },
            {
              data: {
                values: [
                  { low: 0, accuracy: 0 },
                  { low: 1, accuracy: 100 },
                ],
              },
              mark: { type: "line", color: MUTED, strokeDash: [4, 3] },
              encoding: { x: x(null), y },
            },
          ],
        },
        {
          width: SIDE,
          height: COUNTS_HEIGHT,
          data: { values },
          mark: { type: "rect", color: MUTED },
          encoding: {
            x: x("Confidence of the prediction"),
            x2: { field: "high" },
            y: {
              field: "count",
              type: "quantitative",
              title: "Samples",
              axis: { tickCount: 3, gridOpacity: 0.7, domain: false, ticks: false },
            },
            y2: { field: "none" },
          },
        },
      ],
    },
  );
}

const percents = (share: number) => `${(100 * share).toFixed(0)}%`;
