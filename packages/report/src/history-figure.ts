import { drawFigure, type Figure } from "./figure.ts";
import { ACCENT, INK, MUTED } from "./theme.ts";

/** One epoch of training, as a line of `history.jsonl`. */
export interface Epoch {
  epoch: number;
  learningRate: number;
  train: { loss: number; accuracy: number };
  validation: { loss: number; accuracy: number };
}

const TRAIN = "#e69f00";
const VALIDATION = ACCENT;
const WIDTH = 380;
const HEIGHT = 230;
const GAP = 56;

/** Loss, accuracy and learning rate over epochs, for training and validation, with the kept epoch marked. */
export function historyFigure(input: {
  name: string;
  title: string;
  subtitle: string;
  history: readonly Epoch[];
  bestEpoch: number;
}): Promise<Figure> {
  const { history, bestEpoch } = input;
  const epochs = history.map(({ epoch }) => epoch);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const points = history.flatMap(({ epoch, train, validation }) => [
    { epoch, series: "training", loss: train.loss, accuracy: 100 * train.accuracy },
    { epoch, series: "validation", loss: validation.loss, accuracy: 100 * validation.accuracy },
  ]);
  const best = history.filter(({ epoch }) => epoch === bestEpoch);
  const marked = best.map(({ epoch, validation }) => ({
    epoch,
    loss: validation.loss,
    accuracy: 100 * validation.accuracy,
    text: `best, epoch ${epoch}`,
  }));
  const inRightHalf = bestEpoch > (first + last) / 2;
  const x = {
    field: "epoch",
    type: "quantitative" as const,
    title: "Epoch",
    scale: { domain: [first, last], nice: false },
    axis: { grid: false, tickCount: 6, tickMinStep: 1, format: "d" },
  };
  const values = { tickCount: 5, gridOpacity: 0.7, domain: false, ticks: false };
  // The label of the kept epoch stands where curves of this kind seldom pass: loss falls, accuracy rises.
  const panel = (field: "loss" | "accuracy", title: string, labelAt: number) => ({
    width: WIDTH,
    height: HEIGHT,
    title: { text: title, fontSize: 12.5, frame: "group" as const },
    layer: [
      {
        data: { values: points },
        mark: { type: "line" as const, strokeWidth: 2 },
        encoding: {
          x,
          y: {
            field,
            type: "quantitative" as const,
            title: null,
            scale: { zero: false, nice: 5 },
            axis: values,
          },
          color: {
            field: "series",
            type: "nominal" as const,
            scale: { domain: ["training", "validation"], range: [TRAIN, VALIDATION] },
            legend: { orient: "top" as const, symbolType: "stroke", symbolStrokeWidth: 3, symbolSize: 220 },
          },
        },
      },
      {
        data: { values: marked },
        mark: { type: "rule" as const, color: MUTED, strokeDash: [4, 3] },
        encoding: { x },
      },
      {
        data: { values: marked },
        mark: { type: "point" as const, color: VALIDATION, filled: true, size: 60, opacity: 1 },
        encoding: { x, y: { field, type: "quantitative" as const } },
      },
      {
        data: { values: marked },
        mark: {
          type: "text" as const,
          align: inRightHalf ? ("right" as const) : ("left" as const),
          dx: inRightHalf ? -6 : 6,
          color: INK,
          fontSize: 11.5,
        },
        encoding: { x, y: { value: labelAt }, text: { field: "text" } },
      },
    ],
  });
  return drawFigure(
    input.name,
    `${input.title}, ${input.subtitle}: loss and accuracy on training and validation, and the learning rate, over ${
      history.length
    } epochs. Epoch ${bestEpoch}, the best on validation, is the one kept.`,
    {
      title: { text: input.title, subtitle: input.subtitle },
      spacing: 20,
      vconcat: [
        {
          spacing: GAP,
          bounds: "flush",
          hconcat: [
            panel("loss", "Cross-entropy (nats)", 12),
            panel("accuracy", "Accuracy (%)", HEIGHT - 12),
          ],
        },
        {
          width: 2 * WIDTH + GAP,
          height: 60,
          title: { text: "Learning rate", fontSize: 12.5, frame: "group" },
          data: { values: history.map(({ epoch, learningRate }) => ({ epoch, learningRate })) },
          mark: { type: "line", interpolate: "step-after", strokeWidth: 2, color: MUTED },
          encoding: {
            x,
            y: {
              field: "learningRate",
              type: "quantitative",
              title: null,
              scale: { zero: true },
              axis: { ...values, tickCount: 3, format: "~g" },
            },
          },
        },
      ],
    },
  );
}
