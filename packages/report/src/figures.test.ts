import { createRandom, normal } from "@fer-bench/artifacts";
import { evaluatePredictions, mostProbable, oneAgainstOthers } from "@fer-bench/metrics";
import { describe, expect, it } from "vitest";
import { accuracyOverTimeFigure } from "./accuracy-over-time-figure.ts";
import { cellsFigure } from "./cells-figure.ts";
import { classStyles } from "./class-style.ts";
import { confusionFigure } from "./confusion-figure.ts";
import { confusionsFigure } from "./confusions-figure.ts";
import { costFigure } from "./cost-figure.ts";
import { coverageFigure } from "./coverage-figure.ts";
import { curvesFigure } from "./curves-figure.ts";
import { embeddingFigure } from "./embedding-figure.ts";
import type { Figure } from "./figure.ts";
import { type Epoch, historyFigure } from "./history-figure.ts";
import { reliabilityFigure } from "./reliability-figure.ts";
import { robustnessFigure } from "./robustness-figure.ts";
import { textWidth } from "./text-width.ts";

/*
 * Pictures to look at in review: packages/report/test/golden. A change that is meant is accepted with
 * `npx vitest run packages/report -u`.
 */
const picture = ({ name }: Figure) => `../test/golden/${name}.svg`;

const matrix = {
  title: "Example, test split",
  subtitle: "made by hand",
  classes: ["angry", "happy", "neutral"],
  confusion: [
    [6, 1, 3],
    [0, 19, 1],
    [2, 0, 0],
  ],
};

function epochs(count: number): Epoch[] {
  return Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    learningRate: 0.001 * 0.9 ** Math.floor(i / 4),
    train: { loss: 2 / (1 + i / 6), accuracy: 0.2 + i / 30 },
    validation: { loss: 2 / (1 + i / 8), accuracy: 0.2 + i / 40 },
  }));
}

function cloud(count: number, classes: readonly string[]) {
  const random = createRandom("cloud", 1);
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes.length);
  const data = Float64Array.from({ length: 2 * count }, (_, i) => {
    const label = labels[i >> 1]!;
    return normal(random) + 5 * (i % 2 === 0 ? Math.cos(label) : Math.sin(label));
  });
  return { classes, labels, points: { rows: count, columns: 2, data } };
}

describe("robustnessFigure", () => {
  const proportion = (value: number) => ({ value, low: value - 0.05, high: value + 0.05, n: 300 });
  const scores = (value: number) => ({
    accuracy: proportion(value),
    ...{ balancedAccuracy: value, macroF1: value, expectedCalibrationError: 0.1 },
  });
  const levels = (values: number[], loss: number) =>
    values.map((value, i) => ({ value, ...scores(0.8 - loss * (i + 1)) }));
  const robustness = (loss: number, blurs: number[]) => ({
    ...{ target: "example", split: "test", none: scores(0.8) },
    corruptions: [
      { kind: "blur", title: "Blur", unit: "deviation in pixels", levels: levels(blurs, loss) },
      { kind: "jpeg", title: "JPEG", unit: "quality", levels: levels([50, 20, 5], loss / 2) },
    ],
    example: { id: "1", label: "happy", answers: [{ predicted: "happy", confidence: 0.5 }] },
  });
  const drawn = (name: string, ...models: Parameters<typeof robustnessFigure>[0]["models"]) =>
    robustnessFigure({ name, title: "Corrupted example", subtitle: "test split", models, majority: 0.25 });

  it("has a panel a kind, a line a model, and the levels by their values", async () => {
    const figure = await drawn(
      "robustness",
      { label: "Ours", robustness: robustness(0.2, [0.5, 1, 2]) },
      { label: "Theirs", robustness: robustness(0.1, [0.5, 1, 2]) },
    );
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    expect(texts(figure)).toEqual(
      expect.arrayContaining(["none", "0.5", "50", "Blur", "quality", "Ours", "Theirs"]),
    );
    expect(figure.description).toContain("Blur (deviation in pixels) 0.5: 60.0%, 1: 40.0%, 2: 20.0%");
  });

  it("draws of another model the levels alone that both were tested at", async () => {
    const own = robustness(0.2, [0.5, 1, 2]);
    const alone = await drawn("own", { label: "Ours", robustness: own });
    const points = ({ svg }: Figure) =>
      svg.split("mark-symbol role-mark").slice(1).join("").split("<path").length;
    const both = async (blurs: number[]) =>
      points(
        await drawn(
          "both",
          { label: "Ours", robustness: own },
          { label: "Theirs", robustness: robustness(0.1, blurs) },
        ),
      );
    const same = await both([0.5, 1, 2]);
    expect(await both([0.7, 1, 3])).toBe(same - 2);
    expect(same).toBeGreaterThan(points(alone));
  });
});

describe("confusionFigure", () => {
  it("shows counts", async () => {
    const figure = await confusionFigure({ ...matrix, name: "confusion-counts", cells: "counts" });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
  });

  it("shows percent of each row", async () => {
    const figure = await confusionFigure({ ...matrix, name: "confusion-percent", cells: "percent" });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    expect(texts(figure)).toEqual(expect.arrayContaining(["60.0", "95.0", "100.0", "0.0"]));
  });

  it("is darker where more: the shade falls as the value rises", async () => {
    const { svg } = await confusionFigure({ ...matrix, name: "shades", cells: "percent" });
    const shades = [...svg.matchAll(/fill="rgb\((\d+), (\d+), (\d+)\)"/g)].map(
      ([, r, g, b]) => 0.2126 * Number(r) + 0.7152 * Number(g) + 0.0722 * Number(b),
    );
    const values = [60, 10, 30, 0, 95, 5, 100, 0, 0];
    expect(shades).toHaveLength(9);
    const byValue = values
      .map((value, i) => ({ value, shade: shades[i]! }))
      .sort((a, b) => a.value - b.value);
    byValue.slice(1).forEach(({ value, shade }, i) => {
      if (value > byValue[i]!.value) expect(shade).toBeLessThan(byValue[i]!.shade);
    });
  });

  it("draws a class without samples, and a matrix without any", async () => {
    const empty = { ...matrix, confusion: matrix.classes.map(() => [0, 0, 0]), name: "empty" };
    for (const cells of ["counts", "percent"] as const) {
      expect((await confusionFigure({ ...empty, cells })).svg).not.toContain("NaN");
    }
  });

  it("shows hostile class names as text", async () => {
    const classes = ['<script>"x"</script>', "a'b\\", "\u2028[alert(1)]"];
    const figure = await confusionFigure({ ...matrix, classes, name: "hostile", cells: "counts" });
    expect(figure.svg).not.toContain("<script>");
    expect(figure.svg).toContain("a'b\\");
    expect(figure.svg).toContain("[alert(1)]");
  });
});

const grid = {
  title: "Accuracy on Example, test split",
  subtitle: ["Net-{S, M, L}, random weights", "60 test images"],
  majority: 0.3,
};
const cells = [
  { label: "S", accuracy: 0.31, low: 0.28, high: 0.34, parameters: 4.05e6, flops: 45.5e6 },
  { label: "M", accuracy: 0.36, low: 0.33, high: 0.39, parameters: 10.8e6, flops: 116e6 },
  { label: "L", accuracy: 0.35, low: 0.32, high: 0.38, parameters: 64.1e6, flops: 642e6 },
];

describe("costFigure", () => {
  it("shows accuracies and intervals against parameters and operations", async () => {
    const figure = await costFigure({ ...grid, name: "cost", cells });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    for (const label of ["S", "M", "L"]) {
      expect(texts(figure).filter((text) => text === label)).toHaveLength(2);
    }
    expect(figure.description).toContain("M 36.00%");
    expect(figure.description).toContain("majority class 30.00%");
  });

  it("puts a dearer cell further right, a better one higher", async () => {
    const { svg } = await costFigure({ ...grid, name: "places", cells });
    const places = [...svg.matchAll(/<path transform="translate\(([\d.]+),([\d.]+)\)" d="M[^"]*A/g)]
      .map(([, x, y]) => [Number(x), Number(y)])
      .slice(0, 3) as [number, number][];
    const [s, m, l] = places as [[number, number], [number, number], [number, number]];
    expect(s[0] < m[0] && m[0] < l[0]).toBe(true);
    expect(m[1] < l[1] && l[1] < s[1]).toBe(true);
  });

  it("draws a backbone that costs nothing", async () => {
    const free = { ...cells[0]!, label: "pixels", parameters: 0, flops: 0 };
    const figure = await costFigure({ ...grid, name: "free", cells: [free, ...cells.slice(1)] });
    expect(figure.svg).not.toMatch(/NaN|Infinity/);
    expect(texts(figure)).toContain("pixels");
  });
});

describe("cellsFigure", () => {
  it("shows a row a cell", async () => {
    const rows = cells.map((cell, i) => ({ ...cell, label: `learningRate ${10 ** -i}, hidden null` }));
    const figure = await cellsFigure({ ...grid, name: "cells", cells: rows });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    expect(texts(figure)).toEqual(expect.arrayContaining(rows.map(({ label }) => label)));
  });
});

describe("confusionsFigure", () => {
  it("shows one small matrix a model, percent of each row", async () => {
    const models = ["S", "M", "L", "XL", "XXL"].map((label, i) => ({
      label,
      confusion: matrix.confusion.map((row) => row.map((count) => count * (i + 1) + i)),
    }));
    const figure = await confusionsFigure({
      ...grid,
      name: "confusions",
      classes: matrix.classes,
      models,
    });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    expect(texts(figure)).toEqual(expect.arrayContaining(["S", "XXL", "60", "95"]));
    expect(figure.svg.match(/fill="rgb\(/g)!.length).toBe(45);
  });

  it("shows hostile names as text", async () => {
    const hostile = '<script>"x"</script>';
    const figure = await confusionsFigure({
      ...grid,
      name: "hostile",
      classes: [hostile, "b", "c"],
      models: [{ label: hostile, confusion: matrix.confusion }],
    });
    expect(figure.svg).not.toContain("<script>");
  });
});

describe("historyFigure", () => {
  it("shows loss, accuracy and learning rate, and marks the kept epoch", async () => {
    const figure = await historyFigure({
      name: "history",
      title: "Training on Example",
      subtitle: "made by hand",
      history: epochs(12),
      bestEpoch: 9,
    });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    expect(texts(figure).filter((text) => text === "best, epoch 9")).toHaveLength(2);
  });

  it("draws a single epoch", async () => {
    const history = epochs(1);
    const figure = await historyFigure({ name: "one", title: "T", subtitle: "S", history, bestEpoch: 1 });
    expect(figure.svg).not.toContain("NaN");
  });
});

/** Eighty predictions of three classes, surer where they are right. */
function predictions() {
  const random = createRandom("predictions", 1);
  const labels = Int32Array.from({ length: 80 }, (_, i) => i % 3);
  const probabilities = Array.from(labels).flatMap((label) => {
    const scores = matrix.classes.map((_, c) => Math.exp(normal(random) + (c === label ? 1.2 : 0)));
    const sum = scores.reduce((a, b) => a + b, 0);
    return scores.map((score) => score / sum);
  });
  const { classes } = matrix;
  const metrics = evaluatePredictions({ labels, probabilities, classes });
  return { labels, probabilities, metrics, predicted: mostProbable(probabilities, 3) };
}

describe("reliabilityFigure", () => {
  it("shows how often predictions of each confidence are right", async () => {
    const { calibration } = predictions().metrics;
    const named = { title: matrix.title, subtitle: matrix.subtitle };
    const figure = await reliabilityFigure({ ...named, name: "reliability", calibration });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    const error = (100 * calibration.expectedError).toFixed(2);
    expect(figure.svg).toContain(`Expected calibration error ${error}%`);
  });
});

describe("coverageFigure", () => {
  it("ends at the accuracy of all samples", async () => {
    const { labels, probabilities, predicted, metrics } = predictions();
    const figure = await coverageFigure({
      name: "coverage",
      title: matrix.title,
      subtitle: matrix.subtitle,
      predictions: Array.from(labels, (label, i) => ({
        label,
        predicted: predicted[i]!,
        confidence: probabilities[3 * i + predicted[i]!]!,
      })),
    });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    expect(figure.description).toContain(`All 80: ${(100 * metrics.accuracy.value).toFixed(1)}%`);
  });
});

describe("curvesFigure", () => {
  it("shows a curve a class with the area under it, and leaves out a class without samples", async () => {
    const { labels, probabilities, metrics } = predictions();
    const curves = matrix.classes.map((_, c) => ({
      ...metrics.ranking[c]!,
      counts: oneAgainstOthers(labels, probabilities, 3, c),
    }));
    const named = { title: matrix.title, subtitle: matrix.subtitle, classes: matrix.classes };
    const figure = await curvesFigure({ ...named, name: "curves", curves });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    expect(texts(figure)).toContain(`angry  ${metrics.ranking[0]!.rocAuc!.toFixed(3)}`);
    const absent = { counts: [], rocAuc: null, averagePrecision: null };
    const fewer = await curvesFigure({ ...named, name: "fewer", curves: [absent, ...curves.slice(1)] });
    expect(texts(fewer).join(" ")).not.toContain("angry");
    expect(fewer.svg).not.toContain("NaN");
  });
});

describe("embeddingFigure", () => {
  it("shows each sample in its class's colour and shape", async () => {
    const classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
    const figure = await embeddingFigure({
      name: "embedding",
      title: "Map of Example",
      subtitle: ["made by hand", "42 samples"],
      ...cloud(42, classes),
    });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    for (const { colour } of classStyles(classes)) {
      // Six points and the legend's symbol.
      expect(figure.svg.split(`fill="${colour}"`)).toHaveLength(1 + 6 + 1);
    }
  });

  it("keeps the map's proportions and draws points that are all the same", async () => {
    const same = { rows: 3, columns: 2, data: new Float64Array(6).fill(1) };
    const figure = await embeddingFigure({
      name: "same",
      title: "T",
      subtitle: [],
      classes: ["a"],
      labels: [0, 0, 0],
      points: same,
    });
    expect(figure.svg).not.toContain("NaN");
  });
});

describe("a figure", () => {
  it("has no ids, which could clash in a page that holds several", async () => {
    const figure = await confusionFigure({ ...matrix, name: "ids", cells: "counts" });
    expect(figure.svg).not.toMatch(/\sid="/);
  });

  it("is the same when drawn again, also at the same time", async () => {
    const draw = () => confusionFigure({ ...matrix, name: "again", cells: "counts" });
    const [first, second] = await Promise.all([draw(), draw()]);
    expect(second).toEqual(first);
    expect(await draw()).toEqual(first);
  });
});

describe("classStyles", () => {
  it("gives a canonical class the same style in every list, and every class one of its own", () => {
    const [, happy] = classStyles(["contempt", "happy"]);
    expect(classStyles(["happy"])[0]).toEqual(happy);
    const styles = classStyles([
      "angry",
      "disgust",
      "fear",
      "happy",
      "sad",
      "surprise",
      "neutral",
      "contempt",
      "bored",
      "toString",
    ]).map(({ colour, shape }) => `${colour} ${shape}`);
    expect(new Set(styles).size).toBe(styles.length);
  });
});

describe("textWidth", () => {
  it("adds up Helvetica's advances", () => {
    expect(textWidth("Wi", 10, false)).toBeCloseTo(9.44 + 2.22, 12);
    expect(textWidth("~ A", 1000, false)).toBe(584 + 278 + 667);
    expect(textWidth("é", 10, false)).toBe(10);
    expect(textWidth("a", 10, true)).toBeGreaterThan(textWidth("a", 10, false));
  });
});

function texts({ svg }: Figure): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
}

describe("accuracyOverTimeFigure", () => {
  const kept = (benchmark: number, day: number, accuracy: number) => ({
    benchmark: `benchmark ${String(benchmark).padStart(2, "0")}`,
    keptAt: new Date(Date.UTC(2026, 0, day, 3)).toISOString(),
    accuracy,
    low: accuracy - 0.015,
    high: accuracy + 0.015,
  });

  it("draws a line a benchmark, and tells more than ten apart", async () => {
    const runs = Array.from({ length: 12 }, (_, i) =>
      [3, 40, 75].map((day, k) => kept(i + 1, day + i, 0.3 + i / 40 + k / 100)),
    ).flat();
    const figure = await accuracyOverTimeFigure({ name: "accuracy-over-time", title: "Accuracy", runs });
    await expect(figure.svg).toMatchFileSnapshot(picture(figure));
    const symbols = figure.svg
      .slice(figure.svg.indexOf("role-legend"))
      .matchAll(/transform="translate\([^)]*\)" d="([^"]+)" fill="([^"]+)"/g);
    expect(new Set(Array.from(symbols, ([, shape, colour]) => `${shape} ${colour}`)).size).toBe(12);
  });

  it("has days on its axis where there is one run", async () => {
    const runs = [kept(1, 20, 0.32)];
    const { svg } = await accuracyOverTimeFigure({ name: "one", title: "One", runs });
    expect(svg).toContain(">20 Jan 2026<");
    expect(svg).toContain(">21 Jan 2026<");
    expect(svg).toContain(">1 kept run, bars are 95% intervals<");
  });
});
