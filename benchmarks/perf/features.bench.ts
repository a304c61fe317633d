/**
 * Speed of a backbone's features on this machine, next to what it can do at best: rounds alternate between features
 * and a plain square matrix product, both by ONNX Runtime, one session a thread.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/features.bench.ts [--json]
 *        [--backbone efficientnet-b0.random] [--size 48] [--channels 1] [--batch 32] [--threads N] [--images 4096]
 *        [--rounds 5]
 */
import { availableParallelism, cpus } from "node:os";
import type { PictureShape } from "@fer-bench/models";
import { createFeatureRun } from "./feature-run.ts";
import { flags, numberFlag } from "./flags.ts";
import { MATRIX_SIZE, matrixProduct, median, peakMemoryMegabytes, seconds, summary } from "./measure.ts";

const size = numberFlag("size", 48);
const input: PictureShape = { height: size, width: size, channels: flags.channels === "3" ? 3 : 1 };
const threads = numberFlag("threads", availableParallelism());
const images = numberFlag("images", 4096);
const rounds = numberFlag("rounds", 5);
const batchSize = numberFlag("batch", 32);
const backboneName = flags.backbone ?? "efficientnet-b0.random";

const extractor = await createFeatureRun({ backbone: backboneName, input, images, batchSize, threads });
await extractor.run();
const peakMemory = peakMemoryMegabytes();
const product = await matrixProduct(threads, 200 * threads);
await product.rate();
const imagesPerSecond: number[] = [];
const matrixGflops: number[] = [];
for (let round = 0; round < rounds; round++) {
  imagesPerSecond.push(images / (await seconds(extractor.run)));
  matrixGflops.push(await product.rate());
}
await extractor.close();
await product.close();

const featureGflops = imagesPerSecond.map((rate) => (rate * extractor.flops) / 1e9);
const result = {
  backbone: backboneName,
  input: `${input.height}x${input.width}x${input.channels}`,
  cpu: cpus()[0]?.model ?? "unknown",
  threads,
  batchSize,
  megaflopsPerImage: extractor.flops / 1e6,
  imagesPerSecond: summary(imagesPerSecond),
  gflops: { median: median(featureGflops), best: Math.max(...featureGflops) },
  matrixProductGflops: summary(matrixGflops),
  shareOfMatrixProduct: {
    median: median(featureGflops.map((gflops, round) => gflops / matrixGflops[round]!)),
    best: Math.max(...featureGflops) / Math.max(...matrixGflops),
  },
  sessionStartSeconds: extractor.startSeconds,
  peakMemoryMegabytes: peakMemory,
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

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
