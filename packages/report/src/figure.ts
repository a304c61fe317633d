import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { textWidth } from "./text-width.ts";
import { FIGURE_CONFIG } from "./theme.ts";

/** A drawn figure. */
export interface Figure {
  /** Its file's name without the ending. */
  name: string;
  /** What it shows, for a reader who does not see it. */
  description: string;
  /** A whole SVG document. */
  svg: string;
}

interface TextItem {
  fontSize?: number;
  fontWeight?: number | string;
  limit?: number;
}

/**
 * Vega measures text on a canvas where one is installed, and otherwise takes every character for a wide one.
 * Ours is closer, and gives the same bytes everywhere. (Vega exports the object, its types do not.)
 */
const { textMetrics } = vega as unknown as {
  textMetrics: { width(item: TextItem, text: unknown): number };
};
textMetrics.width = ({ fontSize = 11, fontWeight, limit = 0 }, text) => {
  const bold = fontWeight === "bold" || Number(fontWeight) >= 600;
  const width = textWidth(String(text ?? "").trim(), fontSize, bold);
  return limit > 0 ? Math.min(width, limit) : width;
};

/** Draws a Vega-Lite specification as SVG; the same specification gives the same bytes. */
export async function drawFigure(name: string, description: string, spec: TopLevelSpec): Promise<Figure> {
  const compiled = compile({ ...spec, config: FIGURE_CONFIG }, { logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none", logLevel: vega.Error });
  try {
    return { name, description, svg: `${await view.toSVG()}\n` };
  } finally {
    view.finalize();
  }
}

/**
 * A Vega expression that gives the name of the class whose number an axis or legend shows. Figures number classes,
 * so that no name is taken for a field or an expression. (Vega's expressions, unlike JSON, know no raw U+2028.)
 */
export function classNameExpression(classes: readonly string[]): string {
  const names = JSON.stringify(classes).replace(
    /[\u2028\u2029]/g,
    (separator) => `\\u${separator.charCodeAt(0).toString(16)}`,
  );
  return `${names}[datum.value]`;
}
