import { openNpyWriter, type Progress } from "@fer-bench/artifacts";
import type { Predictor } from "@fer-bench/models";
import type { Faces } from "./faces.ts";

export interface ExtractFeaturesRequest {
  faces: Faces;
  /** Channels that the extractor reads. */
  channels: 1 | 3;
  extractor: Predictor;
  /** The extractor's. */
  batchSize: number;
  /** The file to write, float32 [N, extractor.dimensions], rows as in `faces`. */
  out: string;
  /** What the progress line calls it. */
  task: string;
  progress: Progress;
}

/** Chips handed to the extractor at a time, in whole batches: the boundaries of batches do not depend on it. */
const CHUNK = 512;

/** Runs every chip through the backbone, a chunk being read and another written while one is computed. */
export async function extractFeatures(request: ExtractFeaturesRequest): Promise<void> {
  const { faces, extractor, out, progress } = request;
  const writer = await openNpyWriter(out, "float32", [extractor.dimensions]);
  const task = progress.start(request.task, faces.count, "images");
  let done = 0;
  try {
    for await (const features of featureChunks(request)) {
      await writer.append(features);
      done += features.length / extractor.dimensions;
      task.update(done);
    }
  } finally {
    await writer.close();
  }
  task.end();
}

/** The features of every chip in order, some hundred at a time, float32 [count, D]. */
export async function* featureChunks({
  faces,
  channels,
  extractor,
  batchSize,
}: Pick<ExtractFeaturesRequest, "faces" | "channels" | "extractor" | "batchSize">): AsyncGenerator<
  Float32Array<ArrayBuffer>
> {
  const chunk = Math.max(1, Math.floor(CHUNK / batchSize)) * batchSize;
  const compute = async (start: number) => {
    const count = Math.min(chunk, faces.count - start);
    return extractor.run(await faces.read(start, count, channels), count);
  };
  let running = compute(0);
  for (let start = 0; start < faces.count; start += chunk) {
    const next = start + chunk < faces.count ? compute(start + chunk) : undefined;
    // Its failure is met when its turn comes.
    next?.catch(() => {});
    yield await running;
    if (next) running = next;
  }
}
