/**
 * What augmentation costs on this machine: microseconds a picture of each kind and of all together, of drawing what
 * happens to it, and of taking a finished batch on the training thread (by the clock). One thread makes the pictures.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/augment.bench.ts [--json]
 *        [--size 48] [--channels 1] [--batch 64] [--rounds 5]
 */
import { cpus } from "node:os";
import { createRandom, randomInt } from "@fer-bench/artifacts";
import {
  type Augmentation,
  augmentationSchema,
  createBatchSource,
  epochOrder,
  shareLabels,
} from "@fer-bench/train";
import { createPictureAugmenter, mixRows } from "../../packages/train/src/augment/augment-pictures.mjs";
import { PLAN } from "../../packages/train/src/augment/plan-layout.mjs";
import { drawPlan, writePlan } from "../../packages/train/src/augment/sample-plan.ts";
import { flags, numberFlag } from "./flags.ts";
import { median } from "./measure.ts";

const [size, batchSize] = [numberFlag("size", 48), numberFlag("batch", 64)];
const rounds = numberFlag("rounds", 5);
const channels = flags.channels === "3" ? 3 : 1;
const pixels = size * size * channels;
const PICTURES = 64 * batchSize;
const CLASSES = 7;

const SETTINGS = {
  geometry: { flip: 0.5, rotate: 10, shift: 0.1, scale: [0.8, 1.2] },
  colours: { brightness: 0.2, contrast: 0.2 },
  erasing: { erase: { probability: 1 } },
  mixup: { mixup: {} },
};
const everything = Object.assign({}, ...Object.values(SETTINGS));

const random = createRandom("augment.bench");
const faces = new Uint8Array(new SharedArrayBuffer(PICTURES * pixels));
for (let i = 0; i < faces.length; i++) faces[i] = randomInt(random, 256);
const labels = Int32Array.from({ length: PICTURES }, () => randomInt(random, CLASSES));

// One, as in a thread: the compiler then takes its size and channels for constants.
const augment = createPictureAugmenter({ size, channels, border: "edge", fill: "mean" });
const batch = new Uint8Array(new SharedArrayBuffer(batchSize * pixels));

const kinds = { ...SETTINGS, everything };
const rates = new Map<string, number[]>();
for (let round = 0; round <= rounds; round++) {
  for (const [name, settings] of Object.entries(kinds)) {
    const config = augmentationSchema.parse(settings);
    const plans = new Float64Array(PICTURES * PLAN.length);
    const drawing = microseconds(() => drawPlans(config, round, plans));
    const making = microseconds(() => makePictures(plans));
    // The first round warms up.
    if (round === 0) continue;
    enter(`${name}: pixels`, making);
    enter(`${name}: drawing`, drawing);
  }
  const taking = await takingCost(augmentationSchema.parse(everything));
  if (round > 0) enter("everything: taking a finished batch", taking);
}

const measured = [...rates].map(([name, values]) => ({
  name,
  median: median(values),
  best: Math.min(...values),
}));
const result = {
  size,
  channels,
  batchSize,
  cpu: cpus()[0]?.model ?? "unknown",
  microsecondsAPicture: measured,
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

function drawPlans(config: Augmentation, epoch: number, plans: Float64Array): void {
  for (let i = 0; i < PICTURES; i++) {
    writePlan(drawPlan(config, size, 1, epoch, i), i, plans.subarray(i * PLAN.length, (i + 1) * PLAN.length));
  }
}

function makePictures(plans: Float64Array): void {
  for (let start = 0; start < PICTURES; start += batchSize) {
    for (let i = 0; i < batchSize; i++) {
      const [from, row] = [(start + i) * pixels, (start + i) * PLAN.length];
      const plan = plans.subarray(row, row + PLAN.length);
      augment(faces.subarray(from, from + pixels), plan, batch.subarray(i * pixels, (i + 1) * pixels));
    }
    mixRows(batch, plans.subarray(start * PLAN.length), batchSize);
  }
}

/**
 * What `next` keeps the training thread from training: the copy, and drawing the plans of a later batch. The median of
 * all batches.
 */
async function takingCost(augmentation: Augmentation): Promise<number> {
  const source = createBatchSource({
    ...{ faces, size, channels, targets: shareLabels(labels, CLASSES), classes: CLASSES },
    ...{ augmentation, seed: 1, batchSize, epochs: 1, orderOf: (epoch) => epochOrder(PICTURES, 1, epoch) },
  });
  const taking: number[] = [];
  for (;;) {
    // Long enough for the batch to be there.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const started = performance.now();
    const batch = await source.next();
    if (batch === undefined) break;
    taking.push(performance.now() - started);
  }
  await source.close();
  return (1000 * median(taking)) / batchSize;
}

/** Processor time, which a machine that is busy elsewhere stretches less than the clock's. */
function microseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / PICTURES;
}

function enter(name: string, value: number): void {
  rates.set(name, [...(rates.get(name) ?? []), value]);
}

function table(): string {
  const row = (name: string, ...cells: string[]) =>
    name.padEnd(40) + cells.map((cell) => cell.padStart(14)).join("");
  return [
    `microseconds a picture, ${size}x${size}x${channels}, batches of ${batchSize}`,
    result.cpu,
    row("", "median", `best of ${rounds}`, "ms a batch"),
    ...measured.map(({ name, median, best }) =>
      row(name, median.toFixed(2), best.toFixed(2), ((median * batchSize) / 1000).toFixed(2)),
    ),
    "",
  ].join("\n");
}
