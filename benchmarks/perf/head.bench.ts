/**
 * Speed of the head's training on this machine, next to what it can do at best: rounds alternate between epochs of
 * SGD on random features and a plain square matrix product, both by ONNX Runtime on one thread, and steps of the
 * loops in TypeScript that the tests compare with.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/head.bench.ts [--json]
 *        [--samples 28709] [--inputs 1280] [--hidden 256] [--batch 32] [--rounds 5] [--epochs 60]
 *
 * The size is FER-2013's with B0's features; `--epochs` is only what the rate is multiplied out to.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createRandom, randomInt, silent, uniform } from "@fer-bench/artifacts";
import { createSessionPool, OnnxGraph } from "@fer-bench/models";
import { rowsInMemory, trainHead } from "@fer-bench/train";
import { frozenSchema } from "../../packages/train/src/benchmark.ts";
import { plainHead } from "../../packages/train/src/plain-head.test.helper.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    samples: { type: "string", default: "28709" },
    inputs: { type: "string", default: "1280" },
    hidden: { type: "string", default: "256" },
    batch: { type: "string", default: "32" },
    rounds: { type: "string", default: "5" },
    epochs: { type: "string", default: "60" },
  },
});
const [samples, inputs, hidden] = [Number(flags.samples), Number(flags.inputs), Number(flags.hidden)];
const [batchSize, rounds, epochs] = [Number(flags.batch), Number(flags.rounds), Number(flags.epochs)];
const CLASSES = 7;
const MATRIX_SIZE = 1024;
const PRODUCTS_PER_ROUND = 100;
const PLAIN_STEPS_PER_ROUND = 4;

const random = createRandom("head.bench");
const features = Float32Array.from({ length: samples * inputs }, () => uniform(random, -1, 1));
const labels = Int32Array.from({ length: samples }, () => randomInt(random, CLASSES));
// Forward and gradient of the hidden kernel, and three products with the small one.
const megaflopsPerSample = (4 * inputs * hidden + 6 * hidden * CLASSES) / 1e6;

const plain = plainTrainer();
const product = await matrixBenchmark();
await product.run();
const rates: number[] = [];
const plainRates: number[] = [];
const matrixGflops: number[] = [];
for (let round = 0; round < rounds; round++) {
  rates.push(await trainingRate());
  matrixGflops.push((PRODUCTS_PER_ROUND * 2 * MATRIX_SIZE ** 3) / 1e9 / (await seconds(product.run)));
  plainRates.push((PLAIN_STEPS_PER_ROUND * batchSize) / (await seconds(async () => plain())));
}
await product.close();

const headGflops = rates.map((rate) => (rate * megaflopsPerSample) / 1e3);
const result = {
  head: `${inputs} -> ${hidden} -> ${CLASSES}`,
  samples,
  batchSize,
  cpu: cpus()[0]?.model ?? "unknown",
  megaflopsPerSample,
  samplesPerSecond: { median: median(rates), best: Math.max(...rates), rounds: rates },
  gflops: { median: median(headGflops), best: Math.max(...headGflops) },
  matrixProductGflops: {
    median: median(matrixGflops),
    best: Math.max(...matrixGflops),
    rounds: matrixGflops,
  },
  shareOfMatrixProduct: {
    median: median(headGflops.map((gflops, round) => gflops / matrixGflops[round]!)),
    best: Math.max(...headGflops) / Math.max(...matrixGflops),
  },
  plainLoopsSamplesPerSecond: { median: median(plainRates), best: Math.max(...plainRates) },
  seconds: {
    epochs,
    median: (epochs * samples) / median(rates),
    best: (epochs * samples) / Math.max(...rates),
  },
  peakMemoryMegabytes: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

/** Samples a second of an epoch: batches gathered, steps, measures. The one before it warms up. */
async function trainingRate(): Promise<number> {
  const config = frozenSchema.parse({ epochs: 2, batchSize, head: { hidden } });
  const train = { rows: rowsInMemory(features, inputs), labels };
  const validation = {
    rows: rowsInMemory(features.subarray(0, inputs), inputs),
    labels: labels.subarray(0, 1),
  };
  const ends: number[] = [];
  const onEpoch = () => ends.push(performance.now());
  await trainHead({ train, validation, classes: CLASSES, config, progress: silent, onEpoch });
  return samples / ((ends[1]! - ends[0]!) / 1000);
}

function plainTrainer(): () => void {
  const values = (length: number) => Float32Array.from({ length }, () => uniform(random, -0.05, 0.05));
  const head = plainHead({
    inputs,
    classes: CLASSES,
    hidden,
    activation: "relu",
    parameters: new Map([
      ["hidden/kernel", values(inputs * hidden)],
      ["hidden/bias", values(hidden)],
      ["logits/kernel", values(hidden * CLASSES)],
      ["logits/bias", values(CLASSES)],
    ]),
  });
  const batch = features.subarray(0, batchSize * inputs);
  return () => {
    for (let step = 0; step < PLAIN_STEPS_PER_ROUND; step++) {
      head.step(batch, labels.subarray(0, batchSize), { learningRate: 0.001, momentum: 0.9 });
    }
  };
}

async function matrixBenchmark() {
  const graph = new OnnxGraph("matrix-product");
  const shape = [MATRIX_SIZE, MATRIX_SIZE];
  const matrix = () => Float32Array.from({ length: MATRIX_SIZE ** 2 }, () => uniform(random, -1, 1));
  const left = graph.input("left", "float32", shape);
  const right = graph.floats(matrix(), shape, "right");
  // One number comes back, so that what is timed is the product and not the copying of its result.
  const mean = graph.node("ReduceMean", [graph.node("MatMul", [left, right])], { keepdims: 0 });
  graph.output("mean", mean, "float32", []);
  const pool = await createSessionPool(graph.toBytes(), 1);
  const operand = matrix();
  return {
    async run() {
      let remaining = PRODUCTS_PER_ROUND;
      const lane = async () => {
        while (remaining-- > 0) await pool.run(Float32Array.from(operand), shape);
      };
      await Promise.all(Array.from({ length: pool.concurrency }, lane));
    },
    close: () => pool.close(),
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function table(): string {
  const percent = (share: number) => `${(100 * share).toFixed(0)}%`;
  const row = (name: string, { median, best }: { median: number; best: number }, digits = 0) =>
    name.padEnd(40) + median.toFixed(digits).padStart(12) + best.toFixed(digits).padStart(12);
  const share = result.shareOfMatrixProduct;
  return [
    `head ${result.head}, ${samples} samples, batch ${batchSize}, one thread, ${megaflopsPerSample.toFixed(2)} MFLOP a sample`,
    result.cpu,
    " ".repeat(40) + "median".padStart(12) + `best of ${rounds}`.padStart(12),
    row("samples/s", result.samplesPerSecond),
    row("GFLOP/s of it", result.gflops, 1),
    row(`GFLOP/s of a ${MATRIX_SIZE}x${MATRIX_SIZE} product`, result.matrixProductGflops, 1),
    "share".padEnd(40) + percent(share.median).padStart(12) + percent(share.best).padStart(12),
    row("samples/s of plain loops", result.plainLoopsSamplesPerSecond),
    row(`seconds for ${epochs} epochs`, result.seconds, 1),
    `peak memory ${result.peakMemoryMegabytes.toFixed(0)} MB, of which the features are ${((samples * inputs * 4) / 2 ** 20).toFixed(0)} MB`,
    "",
  ].join("\n");
}
