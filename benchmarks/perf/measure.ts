import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { createRandom, randomInt, uniform } from "@fer-bench/artifacts";
import { createSessionPool, OnnxGraph, type PictureShape } from "@fer-bench/models";

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Processor time of this process, all threads: what other processes take does not count. */
export async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** Median, best and all of them. */
export function summary(rounds: readonly number[]) {
  return { median: median(rounds), best: Math.max(...rounds), rounds };
}

/** Peak memory of this process so far. */
export function peakMemoryMegabytes(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** The next line of a process, undefined once it has ended. */
export function lineReader(child: ChildProcessWithoutNullStreams): () => Promise<string | undefined> {
  child.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    return done ? undefined : value;
  };
}

/** Grey or coloured gradients with grain, the same every time. */
export function samplePictures({ height, width, channels }: PictureShape, count: number) {
  const random = createRandom("features.bench");
  const data = new Uint8Array(count * height * width * channels);
  for (let offset = 0; offset < data.length; offset += height * width * channels) {
    const [level, down, right] = [uniform(random, 40, 200), uniform(random, -2, 2), uniform(random, -2, 2)];
    for (let i = 0; i < height * width * channels; i++) {
      const pixel = Math.floor(i / channels);
      const value =
        level + down * Math.floor(pixel / width) + right * (pixel % width) + randomInt(random, 40);
      data[offset + i] = Math.min(255, Math.max(0, value));
    }
  }
  return data;
}

/** Side of the square matrices whose product says what the machine can do. */
export const MATRIX_SIZE = 1024;

/** Plain square matrix products by ONNX Runtime, one session a thread: what a round can reach at best. */
export async function matrixProduct(threads: number, products: number) {
  const graph = new OnnxGraph("matrix-product");
  const shape = [MATRIX_SIZE, MATRIX_SIZE];
  const random = createRandom("matrix");
  const matrix = () => Float32Array.from({ length: MATRIX_SIZE ** 2 }, () => uniform(random, -1, 1));
  const left = graph.input("left", "float32", shape);
  const right = graph.floats(matrix(), shape, "right");
  // One number comes back, so that what is timed is the product and not the copying of its result.
  const mean = graph.node("ReduceMean", [graph.node("MatMul", [left, right])], { keepdims: 0 });
  graph.output("mean", mean, "float32", []);
  const pool = await createSessionPool(graph.toBytes(), threads);
  const operand = matrix();
  const run = async () => {
    let remaining = products;
    const lane = async () => {
      while (remaining-- > 0) await pool.run(Float32Array.from(operand), shape);
    };
    await Promise.all(Array.from({ length: pool.concurrency }, lane));
  };
  return {
    /** GFLOP/s of a round. */
    rate: async () => (products * 2 * MATRIX_SIZE ** 3) / 1e9 / (await seconds(run)),
    run,
    close: () => pool.close(),
  };
}
