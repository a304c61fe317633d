import { createRandom, type Progress, shuffle } from "@fer-bench/artifacts";
import { type Backbone, calibrateBatchNorm, countParameters, type Tensor } from "@fer-bench/models";
import type { Faces } from "./faces.ts";

export interface CalibrationRequest {
  backbone: Backbone;
  faces: Faces;
  /** Rows of the training split. */
  train: Int32Array;
  /** How many training images are wanted. */
  images: number;
  seed: number;
  threads: number;
  progress: Progress;
}

/** How batch-norm statistics were set. */
export interface Calibration {
  images: number;
  batchSize: number;
  seed: number;
}

/** Images whose statistics a batch norm sees at once. */
const BATCH = 128;

/**
 * A thread holds a batch's activations and a copy of the kernels as its processor wants them: 600 MB of
 * EfficientNet-B7's at 48x48. From so many parameters on (B6 has 41 million), one thread calibrates; the result is the
 * same.
 */
const LARGE_PARAMETERS = 40e6;

/** Sets a random backbone's batch-norm statistics by seeded training images, in whole batches. */
export async function calibrateBackbone(
  request: CalibrationRequest,
): Promise<{ weights: Map<string, Tensor>; calibration: Calibration }> {
  const { backbone, faces, train, seed, threads, progress } = request;
  const wanted = Math.min(request.images, train.length);
  const batchSize = Math.min(BATCH, wanted);
  const images = wanted - (wanted % batchSize);
  const drawn = shuffle(train.slice(), createRandom("calibration", seed)).subarray(0, images);
  const task = progress.start("calibrate batch norms", images, "images");
  const weights = await calibrateBatchNorm({
    graph: backbone.graph,
    weights: backbone.weights,
    batches: batchesOf(faces, drawn, batchSize),
    batchSize,
    threads: countParameters(backbone.graph) > LARGE_PARAMETERS ? 1 : threads,
    onProgress: (done) => task.update(done),
  });
  task.end();
  return { weights, calibration: { images, batchSize, seed } };
}

async function* batchesOf(faces: Faces, rows: Int32Array, batchSize: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < rows.length; start += batchSize) {
    const chips = await Promise.all(
      Array.from(rows.subarray(start, start + batchSize), (row) => faces.read(row, 1)),
    );
    const batch = new Uint8Array(batchSize * chips[0]!.length);
    chips.forEach((chip, i) => {
      batch.set(chip, i * chip.length);
    });
    yield batch;
  }
}
