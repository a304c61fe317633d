import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Column, type Progress, stableStringify, writeParquet } from "@fer-bench/artifacts";
import { createTarWriter } from "@fer-bench/datasets";
import { type EncodedSample, encodeSample, type SampleRow } from "./encode-sample.ts";
import type { SyntheticOptions } from "./options.ts";
import { countSamples, planSamples } from "./plan.ts";
import { startRenderThreads } from "./render-threads.ts";

/** The pictures, in record order. */
export const IMAGES_FILE = "images.tar";
/** What is known about each picture, in record order. */
export const SAMPLES_FILE = "samples.parquet";
/** The options the set was made with. */
export const OPTIONS_FILE = "options.json";

const COLUMNS: readonly Column[] = [
  { name: "id", type: "string" },
  { name: "split", type: "string" },
  { name: "label", type: "string" },
  { name: "subject", type: "string" },
  { name: "path", type: "string" },
  { name: "boxLeft", type: "double" },
  { name: "boxTop", type: "double" },
  { name: "boxWidth", type: "double" },
  { name: "boxHeight", type: "double" },
  { name: "faceLeft", type: "double" },
  { name: "faceTop", type: "double" },
  { name: "faceWidth", type: "double" },
  { name: "faceHeight", type: "double" },
  { name: "landmarks", type: "floats" },
  { name: "yaw", type: "double" },
  { name: "pitch", type: "double" },
  { name: "roll", type: "double" },
  { name: "occlusion", type: "string" },
  { name: "strength", type: "double" },
  { name: "actionUnits", type: "string" },
];

/** Pictures in work or waiting to be written, per thread. */
const AHEAD = 4;
/** Fewer pictures than this are made sooner than threads have started. */
const WORTH_THREADS = 100;

export interface GenerateRequest {
  readonly outDir: string;
  readonly options: SyntheticOptions;
  readonly progress: Progress;
  /** Threads that render; the bytes are the same for any number. Default: one a core, up to 8. */
  readonly threads?: number;
}

/**
 * Renders the data set into `outDir`: one archive of PNGs, one table, and the options. The same options give
 * the same bytes; what is held in memory does not grow with the set.
 */
export async function generate({ outDir, options, progress, threads }: GenerateRequest): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const total = countSamples(options);
  const count = threads ?? (total < WORTH_THREADS ? 1 : Math.min(availableParallelism(), 8));
  const task = progress.start("render portraits", total, "images");
  const archive = createTarWriter(join(outDir, IMAGES_FILE));
  let done = 0;
  async function* rows(): AsyncGenerator<SampleRow & Record<string, unknown>> {
    for await (const { row, png } of encodeAll(options, count)) {
      await archive.add(row.path, Buffer.from(png.buffer, png.byteOffset, png.byteLength));
      task.update(++done);
      yield { ...row };
    }
  }
  try {
    await writeParquet(join(outDir, SAMPLES_FILE), COLUMNS, rows());
    await archive.close();
  } catch (error) {
    archive.abort();
    throw error;
  }
  await writeFile(join(outDir, OPTIONS_FILE), `${stableStringify(options)}\n`);
  task.end();
}

/** All pictures in plan order, some ahead of the one that is asked for. */
async function* encodeAll(options: SyntheticOptions, count: number): AsyncGenerator<EncodedSample> {
  const threads = count > 1 ? startRenderThreads(count) : undefined;
  const encode = threads ? threads.render : encodeSample;
  try {
    const ahead: Promise<EncodedSample>[] = [];
    for (const sample of planSamples(options)) {
      const encoded = encode(sample, options);
      encoded.catch(() => {}); // it is reported where it is awaited
      ahead.push(encoded);
      if (ahead.length >= AHEAD * count) yield await ahead.shift()!;
    }
    for (const encoded of ahead) yield await encoded;
  } finally {
    await threads?.close();
  }
}
