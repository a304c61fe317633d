import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Artifact,
  type Column,
  FerBenchError,
  type NpyWriter,
  openNpy,
  openNpyWriter,
  type Progress,
  parseConfig,
  type Row,
  readJson,
  readParquet,
  runStage,
  writeParquet,
} from "@fer-bench/artifacts";
import { type PixelImage, type RawSample, SPLITS, type Split } from "@fer-bench/datasets";
import { z } from "zod";
import { withChannels } from "./channels.ts";
import { chooseExamples, type Examples } from "./choose-examples.ts";
import { drawContactSheet } from "./contact-sheet.ts";
import { cutChip, toChip } from "./face-chip.ts";
import { createLocator, type FaceSettings } from "./locate.ts";
import type { FaceLocator, LocatedFace } from "./located-face.ts";
import { matchRecords, RECORD_KEY_COLUMNS, type RecordKey } from "./match-records.ts";
import { createPixelStatistics, type PixelStatistics } from "./pixel-statistics.ts";

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
  readonly progress: Progress;
}

/** What `preprocess.json` says. */
export interface PreprocessSummary {
  readonly size: number;
  readonly channels: 1 | 3;
  readonly count: number;
  readonly face: FaceSettings;
  /** Faces by how they were found. */
  readonly found: Readonly<Record<string, number>>;
  /** Of the chips, by split. */
  readonly pixels: Readonly<Partial<Record<Split, PixelStatistics>>>;
}

/** A row of `faces.parquet`: row i is chip i of `faces.npy`. The box is in pixels of the raw image. */
export interface FaceRow {
  readonly index: number;
  readonly id: string;
  readonly split: Split;
  readonly label: string;
  readonly subject?: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly score?: number;
  /** Radians, clockwise as seen. */
  readonly roll?: number;
  /** x0, y0, x1, y1 ... in pixels of the chip. */
  readonly landmarks?: Float32Array | readonly number[];
  readonly found: string;
  /** Of annotators, a number for each class of the data set. */
  readonly votes?: readonly number[];
}

const COLUMNS: readonly Column[] = [
  { name: "index", type: "int32" },
  { name: "id", type: "string" },
  { name: "split", type: "string" },
  { name: "label", type: "string" },
  { name: "subject", type: "string", nullable: true },
  { name: "left", type: "double" },
  { name: "top", type: "double" },
  { name: "width", type: "double" },
  { name: "height", type: "double" },
  { name: "score", type: "double", nullable: true },
  { name: "roll", type: "double", nullable: true },
  { name: "landmarks", type: "floats", nullable: true },
  { name: "found", type: "string" },
  { name: "votes", type: "ints", nullable: true },
];

const EXAMPLES_PER_CLASS = 12;
/** Chips written at a time. */
const BATCH = 256;

const DatasetSchema = z.object({ title: z.string(), classes: z.array(z.string()).min(1) });

/**
 * The preprocess stage: `faces.npy` (uint8 [N, size, size, channels], in record order), `faces.parquet`,
 * `contact-sheet.png` and `preprocess.json`. Samples stream through; memory does not grow with their pixels.
 * Errors: `bad-data` where a sample is not the record of its place, or has not one face.
 */
export async function runPreprocessStage(request: PreprocessStageRequest): Promise<Artifact> {
  const { dir, prepareDir, face, size = 48, grey, progress } = request;
  return runStage(
    {
      stage: "preprocess",
      dir,
      config: { face, size, grey },
      inputs: { prepare: { dir: prepareDir, stage: "prepare" } },
      libraries: { names: ["sharp", "hyparquet-writer"], from: import.meta.url },
    },
    async (out, { inputs, note }) => {
      const datasetFile = inputs.prepare!.path("dataset.json");
      const { title, classes } = parseConfig(DatasetSchema, await readJson(datasetFile), datasetFile);
      const recordsFile = inputs.prepare!.path("records.parquet");
      const records = await readParquet<RecordKey>(recordsFile, RECORD_KEY_COLUMNS);
      const samples = typeof request.samples === "function" ? request.samples() : request.samples;
      const matched = matchRecords(samples, records, recordsFile);
      const started = performance.now();
      const summary = await writeFaces({
        out,
        samples: matched,
        total: records.length,
        face,
        size,
        channels: grey ? 1 : 3,
        task: `preprocess ${title}`,
        progress,
      });
      note("imagesPerSecond", Math.round((1000 * summary.count) / (performance.now() - started)));
      await writeFile(join(out, "preprocess.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
      const examples = chooseExamples(records, classes, EXAMPLES_PER_CLASS);
      await writeFile(join(out, "contact-sheet.png"), await drawExamples(out, title, examples, summary));
    },
  );
}

interface FacesRequest {
  readonly out: string;
  readonly samples: AsyncIterable<RawSample>;
  readonly total: number;
  readonly face: FaceSettings;
  readonly size: number;
  readonly channels: 1 | 3;
  readonly task: string;
  readonly progress: Progress;
}

async function writeFaces(request: FacesRequest): Promise<PreprocessSummary> {
  const { out, samples, total, face, size, channels } = request;
  const locate = createLocator(face);
  const chips = await openNpyWriter(join(out, "faces.npy"), "uint8", [size, size, channels]);
  const batches = batchRows(chips, size * size * channels);
  const found: Record<string, number> = {};
  const statistics = new Map(SPLITS.map((split) => [split, createPixelStatistics(channels)]));
  const task = request.progress.start(request.task, total, "images");
  async function* rows(): AsyncGenerator<Row> {
    let index = 0;
    for await (const sample of samples) {
      const located = await locateOne(locate, sample);
      const chip = cutChip(withChannels(sample.image, channels), located, size);
      statistics.get(sample.split)!.add(chip.data);
      found[located.found] = (found[located.found] ?? 0) + 1;
      await batches.append(chip.data);
      yield { ...faceRow(sample, located, index, size) };
      task.update(++index);
    }
    await batches.flush();
  }
  try {
    const count = await writeParquet(join(out, "faces.parquet"), COLUMNS, rows());
    const pixels = Object.fromEntries(
      [...statistics]
        .map(([split, of]) => [split, of.result()] as const)
        .filter(([, { count }]) => count > 0),
    );
    return { size, channels, count, face, found, pixels };
  } finally {
    await chips.close();
    task.end();
  }
}

/** Records and chips go one to one. */
async function locateOne(locate: FaceLocator, sample: RawSample): Promise<LocatedFace> {
  const faces = await locate(sample);
  if (faces.length === 1) return faces[0]!;
  throw new FerBenchError("bad-data", `${faces.length} faces located in sample ${sample.id}, one is needed`, {
    file: sample.path,
    remedy: "choose other face settings in the manifest entry",
  });
}

function faceRow(sample: RawSample, face: LocatedFace, index: number, size: number): FaceRow {
  const { id, split, label, subject, votes } = sample;
  const { box, score, roll, landmarks, found } = face;
  return {
    index,
    id,
    split,
    label,
    ...(subject !== undefined && { subject }),
    ...box,
    ...(score !== undefined && { score }),
    ...(roll !== undefined && { roll }),
    ...(landmarks && { landmarks: toChip(landmarks, face, size) }),
    found,
    ...(votes && { votes }),
  };
}

/** Gathers rows, so that the file is written in large pieces. */
function batchRows(
  writer: NpyWriter,
  rowLength: number,
): { append(row: Uint8Array): Promise<void>; flush(): Promise<void> } {
  const batch = new Uint8Array(BATCH * rowLength);
  let rows = 0;
  const flush = async (): Promise<void> => {
    if (rows > 0) await writer.append(batch.subarray(0, rows * rowLength));
    rows = 0;
  };
  return {
    async append(row) {
      batch.set(row, rows++ * rowLength);
      if (rows === BATCH) await flush();
    },
    flush,
  };
}

async function drawExamples(
  out: string,
  title: string,
  examples: readonly Examples[],
  { size, channels, count, found }: PreprocessSummary,
): Promise<Buffer> {
  const faces = await openNpy(join(out, "faces.npy"));
  const readChip = async (index: number): Promise<PixelImage> => {
    const data = (await faces.readRows(index, 1)) as Uint8Array;
    return { width: size, height: size, channels, data };
  };
  try {
    const rows = [];
    for (const { label, count, indices } of examples) {
      const chips = [];
      for (const index of indices) chips.push(await readChip(index));
      rows.push({ label, count, chips });
    }
    const ways = Object.entries(found).map(([way, faces]) => `${way} ${faces.toLocaleString("en-US")}`);
    return await drawContactSheet({
      title,
      subtitle: `${count.toLocaleString("en-US")} face chips, ${size}x${size} ${channels === 1 ? "grey" : "RGB"} · found: ${ways.join(", ")}`,
      rows,
      columns: EXAMPLES_PER_CLASS,
      size,
    });
  } finally {
    await faces.close();
  }
}
