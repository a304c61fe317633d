import { availableParallelism } from "node:os";
import { FerBenchError } from "@fer-bench/artifacts";
import { inputOf, outputShape } from "../graph/graph.ts";
import { sizeOf } from "../graph/shapes.ts";
import { foldForInference, type Model } from "../onnx/fold.ts";
import { inferenceGraph } from "../onnx/lower-inference.ts";
import { findLibrary } from "../tfjs/library.ts";
import { createTfjsPool } from "../tfjs/tfjs-pool.ts";
import type { BatchRunner } from "./batch-runner.ts";
import type { EngineChoice } from "./runtime.ts";
import { createSessionPool } from "./session-pool.ts";

export interface PredictorOptions extends Model, EngineChoice {
  /**
   * Samples a run of the network; default 32. Results are the same for any number of threads; another batch size
   * may change their last digits.
   */
  batchSize?: number;
  /** Cores to use; default all. A GPU is fed by one, and native TensorFlow uses what it likes. */
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

export const DEFAULT_BATCH_SIZE = 32;

/**
 * Runs any graph on many samples: its inference form, in ONNX Runtime on the CPU unless told otherwise.
 *
 * @throws FerBenchError "bad-config" or "unavailable" where the engine does not run on the device
 */
export async function createPredictor(options: PredictorOptions): Promise<Predictor> {
  const { graph, batchSize = DEFAULT_BATCH_SIZE } = options;
  const { dtype, shape } = inputOf(graph);
  const dimensions = sizeOf(outputShape(graph));
  return predictorOver(await startRunner(options, batchSize), {
    name: graph.name,
    dtype,
    shape,
    dimensions,
    batchSize,
  });
}

/** What a network that is running reads and gives. */
export interface RunningNetwork {
  readonly name: string;
  /** Of a sample. */
  readonly dtype: "uint8" | "float32";
  readonly shape: readonly number[];
  /** Length of a sample's output. */
  readonly dimensions: number;
  readonly batchSize: number;
}

/** Gives a running network any number of samples, batch by batch. */
export function predictorOver(
  runner: BatchRunner,
  { name, dtype, shape, dimensions, batchSize }: RunningNetwork,
): Predictor {
  const sampleSize = sizeOf(shape);
  return {
    dimensions,
    async run(samples, count) {
      const given = samples instanceof Uint8Array ? "uint8" : "float32";
      if (given !== dtype || samples.length !== count * sampleSize) {
        throw new FerBenchError(
          "internal",
          `${name} reads ${dtype} [${count}, ${shape.join(", ")}], not ${samples.length} ${given} values.`,
        );
      }
      const output = new Float32Array(count * dimensions);
      await eachBatch(runner, Math.ceil(count / batchSize), async (batch) => {
        const start = batch * batchSize;
        const rows = Math.min(batchSize, count - start);
        // The last batch is filled up with zeros.
        const data =
          dtype === "uint8"
            ? new Uint8Array(batchSize * sampleSize)
            : new Float32Array(batchSize * sampleSize);
        data.set(samples.subarray(start * sampleSize, (start + rows) * sampleSize));
        const result = await runner.run(data, [batchSize, ...shape]);
        output.set(result.subarray(0, rows * dimensions), start * dimensions);
      });
      return output;
    },
    close: () => runner.close(),
  };
}

async function startRunner(options: PredictorOptions, batchSize: number): Promise<BatchRunner> {
  const { graph, weights, engine = "onnx", device = "cpu", threads = availableParallelism() } = options;
  if (engine === "tfjs") {
    return createTfjsPool(findLibrary(device), foldForInference({ graph, weights }), threads);
  }
  // ONNX Runtime 1.30 computes the grouped convolutions of the other layout wrongly on WebGPU, and a GPU does not
  // need it.
  const layout = device === "cpu" ? undefined : "images";
  const onnx = inferenceGraph(foldForInference({ graph, weights }), { batch: batchSize, layout });
  return createSessionPool(onnx.toSessions(), threads, device);
}

/** The pooled output of a backbone, a picture. */
export async function createFeatureExtractor(options: PredictorOptions): Promise<Predictor> {
  if (inputOf(options.graph).dtype !== "uint8" || outputShape(options.graph).length !== 1) {
    throw new FerBenchError("internal", `${options.graph.name} does not turn pictures into feature vectors.`);
  }
  return createPredictor(options);
}

/** Works through batches in order, as many at once as keep the runner busy. */
async function eachBatch(
  runner: BatchRunner,
  batches: number,
  work: (batch: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < batches) await work(next++);
  };
  await Promise.all(Array.from({ length: runner.concurrency }, lane));
}
