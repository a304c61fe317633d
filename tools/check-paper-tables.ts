/**
 * Checks every row of PAPER_TABLES against the paper's text, in which a table's cells stand between tabs:
 *
 *   node --conditions=@fer-bench/source --import tsx tools/check-paper-tables.ts <the paper's text>
 */
import { readFileSync } from "node:fs";
import { PAPER_TABLES } from "../packages/report/src/paper-tables.ts";

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
    if (reference !== null && !references.includes(`[${reference}]`))
      report(`there is no reference ${reference}`);
  }
}
process.stdout.write(`${rows} rows, ${problems} problems\n`);
process.exitCode = problems > 0 ? 1 : 0;

function report(problem: string): void {
  problems++;
  process.stdout.write(`${problem}\n`);
}
