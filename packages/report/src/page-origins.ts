import { stableStringify } from "@fer-bench/artifacts";
import { grouped } from "./format.ts";
import { html, type Markup } from "./html.ts";
import type { StageProvenance } from "./read-provenance.ts";
import type { DataSetCard } from "./request.ts";
import { type Table, tableHtml } from "./table.ts";

/** Where the images come from: licence, citation, counts, checksums. */
export function dataSection(dataSets: readonly DataSetCard[]): Markup {
  return html`${dataSets.map(
    (set) => html`<h3>${set.title}</h3>
<dl class="facts">
${fact("Name", html`<code>${set.name}</code>`)}${fact("Licence", set.licence)}${fact("Citation", set.citation)}${
  set.homepage !== undefined && fact("Home", link(set.homepage))
}${Object.entries(set.checksums).map(([split, sha256]) => fact(`Checksum, ${split}`, html`<code>${sha256}</code>`))}</dl>
${tableHtml(countsTable(set))}${set.remarks.map((remark) => html`<p class="note">${remark}</p>\n`)}`,
  )}`;
}

function countsTable({ name, title, counts }: DataSetCard): Table<string> {
  const splits = Object.keys(counts);
  const classes = [...new Set(Object.values(counts).flatMap((byClass) => Object.keys(byClass)))];
  const all = "all classes";
  const count = (split: string, of: string) =>
    of === all ? Object.values(counts[split]!).reduce((sum, n) => sum + n, 0) : (counts[split]![of] ?? 0);
  return {
    name: `counts-${name}`,
    caption: `Images of ${title} by class and split`,
    rows: [...classes, all],
    notes: [],
    columns: [
      { heading: "Class", text: (of) => of, values: (of) => ({ class: of }) },
      ...splits.map((split) => ({
        heading: split,
        numeric: true,
        text: (of: string) => grouped(count(split, of)),
        values: (of: string) => ({ [split]: count(split, of) }),
      })),
    ],
  };
}

/** What made every artifact behind the page. Neither times nor dates: equal runs give equal pages. */
export function provenanceSection(stages: readonly StageProvenance[]): Markup {
  return html`<p>The stages behind this page, in the order they ran. Times and memory use are in each stage's <code>provenance.json</code>, and left out here so that equal runs give equal pages.</p>
${stages.map(
  (stage) => html`<details>
<summary><strong>${stage.stage}</strong> of <code>${stage.of}</code></summary>
<div>
<dl class="facts">
${stage.seed != null && fact("Seed", String(stage.seed))}${
  stage.engine != null && fact("Engine", asText(stage.engine))
}${Object.entries(stage.inputs).map(([name, input]) => fact(`Input ${name}`, html`<code>${asText(input)}</code>`))}${
  Object.keys(stage.versions).length > 0 &&
  fact(
    "Versions",
    Object.entries(stage.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  )
}${
  stage.machine != null &&
  fact(
    "Machine",
    `${stage.machine.cpu}, ${stage.machine.cores} cores, ${(stage.machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${stage.machine.os}, Node ${stage.machine.node}`,
  )
}</dl>
<pre>${stableStringify(stage.config, 2)}</pre>
</div>
</details>
`,
)}`;
}

function fact(name: string, value: Markup | string): Markup {
  return html`<dt>${name}</dt><dd>${value}</dd>\n`;
}

/** A link where the address is one of the web, else its text. */
function link(address: string): Markup | string {
  return /^https?:\/\//.test(address) ? html`<a href="${address}">${address}</a>` : address;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : stableStringify(value);
}
