import { availableParallelism } from "node:os";
import { FerBenchError } from "@fer-bench/artifacts";
import { inputOf } from "../graph/graph.ts";
import { sizeOf } from "../graph/shapes.ts";
import type { Model } from "../onnx/fold.ts";
import { lowerForCalibration } from "../onnx/lower-calibration.ts";
import type { Tensor } from "../weights/weights.ts";
import { createSessionPool } from "./session-pool.ts";

export interface CalibrationOptions extends Model {
  /** Pictures in random order, [batchSize, height, width, channels] uint8 each; 128 or more make steady statistics. */
  batches: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  batchSize: number;
  /** Cores to use; default all. */
  threads?: number;
  /** Called with the number of pictures seen so far. */
  onProgress?(pictures: number): void;
}

/**
 * Sets the moving mean and variance of every batch norm from one pass over pictures, and returns new weights.
 *
 * Every batch runs in training mode, each layer normalising by the batch's own statistics, so that a layer sees what
 * it will see once those before it are set; a layer's moving mean and variance are the plain averages of its batches'
 * means and (population) variances. That is what Keras's moving averages hold after an epoch at learning rate zero,
 * without their start-up. Dropout and stochastic depth are off.
 */
export async function calibrateBatchNorm(options: CalibrationOptions): Promise<Map<string, Tensor>> {
  const { graph, weights, batches, batchSize, threads = availableParallelism(), onProgress } = options;
  const input = inputOf(graph);
  const { model, statistics } = lowerForCalibration({ graph, weights }, batchSize);
  const length = statistics.reduce((sum, { channels }) => sum + channels, 0);
  const pool = await createSessionPool(model, threads);
  const sums = new Float64Array(length);
  let count = 0;
  const add = async (running: Promise<Float32Array>) => {
    const batch = await running;
    for (let i = 0; i < length; i++) sums[i]! += batch[i]!;
    count += 1;
    onProgress?.(count * batchSize);
  };
  try {
    // Added in the batches' order, so that the sums do not depend on which thread is faster.
    const running: Promise<Float32Array>[] = [];
    for await (const batch of batches) {
      if (batch.length !== batchSize * sizeOf(input.shape)) {
        throw new FerBenchError("internal", `A batch of ${batchSize} pictures is not ${batch.length} bytes.`);
      }
      running.push(pool.run(Uint8Array.from(batch), [batchSize, ...input.shape]));
      if (running.length >= pool.concurrency) await add(running.shift()!);
    }
    for (const last of running) await add(last);
  } finally {
    await pool.close();
  }
  if (count === 0)
    throw new FerBenchError("bad-data", "Calibration needs at least one full batch of pictures.", {
      field: "features.calibrationImages",
      remedy: "lower features.batchSize, or take a data set with more training images",
    });

  const calibrated = new Map(weights);
  let offset = 0;
  for (const { parameter, channels } of statistics) {
    const data = Float32Array.from(sums.subarray(offset, offset + channels), (sum) => sum / count);
    calibrated.set(parameter, { shape: [channels], data });
    offset += channels;
  }
  return calibrated;
}
