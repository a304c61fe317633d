import { classStyles } from "./class-style.ts";
import { classNameExpression, drawFigure, type Figure } from "./figure.ts";
import { grouped, percent } from "./format.ts";
import { INK } from "./theme.ts";

const BAR = 15;

/** The share of each class in every split, as bars a class and split. */
export function balanceFigure(request: {
  name: string;
  title: string;
  classes: readonly string[];
  /** Images by split and class. */
  counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
}): Promise<Figure> {
  const { name, title, classes, counts } = request;
  const splits = Object.keys(counts).filter((split) => total(counts[split]!) > 0);
  const values = splits.flatMap((split) =>
    classes.map((label, c) => {
      const images = counts[split]![label] ?? 0;
      const share = images / total(counts[split]!);
      return { class: c, split, share: 100 * share, text: `${percent(share, 1)}%  ${grouped(images)}` };
    }),
  );
  const description = splits
    .map((split) => {
      const shares = classes.map(
        (label) => `${label} ${percent((counts[split]![label] ?? 0) / total(counts[split]!), 1)}%`,
      );
      return `${split}: ${shares.join(", ")}.`;
    })
    .join(" ");
  const y = {
    field: "class",
    type: "ordinal" as const,
    title: null,
    axis: {
      domain: false,
      ticks: false,
      labelExpr: classNameExpression(classes),
      labelColor: INK,
      labelLimit: 160,
      labelPadding: 8,
    },
  };
  return drawFigure(name, `Share of each class. ${description}`, {
    title: { text: title, subtitle: "Share of the split's images, and their number" },
    data: { values },
    facet: {
      column: { field: "split", type: "nominal", sort: splits, title: null, header: { labelColor: INK } },
    },
    spec: {
      width: 150,
      height: { step: BAR + 7 },
      layer: [
        {
          mark: { type: "bar", height: BAR },
          encoding: {
            y,
            x: { field: "share", type: "quantitative", title: null, axis: null },
            color: {
              field: "class",
              type: "ordinal",
              legend: null,
              scale: {
                domain: classes.map((_, c) => c),
                range: classStyles(classes).map(({ colour }) => colour),
              },
            },
          },
        },
        {
          mark: { type: "text", align: "left", dx: 5, color: INK, fontSize: 10.5 },
          encoding: {
            y,
            x: { field: "share", type: "quantitative" },
            text: { field: "text" },
          },
        },
      ],
    },
  });
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
