import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "@fer-bench/artifacts";
import type { Figure } from "./figure.ts";
import { TABLE_FORMATS, type Table } from "./table.ts";

/** A table as its files: texts by file ending. */
export interface WrittenTable {
  name: string;
  texts: Readonly<Record<string, string>>;
}

export function inEveryFormat<Row>(table: Table<Row>): WrittenTable {
  const texts = Object.entries(TABLE_FORMATS).map(([format, write]) => [format, write(table)]);
  return { name: table.name, texts: Object.fromEntries(texts) };
}

/** Writes a report's `index.html`, `figures/` and `tables/`; gives the page's path. */
export async function writeFiles(report: {
  out: string;
  page: string;
  figures: readonly Figure[];
  tables: readonly WrittenTable[];
  progress: Progress;
}): Promise<string> {
  const { out, page, figures, tables, progress } = report;
  await mkdir(join(out, "figures"), { recursive: true });
  for (const { name, svg } of figures) await writeFile(join(out, "figures", `${name}.svg`), svg);
  await mkdir(join(out, "tables"), { recursive: true });
  for (const { name, texts } of tables) {
    for (const [format, text] of Object.entries(texts)) {
      await writeFile(join(out, "tables", `${name}.${format}`), text);
    }
  }
  const index = join(out, "index.html");
  await writeFile(index, page);
  progress.note(`report: ${figures.length} figures, ${tables.length} tables`);
  return index;
}
