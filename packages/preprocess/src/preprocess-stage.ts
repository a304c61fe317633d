import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  type Artifact,
  type Progress,
  parseConfig,
  readJson,
  readParquet,
  runStage,
} from "@fer-bench/artifacts";
import type { RawSample, Split } from "@fer-bench/datasets";
import { z } from "zod";
import { type CutSettings, openFaceCutter } from "./cut-faces.ts";
import { type CutThreads, startCutThreads } from "./cut-threads.ts";
import { drawExamples } from "./draw-examples.ts";
import { findNamedLandmarks, type NamedLandmarks } from "./landmarks/named-landmarks.ts";
import { landmarksStores } from "./landmarks/obtain-landmarks.ts";
import type { FaceSettings } from "./locate.ts";
import { matchRecords, RECORD_KEY_COLUMNS, type RecordKey } from "./match-records.ts";
import type { PixelStatistics } from "./pixel-statistics.ts";
import type { SearchSummary } from "./search-tally.ts";
import { createSourceExamples } from "./source-examples.ts";
import { writeFaces } from "./write-faces.ts";

export interface PreprocessStageRequest {
  /** The folder of the finished artifact. */
  readonly dir: string;
  /** The finished prepare stage of the same data set. */
  readonly prepareDir: string;
  /** The raw samples in record order. */
  readonly samples: AsyncIterable<RawSample> | (() => AsyncIterable<RawSample>);
  readonly face: FaceSettings;
  /** Side of the chips in pixels, 48 by default. */
  readonly size?: number;
  /** Whether chips are grey; else they are RGB. */
  readonly grey: boolean;
  /** Threads that search for faces, as many as there are cores by default. The result does not depend on them. */
  readonly threads?: number;
  /** What a file of landmarks that the settings name is relative to; the current folder by default. */
  readonly folder?: string;
  readonly progress: Progress;
}

/** What `preprocess.json` says. */
export interface PreprocessSummary {
  readonly size: number;
  readonly channels: 1 | 3;
  readonly count: number;
  readonly face: FaceSettings;
  /** Where faces were searched for: by which landmarks they were aligned. */
  readonly landmarks?: Pick<NamedLandmarks, "name" | "sha256">;
  /** Faces by how they were found. */
  readonly found: Readonly<Record<string, number>>;
  /** Where faces were searched for: in how many images. */
  readonly search?: SearchSummary;
  /** Of the chips, by split. */
  readonly pixels: Readonly<Partial<Record<Split, PixelStatistics>>>;
}

const DatasetSchema = z.object({ title: z.string(), classes: z.array(z.string()).min(1) });

/**
 * The preprocess stage: `faces.npy` (uint8 [N, size, size, channels], in record order), `faces.parquet`,
 * `contact-sheet.png` and `preprocess.json`; where faces are searched for, `dropped.parquet` lists the samples left out
 * because they have none. Samples stream through; memory does not grow with their pixels. Errors: `missing` where the
 * landmarks are not here; `bad-data` where a sample is not the record of its place or is not located, or where no face
 * is left.
 */
export async function runPreprocessStage(request: PreprocessStageRequest): Promise<Artifact> {
  const { dir, prepareDir, face, size = 48, grey, progress } = request;
  const { threads = availableParallelism(), folder = "." } = request;
  const searches = face.kind === "dlib";
  const found = searches
    ? await findNamedLandmarks(face.landmarks, { folder, stores: landmarksStores() })
    : undefined;
  const landmarks = found && { name: found.name, sha256: found.sha256 };
  return runStage(
    {
      stage: "preprocess",
      dir,
      config: { face, size, grey, ...(landmarks && { landmarks }) },
      inputs: { prepare: { dir: prepareDir, stage: "prepare" } },
      ...(searches && { threads }),
      libraries: { names: ["sharp", "hyparquet-writer"], from: import.meta.url },
    },
    async (out, { inputs, note }) => {
      const datasetFile = inputs.prepare!.path("dataset.json");
      const { title, classes } = parseConfig(DatasetSchema, await readJson(datasetFile), datasetFile);
      const recordsFile = inputs.prepare!.path("records.parquet");
      const records = await readParquet<RecordKey>(recordsFile, RECORD_KEY_COLUMNS);
      const samples = typeof request.samples === "function" ? request.samples() : request.samples;
      const channels = grey ? 1 : 3;
      const settings = { face, size, channels, landmarks: found?.path } as const;
      const sources = searches ? createSourceExamples() : undefined;
      const cutter = searches
        ? startCutThreads(Math.max(1, Math.min(threads, records.length)), settings)
        : await openAlone(settings);
      const started = performance.now();
      const { labels, ...counts } = await writeFaces({
        out,
        samples: matchRecords(samples, records, recordsFile),
        total: records.length,
        size,
        channels,
        cutter,
        sources,
        task: `preprocess ${title}`,
        progress,
      }).finally(() => cutter.close());
      note("imagesPerSecond", Math.round((1000 * records.length) / (performance.now() - started)));
      const { found: ways, search, count, pixels } = counts;
      const summary: PreprocessSummary = {
        size,
        channels,
        count,
        face,
        ...(landmarks && { landmarks }),
        found: ways,
        ...(searches && { search }),
        pixels,
      };
      await writeFile(join(out, "preprocess.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
      const sheet = await drawExamples({ out, title, classes, labels, sources: sources?.groups(), summary });
      await writeFile(join(out, "contact-sheet.png"), sheet);
    },
  );
}

/** Where a face is known there is too little to do for threads. */
async function openAlone(settings: CutSettings): Promise<CutThreads> {
  return { cut: await openFaceCutter(settings), atOnce: 1, close: async () => {} };
}
