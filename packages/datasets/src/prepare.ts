import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type Progress, runStage, writeParquet } from "@fer-bench/artifacts";
import type { SplitCounts } from "./compare-expected.ts";
import type { DatasetPackage, Dropped, RawRequest } from "./dataset-package.ts";
import { SPLITS, type Split } from "./labels.ts";
import type { DatasetEntry } from "./manifest.ts";
import { type RawContents, readRaw } from "./read-raw.ts";
import { RECORD_COLUMNS, type SampleRecord } from "./record.ts";
import { countInTrain, countRepeats, type RepeatCounts } from "./repeats/count-repeats.ts";
import { findRepeats, type Repeats } from "./repeats/find-repeats.ts";
import { NEAR_DUPLICATE_COLUMNS, nearDuplicateRows } from "./repeats/near-duplicates-file.ts";
import { thumbnail } from "./repeats/thumbnail.ts";
import { createThumbnailList } from "./repeats/thumbnail-list.ts";

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
  const { name, entry, rawDir, progress } = request;
  return runStage(
    {
      stage: "prepare",
      dir: request.dir,
      config: { options: entry.options, expected: entry.expected, classes: entry.classes },
      ...(entry.generated ? { inputs: { generate: { dir: rawDir, stage: "generate" } } } : {}),
      libraries: { names: ["sharp", "hyparquet-writer"], from: import.meta.url },
    },
    async (out) => {
      const { raw, repeats } = await readWithRepeats(request, join(out, ".thumbnails"));
      const { records, found, dropped, warnings } = raw;
      for (const warning of warnings) progress.note(warning, "warning");
      for (const { reason, count } of dropped) progress.note(`${count} left out: ${reason}`);
      // In place: a second list of records would take as much memory again.
      for (const [i, record] of records.entries()) records[i] = withRepeats(record, i, repeats);
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

/** The raw data, and which of their pictures occur more than once. `file` is there meanwhile, where they are many. */
async function readWithRepeats(
  request: PrepareRequest,
  file: string,
): Promise<{ raw: RawContents; repeats: Repeats }> {
  const { name, progress } = request;
  const thumbs = createThumbnailList(file);
  try {
    const raw = await readRaw(request, `prepare ${name}`, (image) => thumbs.append(thumbnail(image)));
    const pixels = raw.records.map((record) => record.pixelSha256);
    const repeats = findRepeats(pixels, thumbs, { progress, task: `near duplicates of ${name}` });
    return { raw, repeats };
  } finally {
    thumbs.close();
  }
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
