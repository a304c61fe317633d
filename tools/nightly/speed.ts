/**
 * How fast features are, as a share of what the machine does at best at the same time: rounds of features and of plain
 * matrix products alternate, and each counts by its processor time, so that neither the machine nor what else runs on it
 * decides.
 *
 *   node --conditions=@fer-bench/source --import tsx tools/nightly/speed.ts [--batch 32]
 *
 * One line of JSON on stdout: a Speed.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createFeatureRun } from "../../benchmarks/perf/feature-run.ts";
import { cpuSeconds, MATRIX_SIZE, matrixProduct } from "../../benchmarks/perf/measure.ts";
import type { Speed } from "./verdict.ts";

const { values } = parseArgs({ options: { batch: { type: "string", default: "32" } } });

const BACKBONE = "efficientnet-b0.random";
const IMAGES = 96;
/** About as long as a round of features. */
const PRODUCTS = 5;
const ROUNDS = 9;

const features = await createFeatureRun({
  backbone: BACKBONE,
  input: { height: 48, width: 48, channels: 1 },
  images: IMAGES,
  batchSize: Number(values.batch),
  threads: 1,
});
const product = await matrixProduct(1, PRODUCTS);
// What the first round pays for, it alone pays for.
await features.run();
await product.run();
const shares: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const ofFeatures = await cpuSeconds(features.run);
  const ofProducts = await cpuSeconds(product.run);
  const gflopPerSecond = (IMAGES * features.flops) / 1e9 / ofFeatures;
  shares.push(gflopPerSecond / ((PRODUCTS * 2 * MATRIX_SIZE ** 3) / 1e9 / ofProducts));
}
await features.close();
await product.close();
const speed: Speed = { what: `features of ${BACKBONE} at 48x48`, cpu: cpus()[0]?.model ?? "unknown", shares };
process.stdout.write(`${JSON.stringify(speed)}\n`);
