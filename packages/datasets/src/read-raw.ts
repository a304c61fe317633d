import { FerBenchError } from "@fer-bench/artifacts";
import { compareExpected, type Found, type SplitCounts } from "./compare-expected.ts";
import type { Dropped } from "./dataset-package.ts";
import { SPLITS, type Split } from "./labels.ts";
import { type DatasetEntry, expectedSamples } from "./manifest.ts";
import { pixelSha256 } from "./pixels.ts";
import type { PrepareRequest } from "./prepare.ts";
import { type SampleRecord, toRecord } from "./record.ts";
import type { PixelImage } from "./sample.ts";
import { splitChecksum } from "./split-checksum.ts";

/** What is in raw data, and what to say of it. */
export interface RawContents {
  readonly records: SampleRecord[];
  readonly found: Found;
  readonly dropped: readonly Dropped[];
  readonly warnings: readonly string[];
}

/**
 * Reads every sample of the raw data, checks it, and compares what was found with the manifest. `task` is what the
 * progress line says; `look` is shown each picture.
 * Errors: `bad-data` where a sample is not of the entry's classes, comes twice, or shows somebody of another split;
 * where counts or checksums differ; where the raw data cannot be read.
 */
export async function readRaw(
  { name, entry, manifestFile, dataset, options, rawDir, reads = {}, progress }: Omit<PrepareRequest, "dir">,
  task: string,
  look?: (image: PixelImage) => void,
): Promise<RawContents> {
  const raw = { rawDir, options, reads, progress };
  const told = progress.start(task, expectedSamples(entry), "images");
  const records: SampleRecord[] = [];
  const seen = new Set<string>();
  for await (const sample of dataset.samples(raw)) {
    checkSample(sample, seen, entry, rawDir);
    records.push(toRecord(sample, records.length, pixelSha256(sample.image)));
    look?.(sample.image);
    told.update(records.length);
  }
  told.end();
  const { dropped = [], tally } = (await dataset.inventory?.(raw)) ?? {};
  const found = { ...summarize(records, entry.classes), ...(tally && { tally }) };
  const imported = await dataset.imported?.(rawDir);
  const differences = compareExpected(name, entry, found, manifestFile, imported?.pixels);
  checkSubjects(records, rawDir);
  return { records, found, dropped, warnings: [...(imported?.warnings ?? []), ...differences] };
}

function checkSample(
  sample: { id: string; split: string; label: string; path: string },
  seen: Set<string>,
  entry: DatasetEntry,
  rawDir: string,
): void {
  const fail = (what: string): never => {
    throw new FerBenchError("bad-data", what, {
      file: rawDir,
      field: sample.path,
      remedy: "check the classes of the manifest entry and the data set's package",
    });
  };
  if (!SPLITS.includes(sample.split as Split)) fail(`sample ${sample.id} is of split "${sample.split}"`);
  if (!entry.classes.includes(sample.label)) fail(`sample ${sample.id} is of class "${sample.label}"`);
  if (seen.has(sample.id)) fail(`sample ${sample.id} comes twice`);
  seen.add(sample.id);
}

/** Where subjects are known, nobody may be in two splits: the test would measure memory of a face. */
function checkSubjects(records: readonly SampleRecord[], rawDir: string): void {
  const splitOf = new Map<string, Split>();
  for (const { subject, split, id } of records) {
    if (subject === undefined) continue;
    const first = splitOf.get(subject) ?? split;
    if (first !== split) {
      throw new FerBenchError("bad-data", `subject ${subject} is in ${first} and, with ${id}, in ${split}`, {
        file: rawDir,
        field: id,
        remedy: "split by subject in the data set's package",
      });
    }
    splitOf.set(subject, first);
  }
}

/** Counts by split and class, and each split's checksum. */
export function summarize(
  records: readonly Pick<SampleRecord, "id" | "split" | "label" | "pixelSha256">[],
  classes: readonly string[],
): Found {
  const counts = {} as SplitCounts;
  const checksums = {} as Record<Split, string>;
  for (const split of SPLITS) {
    const rows = records.filter((record) => record.split === split);
    counts[split] = Object.fromEntries(
      classes.map((label) => [label, rows.filter((row) => row.label === label).length]),
    );
    checksums[split] = splitChecksum(rows);
  }
  return { counts, checksums };
}
