import { availableParallelism } from "node:os";
import { FerBenchError } from "@fer-bench/artifacts";
import { inputOf, outputShape } from "../graph/graph.ts";
import { sizeOf } from "../graph/shapes.ts";
import { foldForInference, type Model } from "../onnx/fold.ts";
import { lowerForInference } from "../onnx/lower-inference.ts";
import { createSessionPool, type SessionPool } from "./session-pool.ts";

export interface PredictorOptions extends Model {
  /**
   * Samples a run of the network; default 32. Results are the same for any number of threads; another batch size
   * may change their last digits.
   */
  batchSize?: number;
  /** Cores to use; default all. */
  threads?: number;
}

export interface Predictor {
  /** Length of one sample's output. */
  dimensions: number;
  /**
   * Outputs [count, dimensions] of `count` samples, which are [count, ...input shape] row-major: uint8 for pictures,
   * float32 for vectors. Any number of samples; calls may overlap.
   */
  run(samples: Uint8Array | Float32Array, count: number): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

const DEFAULT_BATCH_SIZE = 32;

/** Runs any graph on many samples: its inference form in ONNX Runtime, on the CPU. */
export async function createPredictor(options: PredictorOptions): Promise<Predictor> {
  const { graph, weights, batchSize = DEFAULT_BATCH_SIZE, threads = availableParallelism() } = options;
  const input = inputOf(graph);
  const sampleSize = sizeOf(input.shape);
  const dimensions = sizeOf(outputShape(graph));
  const model = lowerForInference(foldForInference({ graph, weights }), { batch: batchSize });
  const pool = await createSessionPool(model, threads);

  return {
    dimensions,
    async run(samples, count) {
      const given = samples instanceof Uint8Array ? "uint8" : "float32";
      if (given !== input.dtype || samples.length !== count * sampleSize) {
        throw new FerBenchError(
          "internal",
          `${graph.name} reads ${input.dtype} [${count}, ${input.shape.join(", ")}], not ${samples.length} ${given} values.`,
        );
      }
      const output = new Float32Array(count * dimensions);
      await eachBatch(pool, Math.ceil(count / batchSize), async (batch) => {
        const start = batch * batchSize;
        const rows = Math.min(batchSize, count - start);
        // The last batch is filled up with zeros.
        const data =
          input.dtype === "uint8"
            ? new Uint8Array(batchSize * sampleSize)
            : new Float32Array(batchSize * sampleSize);
        data.set(samples.subarray(start * sampleSize, (start + rows) * sampleSize));
        const result = await pool.run(data, [batchSize, ...input.shape]);
        output.set(result.subarray(0, rows * dimensions), start * dimensions);
      });
      return output;
    },
    close: () => pool.close(),
  };
}

/** The pooled output of a backbone, a picture. */
export async function createFeatureExtractor(options: PredictorOptions): Promise<Predictor> {
  if (inputOf(options.graph).dtype !== "uint8" || outputShape(options.graph).length !== 1) {
    throw new FerBenchError("internal", `${options.graph.name} does not turn pictures into feature vectors.`);
  }
  return createPredictor(options);
}

/** Works through batches in order, as many at once as keep the pool busy. */
async function eachBatch(
  pool: SessionPool,
  batches: number,
  work: (batch: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < batches) await work(next++);
  };
  await Promise.all(Array.from({ length: pool.concurrency }, lane));
}
