import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, FerBenchError, type Progress, runStage, writeParquet } from "@fer-bench/artifacts";
import { compareExpected, type Found, type SplitCounts } from "./compare-expected.ts";
import type { DatasetPackage, Dropped, RawRequest } from "./dataset-package.ts";
import { SPLITS, type Split } from "./labels.ts";
import { type DatasetEntry, expectedSamples } from "./manifest.ts";
import { pixelSha256 } from "./pixels.ts";
import { RECORD_COLUMNS, type SampleRecord, toRecord } from "./record.ts";
import { countInTrain, countRepeats, type RepeatCounts } from "./repeats/count-repeats.ts";
import { findRepeats, type Repeats } from "./repeats/find-repeats.ts";
import { NEAR_DUPLICATE_COLUMNS, nearDuplicateRows } from "./repeats/near-duplicates-file.ts";
import { thumbnail } from "./repeats/thumbnail.ts";
import { splitChecksum } from "./split-checksum.ts";

/** What `dataset.json` says. */
export interface DatasetSummary {
  readonly name: string;
  readonly title: string;
  readonly licence: DatasetEntry["licence"];
  readonly citation: string;
  readonly homepage?: string;
  readonly classes: readonly string[];
  readonly grey: boolean;
  readonly counts: SplitCounts;
  readonly checksums: Record<Split, string>;
  /** Samples of the raw data that are not records, and why. */
  readonly dropped: readonly Dropped[];
  /** What the package counts in the raw data, before anything was left out. */
  readonly tally?: Readonly<Record<string, number>>;
  /** Images whose pixels occur more than once, and how many of those under different labels or splits. */
  readonly duplicates: RepeatCounts;
  /** The same of pictures that are nearly or exactly alike. `pairs` are of near ones, `mirrored` those turned about. */
  readonly nearDuplicates: RepeatCounts & { readonly pairs: number; readonly mirrored: number };
  /** Images of the other splits whose picture also occurs in train. */
  readonly alsoInTrain: Partial<Record<Split, { readonly exactly: number; readonly nearly: number }>>;
  /** Images that show nothing, in record order. */
  readonly blank: readonly string[];
  readonly warnings: readonly string[];
}

export interface PrepareRequest {
  readonly name: string;
  readonly entry: DatasetEntry;
  readonly manifestFile: string;
  readonly dataset: DatasetPackage;
  /** The validated options of the entry. */
  readonly options: unknown;
  /** Where the raw data are: the imported folder, or the generate stage's. */
  readonly rawDir: string;
  /** The samples of the sets that the entry `reads`. */
  readonly reads?: RawRequest<unknown>["reads"];
  readonly dir: string;
  readonly progress: Progress;
}

/**
 * The prepare stage: every sample's record and the set's summary, checked against the manifest.
 * Errors: `bad-data` where a sample is not what it should be or the totals differ from the manifest's.
 */
export async function runPrepareStage(request: PrepareRequest): Promise<Artifact> {
  const { name, entry, dataset, progress } = request;
  const { rawDir, options, reads = {} } = request;
  return runStage(
    {
      stage: "prepare",
      dir: request.dir,
      config: { options: entry.options, expected: entry.expected, classes: entry.classes },
      ...(entry.generated ? { inputs: { generate: { dir: rawDir, stage: "generate" } } } : {}),
      libraries: { names: ["sharp", "hyparquet-writer"], from: import.meta.url },
    },
    async (out) => {
      const task = progress.start(`prepare ${name}`, expectedSamples(entry), "images");
      const samples: SampleRecord[] = [];
      const thumbs: Uint8Array[] = [];
      const seen = new Set<string>();
      for await (const sample of dataset.samples({ rawDir, options, reads, progress })) {
        checkSample(sample, seen, entry, rawDir);
        samples.push(toRecord(sample, samples.length, pixelSha256(sample.image)));
        thumbs.push(thumbnail(sample.image));
        task.update(samples.length);
      }
      task.end();
      const inventory = await dataset.inventory?.({ rawDir, options, reads, progress });
      const { dropped = [], tally } = inventory ?? {};
      const found = { ...summarize(samples, entry.classes), ...(tally && { tally }) };
      const imported = await dataset.imported?.(rawDir);
      const warnings = [
        ...(imported?.warnings ?? []),
        ...compareExpected(name, entry, found, request.manifestFile, imported?.pixels),
      ];
      for (const warning of warnings) progress.note(warning, "warning");
      for (const { reason, count } of dropped) progress.note(`${count} left out: ${reason}`);
      checkSubjects(samples, rawDir);
      const repeats = findRepeats(
        samples.map((record) => record.pixelSha256),
        thumbs,
        { progress, task: `near duplicates of ${name}` },
      );
      const records = samples.map((record, i) => withRepeats(record, i, repeats));
      await writeParquet(
        join(out, "records.parquet"),
        RECORD_COLUMNS,
        records as unknown as Record<string, unknown>[],
      );
      await writeParquet(
        join(out, "near-duplicates.parquet"),
        NEAR_DUPLICATE_COLUMNS,
        nearDuplicateRows(repeats.pairs, records),
      );
      const summary: DatasetSummary = {
        name,
        title: entry.title,
        licence: entry.licence,
        citation: entry.citation,
        ...(entry.homepage === undefined ? {} : { homepage: entry.homepage }),
        classes: entry.classes,
        grey: entry.channels === 1,
        ...found,
        dropped,
        ...summarizeRepeats(records, repeats),
        warnings,
      };
      await writeFile(join(out, "dataset.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
    },
  );
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

function withRepeats(record: SampleRecord, index: number, { groups, blank }: Repeats): SampleRecord {
  const group = groups[index]!;
  return { ...record, ...(group >= 0 && { repeatGroup: group }), blank: blank[index]! };
}

function summarizeRepeats(
  records: readonly SampleRecord[],
  { pairs }: Repeats,
): Pick<DatasetSummary, "duplicates" | "nearDuplicates" | "alsoInTrain" | "blank"> {
  const exact = (record: SampleRecord) => record.pixelSha256;
  const near = (record: SampleRecord) => record.repeatGroup;
  const exactly = countInTrain(records, exact);
  const nearly = countInTrain(records, near);
  const others = SPLITS.filter((split) => exactly[split] !== undefined);
  return {
    duplicates: countRepeats(records, exact),
    nearDuplicates: {
      ...countRepeats(records, near),
      pairs: pairs.length,
      mirrored: pairs.filter(({ mirrored }) => mirrored).length,
    },
    alsoInTrain: Object.fromEntries(
      others.map((split) => [split, { exactly: exactly[split]!, nearly: nearly[split]! }]),
    ),
    blank: records.filter(({ blank }) => blank).map(({ id }) => id),
  };
}
