import type { Figure } from "./figure.ts";
import { html, type Markup, trusted } from "./html.ts";
import { ACCENT, INK, MUTED, RULE } from "./theme.ts";

const THEMED = {
  [ACCENT]: "--figure-accent",
  [INK]: "--figure-ink",
  [MUTED]: "--figure-muted",
  [RULE]: "--figure-rule",
};

/** The id that a figure has in the page. */
export function figureId({ name }: Figure): string {
  return `figure-${name}`;
}

/** A figure inside the page: its ink follows the page's theme, and it has a caption. */
export function inlineFigure(figure: Figure, caption: Markup): Markup {
  const { name, description, svg } = figure;
  let drawing = svg.replace(/^<svg /, '<svg aria-hidden="true" ');
  for (const [colour, variable] of Object.entries(THEMED)) {
    drawing = drawing.replaceAll(`"${colour}"`, `"var(${variable},${colour})"`);
  }
  return html`<figure id="${figureId(figure)}" role="group" aria-label="${description}">
${trusted(drawing)}<figcaption>${caption} <a href="figures/${name}.svg">svg</a></figcaption>
</figure>
`;
}
