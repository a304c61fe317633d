/*
 * How often two data sets that share images label them differently, per class: FER-2013 and FER+, say.
 *
 *   node --conditions=@fer-bench/source --import tsx tools/label-agreement.ts fer2013 ferplus
 *
 * Reads artifacts/datasets/<set>/prepare of both, and joins their records by where the image is in the raw data
 * (`path`). An image that the second does not have, because it dropped it, is not counted. Prints a Markdown table; rows are the first set's classes.
 */
import { join } from "node:path";
import { openArtifact, readParquet } from "@fer-bench/artifacts";
import type { SampleRecord } from "@fer-bench/datasets";

const [one, other] = process.argv.slice(2);
if (one === undefined || other === undefined) {
  process.stderr.write("usage: label-agreement.ts <set> <other set>\n");
  process.exit(64);
}

async function labelsOf(set: string): Promise<Map<string, string>> {
  const prepared = await openArtifact(join("artifacts", "datasets", set, "prepare"), "prepare");
  const records = await readParquet<SampleRecord>(prepared.path("records.parquet"), ["path", "label"]);
  return new Map(records.map(({ path, label }) => [path, label]));
}

const [first, second] = [await labelsOf(one), await labelsOf(other)];
const rows = new Map<string, { images: number; shared: number; others: Map<string, number> }>();
for (const [path, label] of first) {
  const row = rows.get(label) ?? { images: 0, shared: 0, others: new Map<string, number>() };
  rows.set(label, row);
  row.images += 1;
  const theirs = second.get(path);
  if (theirs === undefined) continue;
  row.shared += 1;
  if (theirs !== label) row.others.set(theirs, (row.others.get(theirs) ?? 0) + 1);
}

if (![...rows.values()].some((row) => row.shared > 0)) {
  process.stderr.write(`error: ${one} and ${other} have no image in common\n`);
  process.exit(65);
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const line = (cells: readonly (string | number)[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
line([`${one}'s label`, "images", `kept by ${other}`, "labelled otherwise", "%", "most often as"]);
line([":--", "--:", "--:", "--:", "--:", ":--"]);
let [shared, differ] = [0, 0];
for (const [label, row] of rows) {
  const otherwise = sum(row.others.values());
  shared += row.shared;
  differ += otherwise;
  const often = [...row.others].sort(([, a], [, b]) => b - a).slice(0, 3);
  const share = (100 * otherwise) / Math.max(1, row.shared);
  line([
    label,
    row.images,
    row.shared,
    otherwise,
    share.toFixed(1),
    often.map(([name, count]) => `${name} ${count}`).join(", "),
  ]);
}
line(["all", first.size, shared, differ, ((100 * differ) / Math.max(1, shared)).toFixed(1), ""]);
