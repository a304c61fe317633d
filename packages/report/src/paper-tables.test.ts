import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PAPER_REFERENCES, PAPER_TABLES } from "./paper-tables.ts";
import type { PublishedRow } from "./request.ts";

interface BenchmarkFile {
  source: string;
  targets: string[];
  published?: PublishedRow[];
}

const folder = new URL("../../../benchmarks/", import.meta.url);
const benchmarks = readdirSync(folder)
  .map((name) => ({ name, file: new URL(`${name}/benchmark.json`, folder) }))
  .filter(({ file }) => existsSync(file))
  .map(({ name, file }) => ({ name, ...(JSON.parse(readFileSync(file, "utf8")) as BenchmarkFile) }));
const quoting = benchmarks.filter(({ published = [] }) =>
  published.some(({ source }) => source.startsWith("Singh et al.")),
);

describe("the paper's tables", () => {
  it.each(quoting)("stand whole in $name, number for number, with what they cite", (benchmark) => {
    const { source, targets, published = [] } = benchmark;
    const tables = PAPER_TABLES.filter((one) => one.source === source && targets.includes(one.target));
    const quotedAtAll = published.filter((row) => row.source.startsWith("Singh et al."));
    expect(quotedAtAll).toHaveLength(tables.flatMap(({ rows }) => rows).length);
    for (const table of tables) {
      const quoted = published.filter((row) => row.source === `Singh et al., Table ${table.number}`);
      expect(quoted).toHaveLength(table.rows.length);
      for (const { method, backbone, accuracy, reference } of table.rows) {
        expect(quoted).toContainEqual(
          expect.objectContaining({
            method,
            accuracy,
            // Where the table gives none, the text may.
            ...(backbone !== null && { backbone }),
            ...(reference !== null && { citation: PAPER_REFERENCES[reference] }),
          }),
        );
      }
    }
  });

  it("each have a benchmark with a frozen backbone and one that trains it", () => {
    for (const { source, target } of PAPER_TABLES) {
      const of = quoting.filter((one) => one.source === source && one.targets.includes(target));
      const names = of.map(({ name }) => name);
      expect(names.some((name) => name.endsWith("frozen"))).toBe(true);
      expect(names.some((name) => name.endsWith("finetune"))).toBe(true);
    }
  });
});
