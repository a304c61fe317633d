/**
 * Speed of a backbone's features on this machine, next to what it can do at best: rounds alternate between features
 * and a plain square matrix product, both by ONNX Runtime, one session a thread.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/features.bench.ts [--json]
 *        [--backbone efficientnet-b0.random] [--size 48] [--channels 1] [--batch 32] [--threads N] [--images 4096]
 *        [--rounds 5]
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { createRandom, randomInt, uniform } from "@fer-bench/artifacts";
import {
  calibrateBatchNorm,
  countFlops,
  createFeatureExtractor,
  createSessionPool,
  findBackbone,
  foldForInference,
  OnnxGraph,
  type PictureShape,
} from "@fer-bench/models";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    backbone: { type: "string", default: "efficientnet-b0.random" },
    size: { type: "string", default: "48" },
    channels: { type: "string", default: "1" },
    batch: { type: "string", default: "32" },
    threads: { type: "string", default: String(availableParallelism()) },
    images: { type: "string", default: "4096" },
    rounds: { type: "string", default: "5" },
  },
});
const input: PictureShape = {
  height: Number(flags.size),
  width: Number(flags.size),
  channels: flags.channels === "3" ? 3 : 1,
};
const threads = Number(flags.threads);
const images = Number(flags.images);
const rounds = Number(flags.rounds);
const batchSize = Number(flags.batch);

const MATRIX_SIZE = 1024;
const PRODUCTS_PER_ROUND = 200 * threads;
const CALIBRATION_IMAGES = 128;

const extractor = await featureBenchmark();
await extractor.run();
const peakMemoryMegabytes = process.resourceUsage().maxRSS / 1024;
const product = await matrixBenchmark();
await product.run();
const imagesPerSecond: number[] = [];
const matrixGflops: number[] = [];
for (let round = 0; round < rounds; round++) {
  imagesPerSecond.push(images / (await seconds(extractor.run)));
  matrixGflops.push((PRODUCTS_PER_ROUND * 2 * MATRIX_SIZE ** 3) / 1e9 / (await seconds(product.run)));
}
await extractor.close();
await product.close();

const featureGflops = imagesPerSecond.map((rate) => (rate * extractor.flops) / 1e9);
const result = {
  backbone: flags.backbone,
  input: `${input.height}x${input.width}x${input.channels}`,
  cpu: cpus()[0]?.model ?? "unknown",
  threads,
  batchSize,
  megaflopsPerImage: extractor.flops / 1e6,
  imagesPerSecond: {
    median: median(imagesPerSecond),
    best: Math.max(...imagesPerSecond),
    rounds: imagesPerSecond,
  },
  gflops: { median: median(featureGflops), best: Math.max(...featureGflops) },
  matrixProductGflops: {
    median: median(matrixGflops),
    best: Math.max(...matrixGflops),
    rounds: matrixGflops,
  },
  shareOfMatrixProduct: {
    median: median(featureGflops.map((gflops, round) => gflops / matrixGflops[round]!)),
    best: Math.max(...featureGflops) / Math.max(...matrixGflops),
  },
  sessionStartSeconds: extractor.startSeconds,
  peakMemoryMegabytes,
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

/** Grey and coloured gradients with grain, from a seed. */
function samplePictures(count: number): Uint8Array {
  const { height, width, channels } = input;
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

async function featureBenchmark() {
  const backbone = await findBackbone(flags.backbone).create({ input, seed: 1 });
  const { graph } = backbone;
  const data = samplePictures(images);
  const calibration = data.subarray(0, (data.length / images) * CALIBRATION_IMAGES);
  const weights = backbone.needsCalibration
    ? await calibrateBatchNorm({
        ...backbone,
        batches: [calibration],
        batchSize: CALIBRATION_IMAGES,
        threads: 1,
      })
    : backbone.weights;
  const start = performance.now();
  const features = await createFeatureExtractor({ graph, weights, batchSize, threads });
  return {
    startSeconds: (performance.now() - start) / 1000,
    // Of the network that runs: batch norm and preprocessing are inside its convolutions.
    flops: countFlops(foldForInference({ graph, weights }).graph),
    run: () => features.run(data, images),
    close: () => features.close(),
  };
}

async function matrixBenchmark() {
  const graph = new OnnxGraph("matrix-product");
  const shape = [MATRIX_SIZE, MATRIX_SIZE];
  const random = createRandom("matrix");
  const matrix = () => Float32Array.from({ length: MATRIX_SIZE ** 2 }, () => uniform(random, -1, 1));
  const input = graph.input("left", "float32", shape);
  const right = graph.floats(matrix(), shape, "right");
  // One number comes back, so that what is timed is the product and not the copying of its result.
  const sum = graph.node("ReduceMean", [graph.node("MatMul", [input, right])], { keepdims: 0 });
  graph.output("mean", sum, "float32", []);
  const pool = await createSessionPool(graph.toBytes(), threads);
  const operand = matrix();
  return {
    async run() {
      let left = PRODUCTS_PER_ROUND;
      const lane = async () => {
        while (left-- > 0) await pool.run(Float32Array.from(operand), shape);
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
  const rows = [
    ["", "median", `best of ${rounds}`],
    ["images/s", result.imagesPerSecond.median.toFixed(0), result.imagesPerSecond.best.toFixed(0)],
    ["GFLOP/s of it", result.gflops.median.toFixed(0), result.gflops.best.toFixed(0)],
    [
      `GFLOP/s of a ${MATRIX_SIZE}x${MATRIX_SIZE} product`,
      result.matrixProductGflops.median.toFixed(0),
      result.matrixProductGflops.best.toFixed(0),
    ],
    ["share", percent(result.shareOfMatrixProduct.median), percent(result.shareOfMatrixProduct.best)],
  ];
  return [
    `${result.backbone}, ${result.input}, ${result.megaflopsPerImage.toFixed(1)} MFLOP an image`,
    `${result.cpu}, ${threads} threads, batch ${batchSize}`,
    ...rows.map(([name, ...cells]) => name!.padEnd(34) + cells.map((cell) => cell.padStart(12)).join("")),
    `sessions started in ${result.sessionStartSeconds.toFixed(2)} s, peak memory ${result.peakMemoryMegabytes.toFixed(0)} MB`,
    "",
  ].join("\n");
}
