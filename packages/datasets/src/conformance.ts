import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FerBenchError, sha256File, silent } from "@fer-bench/artifacts";
import type { DatasetPackage, RawRequest } from "./dataset-package.ts";
import { SPLITS, type Split } from "./labels.ts";
import { pixelSha256 } from "./pixels.ts";
import type { RawSample } from "./sample.ts";

/** What a set of settings makes of the raw data. */
export interface ConformanceProtocol {
  readonly options: unknown;
  readonly classes: readonly string[];
  /** Samples by split and class; those of a split that is left out are none. */
  readonly counts: Partial<Record<Split, Record<string, number>>>;
}

export interface ConformanceCase<Options> extends ConformanceProtocol {
  readonly dataset: DatasetPackage<Options>;
  /** Raw data in the form that the package keeps them in; with `source`, where they are to be imported. */
  readonly rawDir: string;
  /** A small fixture in the form that users have: it is imported into `rawDir` first, with `options`. */
  readonly source?: string;
  /** The samples of other sets that it reads. */
  readonly reads?: RawRequest<Options>["reads"];
  /** Further settings over the same raw data. */
  readonly protocols?: readonly ConformanceProtocol[];
}

/**
 * What every data set package must hold, as a list of broken promises; empty is good. A package's test is
 * its fixture and `expect(await conformanceProblems(...)).toEqual([])`.
 *
 * Of an import: its files are there with the checksums it names, importing again gives the same bytes, and an empty
 * folder is refused in words, leaving what was imported. Of every protocol: a second reading gives the same samples;
 * ids are unique; classes, splits and counts are as said; nobody is in two splits; pixels, boxes, landmarks and votes
 * are whole; what is left out has a reason.
 */
export async function conformanceProblems<Options>(test: ConformanceCase<Options>): Promise<string[]> {
  const imported = test.source === undefined ? [] : await importProblems(test, test.source);
  if (imported.length > 0) return imported;
  const problems = await protocolProblems(test, test);
  for (const protocol of test.protocols ?? []) {
    const of = JSON.stringify(protocol.options);
    problems.push(...(await protocolProblems(test, protocol)).map((problem) => `${of}: ${problem}`));
  }
  return problems;
}

async function importProblems<Options>(test: ConformanceCase<Options>, source: string): Promise<string[]> {
  const { dataset, rawDir } = test;
  const options = dataset.options.safeParse(test.options);
  if (!options.success) return [`its options do not parse: ${options.error.message}`];
  if (!dataset.importRaw) return ["it has no importRaw, and its test a source"];
  const bring = (from: string) =>
    dataset.importRaw!({ source: from, rawDir, options: options.data, progress: silent });
  const problems: string[] = [];
  const first = await bring(source);
  if (first.form === "" || first.files.length === 0) problems.push("an import does not say what it found");
  const again = await bring(source);
  if (JSON.stringify(again) !== JSON.stringify(first)) problems.push("a second import gives other bytes");
  const empty = await mkdtemp(join(tmpdir(), "fer-bench-nothing-"));
  try {
    await bring(empty);
    problems.push("it imports an empty folder");
  } catch (error) {
    if (!(error instanceof FerBenchError && error.remedy)) {
      problems.push(`an empty folder is not refused in words: ${(error as Error).message}`);
    }
  } finally {
    await rm(empty, { recursive: true });
  }
  for (const { path, sha256 } of first.files) {
    const found = await sha256File(path).catch(() => "nothing");
    if (found !== sha256) problems.push(`${path} is not what was imported`);
  }
  return problems;
}

async function protocolProblems<Options>(
  { dataset, rawDir, reads = {} }: ConformanceCase<Options>,
  protocol: ConformanceProtocol,
): Promise<string[]> {
  const problems: string[] = [];
  const options = dataset.options.safeParse(protocol.options);
  if (!options.success) return [`its options do not parse: ${options.error.message}`];
  const request = { rawDir, options: options.data, reads, progress: silent };
  const first = await collect(dataset, request, protocol.classes.length);
  const second = await collect(dataset, request, protocol.classes.length);
  if (JSON.stringify(first.rows) !== JSON.stringify(second.rows)) {
    problems.push("a second reading gives other samples, or another order");
  }
  const ids = new Set(first.rows.map((row) => row.id));
  if (ids.size !== first.rows.length)
    problems.push(`${first.rows.length - ids.size} ids occur more than once`);
  problems.push(...first.problems);
  for (const row of first.rows) {
    if (!protocol.classes.includes(row.label)) problems.push(`${row.id} is of class "${row.label}"`);
    if (!SPLITS.includes(row.split)) problems.push(`${row.id} is of split "${row.split}"`);
  }
  for (const split of SPLITS) {
    for (const label of protocol.classes) {
      const wanted = protocol.counts[split]?.[label] ?? 0;
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
  const { dropped } = (await dataset.inventory?.(request)) ?? { dropped: [] };
  for (const { reason, count } of dropped) {
    if (reason === "" || !(count > 0)) problems.push(`${count} are left out for the reason "${reason}"`);
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
  request: RawRequest<Options>,
  classes: number,
): Promise<{ rows: Row[]; problems: string[] }> {
  const rows: Row[] = [];
  const problems: string[] = [];
  for await (const sample of dataset.samples(request)) {
    problems.push(...sampleProblems(sample, classes));
    const { id, split, label, subject, image } = sample;
    rows.push({ id, split, label, subject, pixelSha256: pixelSha256(image) });
  }
  return { rows, problems };
}

function sampleProblems({ id, image, box, landmarks, votes }: RawSample, classes: number): string[] {
  const problems: string[] = [];
  const { width, height, channels, data } = image;
  if (data.length !== width * height * channels)
    problems.push(`${id}: ${data.length} values for ${width}x${height}x${channels}`);
  if (box && !(box.width > 0 && box.height > 0))
    problems.push(`${id}: its box is ${box.width}x${box.height}`);
  if (landmarks && (landmarks.length % 2 !== 0 || landmarks.some((v) => !Number.isFinite(v)))) {
    problems.push(`${id}: its landmarks are not pairs of numbers`);
  }
  if (votes && !(votes.length === classes && votes.some((n) => n > 0) && votes.every((n) => n >= 0))) {
    problems.push(`${id}: its votes are not a number for each of ${classes} classes`);
  }
  return problems;
}
