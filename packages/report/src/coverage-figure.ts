import { drawFigure, type Figure } from "./figure.ts";
import { ACCENT, MUTED } from "./theme.ts";

const WIDTH = 300;
/** Points of the curve: more do not show. */
const MOST_POINTS = 200;

/** Accuracy on the share of samples that a model is surest of, from the surest on: what it would come to if it might abstain. */
export function coverageFigure(input: {
  name: string;
  title: string;
  subtitle: string;
  predictions: readonly { label: number; predicted: number; confidence: number }[];
}): Promise<Figure> {
  const surest = [...input.predictions].sort((a, b) => b.confidence - a.confidence);
  const n = surest.length;
  let right = 0;
  const values: { coverage: number; accuracy: number }[] = [];
  const step = Math.max(1, Math.ceil(n / MOST_POINTS));
  surest.forEach(({ label, predicted }, i) => {
    if (label === predicted) right++;
    if ((i + 1) % step === 0 || i === n - 1) {
      values.push({ coverage: (100 * (i + 1)) / n, accuracy: (100 * right) / (i + 1) });
    }
  });
  const all = values.at(-1)!.accuracy;
  const half = values.find(({ coverage }) => coverage >= 50)!.accuracy;
  const x = {
    field: "coverage",
    type: "quantitative" as const,
    title: "Surest samples (%)",
    scale: { domain: [0, 100] },
    axis: { grid: false, tickCount: 6 },
  };
  const y = {
    field: "accuracy",
    type: "quantitative" as const,
    title: "Accuracy (%)",
    scale: { domain: [0, 100] },
    axis: { tickCount: 6, gridOpacity: 0.7, domain: false, ticks: false },
  };
  return drawFigure(
    input.name,
    `${input.title}, ${input.subtitle}: accuracy on the samples that the model is surest of. All ${n}: ${all.toFixed(1)}%; the surest half: ${half.toFixed(1)}%.`,
    {
      title: {
        text: input.title,
        subtitle: [input.subtitle, `All ${all.toFixed(1)}%, the surest half ${half.toFixed(1)}%`],
      },
      width: WIDTH,
      height: WIDTH,
      layer: [
        {
          data: { values },
          mark: { type: "line", color: ACCENT, strokeWidth: 2 },
          encoding: { x, y },
        },
        {
          data: { values: [{ accuracy: all }] },
          mark: { type: "rule", color: MUTED, strokeDash: [4, 3] },
          encoding: { y },
        },
      ],
    },
  );
}
