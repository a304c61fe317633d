import type { Config } from "vega-lite";

/** The few colours that figures are drawn in besides data; the page swaps them in dark mode. */
export const INK = "#1f2430";
export const MUTED = "#5c6472";
export const RULE = "#d5d9e0";
export const ACCENT = "#0b62b4";
export const FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif";

/** Vega-Lite's configuration for every figure. */
export const FIGURE_CONFIG: Config = {
  background: "transparent",
  padding: 6,
  font: FONT,
  aria: false,
  view: { stroke: null },
  title: {
    anchor: "start",
    color: INK,
    fontSize: 14,
    fontWeight: 600,
    offset: 10,
    subtitleColor: MUTED,
    subtitleFontSize: 11.5,
    subtitlePadding: 4,
  },
  axis: {
    domainColor: RULE,
    gridColor: RULE,
    labelColor: MUTED,
    labelFontSize: 11.5,
    tickColor: RULE,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 500,
    titlePadding: 8,
  },
  legend: { labelColor: INK, labelFontSize: 12, symbolStrokeWidth: 0, title: null },
};
