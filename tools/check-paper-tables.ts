/**
 * Checks every row of PAPER_TABLES against the paper's text, in which a table's cells stand between tabs, and the title,
 * first author and year of every work that they quote against its references:
 *
 *   node --conditions=@fer-bench/source --import tsx tools/check-paper-tables.ts <the paper's text>
 */
import { readFileSync } from "node:fs";
import { PAPER_REFERENCES, PAPER_TABLES } from "../packages/report/src/paper-tables.ts";

const text = readFileSync(process.argv[2]!, "utf8");
const references = text.slice(text.indexOf("REFERENCES"));
let problems = 0;
let rows = 0;
for (const { number, caption, titles, rows: published } of PAPER_TABLES) {
  const start = text.indexOf(
    `Table.${number}.`,
    text.indexOf(`reported in Table.${number > 2 ? 3 : 1}`) + 20,
  );
  const after = [`Table.${number + 1}. Trained`, "Fig.4. Confusion"].map((next) => text.indexOf(next, start));
  const table = text.slice(start, Math.min(...after.filter((place) => place > start)));
  if (!table.includes(caption)) report(`table ${number} is not headed "${caption}"`);
  for (const { method, backbone, accuracy, reference } of published) {
    rows++;
    const name = reference === null ? `${method} (ours)` : `${method} [${reference}]`;
    const cells = backbone === null ? [titles.source, titles.target] : [backbone];
    const line = [name, ...cells, `${(100 * accuracy).toFixed(2)}%`].join("\t");
    if (!table.includes(line)) report(`table ${number} has no row "${line.replaceAll("\t", " | ")}"`);
    if (reference !== null && PAPER_REFERENCES[reference] === undefined)
      report(`there is no citation of reference ${reference}`);
  }
}
for (const [number, citation] of Object.entries(PAPER_REFERENCES)) {
  const entry = references.split("\n").find((line) => line.includes(`[${number}]`)) ?? "";
  const title = entry.match(/"(.+?),?"/)?.[1] ?? "no title";
  const author = entry.match(/\] ([A-Z.]+ ?)+([A-Z][a-z]+)/)?.[2] ?? "no author";
  const year = entry.match(/(\d{4})\.?\s*$/)?.[1] ?? "no year";
  for (const part of [title, author, year]) {
    if (!citation.includes(part)) report(`reference ${number} has "${part}", the citation is "${citation}"`);
  }
}
process.stdout.write(
  `${rows} rows, ${Object.keys(PAPER_REFERENCES).length} citations, ${problems} problems\n`,
);
process.exitCode = problems > 0 ? 1 : 0;

function report(problem: string): void {
  problems++;
  process.stdout.write(`${problem}\n`);
}
