import { silent } from "@fer-bench/artifacts";
import type { DatasetPackage } from "./dataset-package.ts";
import { SPLITS, type Split } from "./labels.ts";
import { pixelSha256 } from "./pixels.ts";
import type { RawSample } from "./sample.ts";

export interface ConformanceCase<Options> {
  readonly dataset: DatasetPackage<Options>;
  readonly options: unknown;
  /** A small fixture in the form that the package imports or generates. */
  readonly rawDir: string;
  readonly classes: readonly string[];
  /** Samples by split and class. */
  readonly counts: Partial<Record<Split, Record<string, number>>>;
}

/**
 * What every data set package must hold, as a list of broken promises; empty is good. A package's test is
 * its fixture and `expect(await conformanceProblems(...)).toEqual([])`.
 */
export async function conformanceProblems<Options>(test: ConformanceCase<Options>): Promise<string[]> {
  const problems: string[] = [];
  const options = test.dataset.options.safeParse(test.options);
  if (!options.success) return [`its options do not parse: ${options.error.message}`];
  const first = await collect(test.dataset, test.rawDir, options.data);
  const second = await collect(test.dataset, test.rawDir, options.data);
  if (JSON.stringify(first.rows) !== JSON.stringify(second.rows)) {
    problems.push("a second reading gives other samples, or another order");
  }
  const ids = new Set(first.rows.map((row) => row.id));
  if (ids.size !== first.rows.length)
    problems.push(`${first.rows.length - ids.size} ids occur more than once`);
  problems.push(...first.problems);
  for (const row of first.rows) {
    if (!test.classes.includes(row.label)) problems.push(`${row.id} is of class "${row.label}"`);
    if (!SPLITS.includes(row.split)) problems.push(`${row.id} is of split "${row.split}"`);
  }
  for (const split of SPLITS) {
    for (const label of test.classes) {
      const wanted = test.counts[split]?.[label] ?? 0;
      const found = first.rows.filter((row) => row.split === split && row.label === label).length;
      if (wanted !== found) problems.push(`${split} has ${found} of ${label}, expected ${wanted}`);
    }
  }
  const subjects = new Map<string, Split>();
  for (const row of first.rows) {
    if (row.subject === undefined) continue;
    if ((subjects.get(row.subject) ?? row.split) !== row.split)
      problems.push(`subject ${row.subject} is in two splits`);
    subjects.set(row.subject, row.split);
  }
  return problems;
}

interface Row {
  readonly id: string;
  readonly split: Split;
  readonly label: string;
  readonly subject: string | undefined;
  readonly pixelSha256: string;
}

async function collect<Options>(
  dataset: DatasetPackage<Options>,
  rawDir: string,
  options: Options,
): Promise<{ rows: Row[]; problems: string[] }> {
  const rows: Row[] = [];
  const problems: string[] = [];
  for await (const sample of dataset.samples({ rawDir, options, progress: silent })) {
    problems.push(...imageProblems(sample));
    const { id, split, label, subject, image } = sample;
    rows.push({ id, split, label, subject, pixelSha256: pixelSha256(image) });
  }
  return { rows, problems };
}

function imageProblems({ id, image, box, landmarks }: RawSample): string[] {
  const problems: string[] = [];
  const { width, height, channels, data } = image;
  if (data.length !== width * height * channels)
    problems.push(`${id}: ${data.length} values for ${width}x${height}x${channels}`);
  if (box && !(box.width > 0 && box.height > 0))
    problems.push(`${id}: its box is ${box.width}x${box.height}`);
  if (landmarks && (landmarks.length % 2 !== 0 || landmarks.some((v) => !Number.isFinite(v)))) {
    problems.push(`${id}: its landmarks are not pairs of numbers`);
  }
  return problems;
}
