import { ACCENT, INK, MUTED, RULE } from "./theme.ts";

/** The page's style sheet. Figures take their ink from the --figure variables. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --raised: #f6f7f9; --ink: #1b1f27; --muted: #565e6c; --rule: #dfe3e9; --accent: #0b5cad;
  --own: #eef4fb; --warn: #fff6e0; --warn-rule: #d69e2e; --warn-ink: #4a3505; --wrong: #b3261e;
  --figure-ink: ${INK}; --figure-muted: ${MUTED}; --figure-rule: ${RULE}; --figure-accent: ${ACCENT};
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --raised: #1c2027; --ink: #e4e7ec; --muted: #a0a8b5; --rule: #313844; --accent: #7ab4f0;
    --own: #1d2a3a; --warn: #2f2711; --warn-rule: #b7882a; --warn-ink: #f3dfae; --wrong: #ff8a80;
    --figure-ink: #e4e7ec; --figure-muted: #a0a8b5; --figure-rule: #3a424f; --figure-accent: #5aabf2;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.wrap { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding: 2.75rem 0 1.25rem; }
header p { margin: 0; max-width: 46rem; color: var(--muted); }
.kicker { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; }
.kicker code { text-transform: none; letter-spacing: 0; }
h1 { margin: .2rem 0 .6rem; font-size: 2rem; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 0 0 .75rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -.01em; }
h3 { margin: 2rem 0 .5rem; font-size: 1.05rem; }
section { padding: 2.25rem 0 1rem; border-top: 1px solid var(--rule); }
section > p { max-width: 46rem; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .86em; }
code { overflow-wrap: anywhere; }
nav {
  position: sticky; top: 0; z-index: 1; background: var(--paper); border-top: 1px solid var(--rule);
  border-bottom: 1px solid var(--rule);
}
nav ul { display: flex; gap: 1.4rem; margin: 0; padding: .6rem 0; list-style: none; overflow-x: auto; white-space: nowrap; }
nav a { color: var(--muted); font-size: .92rem; text-decoration: none; }
nav a:hover { color: var(--accent); text-decoration: underline; }
main section:first-of-type { border-top: 0; }
.caveat {
  margin: 1.5rem 0 .25rem; padding: .85rem 1.1rem; background: var(--warn); color: var(--warn-ink);
  border-left: 4px solid var(--warn-rule); border-radius: 0 6px 6px 0;
}
.caveat p { margin: 0; max-width: 56rem; }
.caveat p + p { margin-top: .4rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .9rem; margin: 1rem 0 1.75rem; padding: 0; }
.tiles > div { padding: .85rem 1rem; background: var(--raised); border: 1px solid var(--rule); border-radius: 8px; }
.tiles dt { color: var(--muted); font-size: .85rem; }
.tiles dd { margin: 0; }
.tiles .value { font-size: 1.65rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles .detail { color: var(--muted); font-size: .85rem; font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; margin: 1rem 0 .6rem; }
table { border-collapse: collapse; min-width: min(100%, 44rem); font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { position: sticky; left: 0; max-width: min(calc(100vw - 2.5rem), 69.5rem); padding: 0 0 .5rem; text-align: left; font-weight: 600; }
thead th { border-top: 2px solid var(--ink); border-bottom: 1px solid var(--ink); font-weight: 600; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 2px solid var(--ink); }
th, td { padding: .42rem .6rem; text-align: left; border-bottom: 1px solid var(--rule); }
tbody th { font-weight: 400; }
.text { min-width: 6.6rem; }
.number { text-align: right; }
td.number { white-space: nowrap; }
tbody .text:first-child { min-width: 10rem; }
.table table td:last-child { white-space: nowrap; }
.dense table { font-size: .84rem; }
.dense th, .dense td { padding: .42rem .4rem; }
.dense tbody .text:first-child { min-width: 9rem; }
tr.own > * { background: var(--own); font-weight: 600; }
.note { margin: .2rem 0; max-width: 56rem; color: var(--muted); font-size: .85rem; }
.files { margin: .3rem 0 0; color: var(--muted); font-size: .85rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 0 2rem; }
figure { margin: 1rem 0; max-width: 100%; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { max-width: 33rem; color: var(--muted); font-size: .85rem; line-height: 1.5; }
.figures figure { min-width: 0; }
.wide figcaption { max-width: 52rem; }
.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: 1rem; margin: 1rem 0; padding: 0; list-style: none; font-size: .82rem; line-height: 1.35; }
.faces { overflow-wrap: anywhere; }
.faces > li { min-width: 0; }
.faces span { display: block; }
.faces .face { width: 96px; height: 96px; margin-bottom: .35rem; border-radius: 4px; }
.faces[style*="--sprite"] .face { background: var(--sprite) 0 0 / var(--sprite-width) 96px; }
.faces .sure { color: var(--muted); font-variant-numeric: tabular-nums; }
.faces .id { overflow-wrap: anywhere; color: var(--muted); }
.wrong { color: var(--wrong); }
.sheet { overflow-x: auto; margin: 1rem 0; }
.sheet table { min-width: 0; }
.sheet th, .sheet td { padding: .3rem .35rem; border: 0; vertical-align: top; font-size: .8rem; line-height: 1.35; }
.sheet th { min-width: 8rem; }
.sheet span { display: block; }
.sheet .face { width: 96px; height: 96px; border-radius: 4px; background: var(--sprite) 0 0 / var(--sprite-width) 96px; }
.sheet .sure { color: var(--muted); font-variant-numeric: tabular-nums; }
.sheet .wrong { color: var(--wrong); }
.attention { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; margin: .6rem 0 1.4rem; padding: 0; list-style: none; font-size: .82rem; line-height: 1.35; }
.tile-row { position: relative; display: flex; gap: 3px; margin-bottom: 3px; }
.tile { width: 80px; height: 80px; border-radius: 4px; }
.tile-for { position: absolute; right: 3px; bottom: 2px; padding: 0 .3rem; background: rgb(0 0 0 / .62); color: #fff; border-radius: 3px; font-size: .7rem; }
.attention .sure { color: var(--muted); font-variant-numeric: tabular-nums; }
.ramp-legend { display: flex; gap: .6rem; align-items: center; color: var(--muted); font-size: .85rem; }
.ramp { width: 10rem; height: .8rem; border-radius: 3px; }
.explorer { scroll-margin-top: 3.5rem; }
.explorer form { display: flex; flex-wrap: wrap; gap: .6rem 1.25rem; align-items: end; margin: 1rem 0 .5rem; }
.explorer label { display: grid; gap: .15rem; color: var(--muted); font-size: .85rem; }
.explorer label { min-width: 0; max-width: 100%; }
select { max-width: min(100%, 22rem); }
select, button { padding: .35rem .6rem; color: var(--ink); background: var(--raised); border: 1px solid var(--rule); border-radius: 6px; font: inherit; font-size: .92rem; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
.found { margin: .4rem 0; color: var(--muted); font-variant-numeric: tabular-nums; }
.sort { padding: 0; color: inherit; background: none; border: 0; font: inherit; text-align: inherit; }
.sort:hover { color: var(--accent); text-decoration: underline; }
[aria-sort] .sort::after { content: " ▲"; font-size: .75em; }
[aria-sort="descending"] .sort::after { content: " ▼"; }
.map { position: relative; width: fit-content; max-width: 100%; }
.map .dim { opacity: .07; }
.map .current { opacity: 1; stroke: var(--ink); stroke-width: 2.5; }
.map svg g.mark-symbol.role-mark > path { cursor: pointer; }
.card { position: absolute; z-index: 2; padding: .5rem; background: var(--paper); border: 1px solid var(--rule); border-radius: 8px; box-shadow: 0 3px 12px rgb(0 0 0 / .22); font-size: .82rem; line-height: 1.35; pointer-events: none; }
.card span { display: block; }
.card .face { width: 96px; height: 96px; margin-bottom: .3rem; border-radius: 4px; }
.card .sure { max-width: 14rem; color: var(--muted); overflow-wrap: anywhere; }
.cell { cursor: pointer; }
.cell:hover, .cell:focus-visible { stroke: var(--warn-rule); stroke-width: 3; outline: none; }
dl.facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .3rem 1.25rem; margin: .75rem 0; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
details { margin: .6rem 0; border: 1px solid var(--rule); border-radius: 8px; }
summary { padding: .6rem .9rem; cursor: pointer; }
details > div { padding: .1rem .9rem .8rem; }
pre { margin: .5rem 0; padding: .8rem 1rem; overflow-x: auto; background: var(--raised); border-radius: 6px; line-height: 1.45; }
footer { margin-top: 2rem; padding: 1.25rem 0 2.5rem; border-top: 1px solid var(--rule); color: var(--muted); font-size: .85rem; }
@media (max-width: 40rem) {
  h1 { font-size: 1.6rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: .6rem; }
}
@media print {
  nav, .explorer form, .more, .files { display: none; }
  body { font-size: 11pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section, figure, tr { break-inside: avoid; }
  .table { overflow: visible; }
}
`;

/** What a grid's page has besides: tables beside figures. */
export const GRID_STYLE = `
.figures > div { min-width: 0; }
.figures .table tbody .text:first-child { min-width: 5rem; }
`;
