import type { AttentionCard, AttentionResults } from "./attention-results.ts";
import { grouped, percent } from "./format.ts";
import { heatRamp } from "./heat-overlay.ts";
import { html, type Markup } from "./html.ts";
import type { TargetResults } from "./page.ts";
import { tableFiles } from "./page-document.ts";
import type { MapLayer } from "./read-activation-maps.ts";
import { tableHtml } from "./table.ts";

/** Side of a tile on the page, in CSS pixels. */
const SIDE = 80;

/** Where in the pictures the model finds its answers. */
export function attentionSection(targets: readonly TargetResults[]): Markup {
  return html`<p>Where in a picture the evidence for an answer lies: what the model's features are there, times what the answer's logit gains from them, channels summed, nothing below zero.</p>
${targets.map(({ title, attention }, t) => {
  if (attention === undefined) return false;
  return html`${
    targets.length > 1 &&
    html`<h3>${title}</h3>
`
  }${aboutLayers(attention)}${legend()}
${attention.classes.map(
  ({ name, cards }) => html`<h3>${name}</h3>
<ul class="attention">
${cards.map((one) => card(one, name, attention, t))}</ul>
`,
)}${tableHtml(attention.table)}${tableFiles(attention.table)}`;
})}`;
}

function aboutLayers({ layers }: AttentionResults): Markup {
  const [last, finer] = layers;
  const size = ({ height, width }: MapLayer) => `${height}x${width}`;
  return html`<p class="note">Left of each pair: Grad-CAM at the last pictures of the network, <code>${last!.layer}</code>, of ${size(last!)} pixels, each of which sees a window of ${last!.receptiveField} pixels of the face, and so all of a smaller one: which of them lights up says little of where, and what is between their middles is interpolation.${
    finer !== undefined &&
    html` Right: LayerCAM at <code>${finer.layer}</code>, ${size(finer)} pixels that see ${finer.receptiveField} each: finer, but further from the answer.`
  } Maps of one face and layer have one scale, up to their largest value; a mean counts every picture alike.</p>
`;
}

function legend(): Markup {
  return html`<p class="ramp-legend"><span>no evidence</span><span class="ramp" style="background: ${heatRamp()}"></span><span>the most in this face</span></p>`;
}

function card(
  { of, face, rows }: AttentionCard,
  label: string,
  { layers, tiles }: AttentionResults,
  t: number,
): Markup {
  const tile = (at: number, what: string) => {
    const [x, y] = [at % tiles.columns, Math.floor(at / tiles.columns)];
    return html`<span class="tile tiles-${t}" role="img" aria-label="${what}" style="background-position:-${x * SIDE}px -${y * SIDE}px"></span>`;
  };
  const whose = of.kind === "mean" ? `mean of ${label}` : `face ${of.id}`;
  const isWrong = of.kind === "sample" && of.predicted !== label;
  return html`<li>${rows.map(
    (row, i) =>
      html`<div class="tile-row">${
        face !== undefined && (i === 0 ? tile(face, whose) : html`<span class="tile empty"></span>`)
      }${row.tiles.map((at, l) => tile(at, `${layers[l]!.method} of ${whose}: evidence for ${row.evidenceFor}`))}${
        rows.length > 1 && html`<span class="tile-for">for ${row.evidenceFor}</span>`
      }</div>`,
  )}<span>${
    of.kind === "mean"
      ? `Mean of ${grouped(of.n)} right answers`
      : html`${isWrong && html`${label} → `}<span class="${isWrong ? "wrong" : ""}">${of.predicted}</span>, <span class="sure">${percent(of.confidence, 0)}% sure</span>`
  }</span></li>
`;
}

/** Style rules that hold the tiles, one picture a target. */
export function attentionStyle(targets: readonly TargetResults[]): string {
  return targets
    .map(({ attention }, t) =>
      attention === undefined
        ? ""
        : `.tiles-${t} { background: url(${attention.tiles.uri}) 0 0 / ${attention.tiles.columns * SIDE}px ${attention.tiles.rows * SIDE}px; }\n`,
    )
    .join("");
}
