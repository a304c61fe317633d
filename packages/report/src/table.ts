import { csvLine, escapeMarkdown } from "@fer-bench/artifacts";
import { ABSENT } from "./format.ts";
import { html, type Markup } from "./html.ts";

export type Scalar = string | number | boolean | null;

/** A column: what it prints, and the values behind it for programs. */
export interface Column<Row> {
  /** As printed. */
  heading: string;
  numeric?: boolean;
  /** As printed; null where there is nothing to say. Absent for values that are for programs only. */
  text?: (row: Row) => string | null;
  /** Named raw values: shares as fractions, counts as numbers. */
  values: (row: Row) => Record<string, Scalar>;
}

/** A table: once described, written in every format. */
export interface Table<Row> {
  /** Its files' name without the ending. */
  name: string;
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Rows to set apart from the others, such as the page's own results. */
  emphasis?: (row: Row) => boolean;
  /** What a reader has to know, below the table. */
  notes: readonly string[];
}

/** The formats of a table, by file ending. */
export const TABLE_FORMATS = {
  md: tableMarkdown,
  csv: tableCsv,
  tex: tableLatex,
  json: tableJson,
} as const;

/** GitHub-flavoured Markdown, with the caption above and the notes below. */
export function tableMarkdown<Row>(table: Table<Row>): string {
  const { headings, body, columns } = printed(table);
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const rule = `|${columns.map(({ numeric }) => (numeric ? "--:" : ":--")).join("|")}|`;
  const rows = body.map((cells, r) =>
    table.emphasis?.(table.rows[r]!)
      ? `| ${cells.map((cell) => (cell === "" ? "" : `**${escapeMarkdown(cell)}**`)).join(" | ")} |`
      : line(cells),
  );
  const notes = table.notes.flatMap((note) => ["", escapeMarkdown(note)]);
  return (
    [`${escapeMarkdown(table.caption)}\n`, line(headings), rule, ...rows, ...notes].join("\n").trimEnd() +
    "\n"
  );
}

/** RFC 4180 with raw values; captions and notes are left to the other formats. */
export function tableCsv<Row>(table: Table<Row>): string {
  const records = table.rows.map((row) => rawValues(table, row));
  const keys = valueKeys(table);
  const rows = records.map((record) => csvLine(keys.map((key) => record[key] ?? null)));
  return `${[csvLine(keys), ...rows].join("\r\n")}\r\n`;
}

/** A LaTeX table for the booktabs package. */
export function tableLatex<Row>(table: Table<Row>): string {
  const { headings, body, columns } = printed(table);
  const line = (cells: readonly string[]) => `    ${cells.map(escapeLatex).join(" & ")} \\\\`;
  const rows = body.map((cells, r) =>
    table.emphasis?.(table.rows[r]!)
      ? `    ${cells.map((cell) => (cell === "" ? "" : `\\textbf{${escapeLatex(cell)}}`)).join(" & ")} \\\\`
      : line(cells),
  );
  return [
    "% \\usepackage{booktabs}",
    "\\begin{table}",
    "  \\centering",
    `  \\caption{${escapeLatex(table.caption)}}`,
    `  \\begin{tabular}{${columns.map(({ numeric }) => (numeric ? "r" : "l")).join("")}}`,
    "    \\toprule",
    line(headings),
    "    \\midrule",
    ...rows,
    "    \\bottomrule",
    "  \\end{tabular}",
    ...table.notes.map((note) => `  \\par\\smallskip{\\footnotesize ${escapeLatex(note)}}`),
    "\\end{table}",
    "",
  ].join("\n");
}

/** { name, caption, rows: raw values by key, notes }. */
export function tableJson<Row>(table: Table<Row>): string {
  const { name, caption, notes } = table;
  const rows = table.rows.map((row) => rawValues(table, row));
  return `${JSON.stringify({ name, caption, rows, notes }, null, 2)}\n`;
}

/** Columns from which a table is set in small type. */
const WIDE = 11;

/** An HTML table that scrolls sideways inside its own frame where the page is narrow. */
export function tableHtml<Row>(table: Table<Row>): Markup {
  const { headings, body, columns } = printed(table);
  const align = (column: number) => (columns[column]!.numeric ? "number" : "text");
  return html`<div class="table${columns.length >= WIDE && " dense"}" tabindex="0" role="region" aria-label="${table.caption}">
<table>
<caption>${table.caption}</caption>
<thead><tr>${headings.map((heading, c) => html`<th scope="col" class="${align(c)}">${heading}</th>`)}</tr></thead>
<tbody>
${body.map(
  (cells, r) => html`<tr${table.emphasis?.(table.rows[r]!) ? html` class="own"` : false}>${cells.map(
    (cell, c) =>
      c === 0
        ? html`<th scope="row" class="${align(c)}">${cell}</th>`
        : html`<td class="${align(c)}">${cell}</td>`,
  )}</tr>
`,
)}</tbody>
</table>
</div>
${table.notes.map((note) => html`<p class="note">${note}</p>\n`)}`;
}

function printed<Row>(table: Table<Row>): { headings: string[]; body: string[][]; columns: Column<Row>[] } {
  const columns = table.columns.filter(({ text }) => text !== undefined);
  return {
    columns,
    headings: columns.map(({ heading }) => heading),
    body: table.rows.map((row) => columns.map(({ text }) => text!(row) ?? ABSENT)),
  };
}

function rawValues<Row>(table: Table<Row>, row: Row): Record<string, Scalar> {
  return Object.assign({}, ...table.columns.map(({ values }) => values(row)));
}

function valueKeys<Row>(table: Table<Row>): string[] {
  const first = table.rows[0];
  return first === undefined ? [] : Object.keys(rawValues(table, first));
}

const LATEX: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "—": "---",
  "–": "--",
  "†": "\\textdagger{}",
};

/** Text for LaTeX's text mode. */
export function escapeLatex(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(/[\\~^—–†{}$&#_%]/g, (character) => LATEX[character] ?? `\\${character}`);
}
