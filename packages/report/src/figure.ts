import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
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

/** Vega's text widths come from a canvas where one is installed: always its estimate, so that bytes agree. */
const { textMetrics } = vega as unknown as { textMetrics: { canvas(use: boolean): void } };

/** Draws a Vega-Lite specification as SVG; the same specification gives the same bytes. */
export async function drawFigure(name: string, description: string, spec: TopLevelSpec): Promise<Figure> {
  textMetrics.canvas(false);
  const compiled = compile({ ...spec, config: FIGURE_CONFIG }, { logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none", logLevel: vega.Error });
  try {
    return { name, description, svg: `${await view.toSVG()}\n` };
  } finally {
    view.finalize();
  }
}
