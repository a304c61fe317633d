import { createHash } from "node:crypto";
import { html, type Markup, trusted } from "./html.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { BackboneCard, BenchmarkPage } from "./request.ts";
import { TABLE_FORMATS } from "./table.ts";

export interface PageSection {
  id: string;
  heading: string;
  body: Markup;
}

/** One document that asks for nothing from outside. */
export function pageDocument(content: {
  page: Pick<BenchmarkPage, "name" | "title">;
  summary: string;
  caveat: Markup | false;
  sections: readonly PageSection[];
  /** Style rules besides the sheet that all pages have. */
  style?: string;
  /** What the script reads about samples: JSON. */
  samples?: Markup;
}): string {
  const { page, summary, caveat, sections, style = "", samples } = content;
  const script = createHash("sha256").update(PAGE_SCRIPT).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${script}'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>${page.title} · fer-bench</title>
<style>${trusted(PAGE_STYLE + style)}</style>
</head>
<body>
<div class="wrap">
<header>
<p class="kicker">fer-bench report · <code>${page.name}</code></p>
<h1>${page.title}</h1>
<p>${summary}</p>
</header>
</div>
<nav aria-label="Sections"><div class="wrap"><ul>
${sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>\n`)}</ul></div></nav>
<main class="wrap">
${caveat}${sections.map(
  ({ id, heading, body }) => html`<section id="${id}">
<h2>${heading}</h2>
${body}</section>
`,
)}</main>
<div class="wrap"><footer>Made by fer-bench from finished artifacts. The same artifacts give the same page, byte for byte.</footer></div>
${
  samples &&
  html`<script type="application/json" id="samples-data">${samples}</script>
`
}<script>${trusted(PAGE_SCRIPT)}</script>
</body>
</html>
`.markup;
}

/** What the numbers of a benchmark with these backbones need said, before the first of them. */
export function caveat(backbones: readonly BackboneCard[]): Markup | false {
  const noted = backbones.filter(({ note }) => note !== undefined);
  const notes = [...new Set(noted.map(({ note }) => note!))];
  const names = (some: readonly BackboneCard[]) =>
    some.map(({ name }, i) => html`${i > 0 && ", "}<code>${name}</code>`);
  const whose = (text: string) =>
    notes.length > 1 && html`${names(noted.filter(({ note }) => note === text))}: `;
  return (
    notes.length > 0 &&
    html`<aside class="caveat" id="caveat" aria-label="Caveat">
${notes.map(
  (note, i) =>
    html`<p>${i === 0 && html`<strong>Before you read a number:</strong> `}${whose(note)}${note}</p>\n`,
)}<p>${
      backbones.length === 1
        ? html`Every accuracy, table and figure on this page rests on the backbone ${names(noted)}, unless its row names another.`
        : html`This is so of ${noted.length === backbones.length ? "every backbone of the grid" : names(noted)}; each row, table and figure names what it rests on.`
    }</p>
</aside>
`
  );
}

/** Large numbers in a row. */
export function tiles(tiles: readonly { name: string; value: string; detail: string }[]): Markup {
  return html`<dl class="tiles">
${tiles.map(
  ({ name, value, detail }) =>
    html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="detail">${detail}</dd></div>\n`,
)}</dl>
`;
}

/** Links to a table's files. */
export function tableFiles({ name }: { name: string }): Markup {
  const links = Object.keys(TABLE_FORMATS).map(
    (format, i) => html`${i > 0 && " · "}<a href="tables/${name}.${format}">${format}</a>`,
  );
  return html`<p class="files">This table as ${links}</p>
`;
}

/** A caption that names the backbone, and leads to what has to be said of it. */
export function figureCaption(text: string, { title, note }: Pick<BackboneCard, "title" | "note">): Markup {
  return html`${text} Backbone: ${title}${note !== undefined && html` (<a href="#caveat">what that means</a>)`}.`;
}
