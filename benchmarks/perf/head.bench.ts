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
import { createRandom, randomInt, silent, uniform } from "@fer-bench/artifacts";
import { rowsInMemory, trainHead } from "@fer-bench/train";
import { frozenSchema } from "../../packages/train/src/benchmark.ts";
import { plainHead } from "../../packages/train/src/plain-head.test.helper.ts";
import { flags, numberFlag } from "./flags.ts";
import { MATRIX_SIZE, matrixProduct, median, peakMemoryMegabytes, seconds, summary } from "./measure.ts";

const samples = numberFlag("samples", 28709);
const [inputs, hidden] = [numberFlag("inputs", 1280), numberFlag("hidden", 256)];
const batchSize = numberFlag("batch", 32);
const [rounds, epochs] = [numberFlag("rounds", 5), numberFlag("epochs", 60)];
const CLASSES = 7;
const PLAIN_STEPS_PER_ROUND = 4;

const random = createRandom("head.bench");
const features = Float32Array.from({ length: samples * inputs }, () => uniform(random, -1, 1));
const labels = Int32Array.from({ length: samples }, () => randomInt(random, CLASSES));
// Forward and gradient of the hidden kernel, and three products with the small one.
const megaflopsPerSample = (4 * inputs * hidden + 6 * hidden * CLASSES) / 1e6;

const plain = plainTrainer();
const product = await matrixProduct(1, 100);
await product.rate();
const rates: number[] = [];
const plainRates: number[] = [];
const matrixGflops: number[] = [];
for (let round = 0; round < rounds; round++) {
  rates.push(await trainingRate());
  matrixGflops.push(await product.rate());
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
  samplesPerSecond: summary(rates),
  gflops: { median: median(headGflops), best: Math.max(...headGflops) },
  matrixProductGflops: summary(matrixGflops),
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
  peakMemoryMegabytes: peakMemoryMegabytes(),
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
