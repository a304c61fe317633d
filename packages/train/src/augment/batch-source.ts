import { FerBenchError } from "@fer-bench/artifacts";
import { startThreads } from "./augment-threads.ts";
import type { Augmentation } from "./augmentation-config.ts";
import { allocateSlot, type BatchSlot, type WorkerSettings } from "./batch-slots.ts";
import { PLAN } from "./plan-layout.mjs";
import { drawPlan, writePlan } from "./sample-plan.ts";

export interface BatchSourceOptions {
  /** Pictures [N, size, size, channels] (see `shareFaces`). */
  faces: Uint8Array<SharedArrayBuffer>;
  size: number;
  channels: 1 | 3;
  /** A distribution over the classes a sample, [N, classes] (see `shareLabels`). */
  targets: Float32Array<SharedArrayBuffer>;
  classes: number;
  augmentation: Augmentation;
  /** Of the augmentation. */
  seed: number;
  /** Samples a batch; an epoch's last one has what is left. */
  batchSize: number;
  /** How many epochs there are; they are numbered from 0. */
  epochs: number;
  /**
   * The samples of an epoch in their order, each at most once (see `epochOrder`): a sample looks the same wherever it
   * stands in an epoch. It is asked for when an epoch's first batch is prepared, while the one before still trains.
   */
  orderOf: (epoch: number) => Int32Array;
  /** The first batch, from 0: where an interrupted training goes on. */
  start?: { epoch: number; step: number };
  /** Augmenting threads; default 1. */
  threads?: number;
  /** Batches prepared ahead of the one in use; default 4. Where as many are ready, the threads rest. */
  ahead?: number;
}

/** A batch of augmented samples. Its arrays hold until the next call of `next`. */
export interface TrainingBatch {
  epoch: number;
  /** In the epoch, from 0. */
  step: number;
  /** Which samples these are, [count]. */
  samples: Int32Array;
  /** uint8 [count, size, size, channels] */
  pictures: Uint8Array<ArrayBuffer>;
  /** Distributions, [count, classes]. */
  targets: Float32Array<ArrayBuffer>;
}

export interface BatchSource {
  /**
   * The next batch, through all epochs; undefined after the last.
   * @throws FerBenchError "internal" where an augmenting thread failed, naming epoch and step, or the source is closed
   */
  next(): Promise<TrainingBatch | undefined>;
  /** What the caller of `next` had to wait so far. The very first batch, made while threads start, is not counted. */
  readonly waited: { readonly times: number; readonly milliseconds: number };
  /** Batches that are ready now; `ahead` where the threads keep up. */
  readonly prepared: number;
  /** Stops the threads; a call of `next` that waits is refused. */
  close(): Promise<void>;
}

type PlannedBatch = Pick<TrainingBatch, "epoch" | "step" | "samples">;

const DEFAULT_AHEAD = 4;

/**
 * Batches of augmented pictures, made by threads of their own ahead of the training, in a ring of shared memory. All
 * chance is drawn on the calling thread (a microsecond or two a sample) from seed, epoch and sample, so that a batch is
 * the same bytes however many threads there are, in whichever order they finish, and wherever training was resumed.
 *
 * @throws FerBenchError "internal" where the sizes of the arrays do not fit each other
 */
export function createBatchSource(options: BatchSourceOptions): BatchSource {
  checkOptions(options);
  const { size, channels, classes, augmentation, seed, batchSize, ahead = DEFAULT_AHEAD } = options;
  const pixels = size * size * channels;
  const slots = Array.from({ length: ahead }, (_, i) => allocateSlot(i, batchSize, pixels, classes));
  const threads = startThreads(options.threads ?? 1, workerSettings(options, slots));
  const batches = plannedBatches(options);
  /** Batches in the ring, the oldest first. */
  const queue: (PlannedBatch & { slot: BatchSlot })[] = [];
  // ONNX Runtime takes no shared memory as input, so that a batch is copied: 150 kB, next to nothing.
  const copy = {
    pictures: new Uint8Array(batchSize * pixels),
    targets: new Float32Array(batchSize * classes),
  };
  const waited = { times: 0, milliseconds: 0 };
  let failure: FerBenchError | undefined;
  let handedOut = 0;
  let asked = false;

  /** Gives a free slot to the threads, as long as there are batches. */
  const fill = (slot: BatchSlot): void => {
    const { value: batch } = batches.next();
    if (batch === undefined) return;
    batch.samples.forEach((sample, i) => {
      const plan = drawPlan(augmentation, size, seed, batch.epoch, sample);
      writePlan(plan, sample, slot.plans.subarray(i * PLAN.length, (i + 1) * PLAN.length));
    });
    Atomics.store(slot.ready, 0, 0);
    threads.send({ slot: slot.index, count: batch.samples.length });
    queue.push({ ...batch, slot });
  };

  const waitFor = async (slot: BatchSlot): Promise<void> => {
    const started = performance.now();
    while (!isReady(slot)) {
      const news = await threads.news();
      if (news === undefined) continue;
      const { epoch, step } = queue.find(({ slot }) => slot.index === news.slot) ?? queue[0]!;
      failure ??= failed(`batch ${step + 1} of epoch ${epoch + 1} was not made: ${news.error}`);
      throw failure;
    }
    if (handedOut === 0) return;
    waited.times++;
    waited.milliseconds += performance.now() - started;
  };

  const takeNext = async (): Promise<TrainingBatch | undefined> => {
    if (queue.length === 0) return undefined;
    const { slot, ...batch } = queue[0]!;
    if (!isReady(slot)) await waitFor(slot);
    copy.pictures.set(slot.pictures);
    copy.targets.set(slot.targets);
    queue.shift();
    handedOut++;
    fill(slot);
    const count = batch.samples.length;
    return {
      ...batch,
      pictures: copy.pictures.subarray(0, count * pixels),
      targets: copy.targets.subarray(0, count * classes),
    };
  };

  slots.forEach(fill);
  return {
    waited,
    get prepared() {
      return queue.filter(({ slot }) => isReady(slot)).length;
    },
    async next() {
      if (failure !== undefined) throw failure;
      if (asked) throw failed("a batch was asked for while the one before was still waited for");
      asked = true;
      try {
        return await takeNext();
      } finally {
        asked = false;
      }
    },
    async close() {
      failure ??= failed("the source is closed");
      await threads.stop();
    },
  };
}

function isReady({ ready }: BatchSlot): boolean {
  return Atomics.load(ready, 0) === 1;
}

/** Every batch from the start to the end of the last epoch. */
function* plannedBatches(options: BatchSourceOptions): Generator<PlannedBatch, undefined> {
  const { batchSize, epochs, orderOf, start = { epoch: 0, step: 0 } } = options;
  for (let { epoch, step } = start; epoch < epochs; epoch++, step = 0) {
    const order = orderOf(epoch);
    for (; step * batchSize < order.length; step++) {
      yield { epoch, step, samples: order.subarray(step * batchSize, (step + 1) * batchSize) };
    }
  }
}

function workerSettings(options: BatchSourceOptions, slots: readonly BatchSlot[]): WorkerSettings {
  const { faces, targets, size, channels, classes, augmentation } = options;
  const fill = augmentation.erase?.fill ?? "mean";
  return { faces, targets, slots, size, channels, classes, border: augmentation.border, fill };
}

function checkOptions(options: BatchSourceOptions): void {
  const { faces, size, channels, targets, classes } = options;
  const samples = faces.length / (size * size * channels);
  if (!Number.isInteger(samples) || targets.length !== samples * classes) {
    const pictures = `${size}x${size}x${channels} pictures`;
    throw failed(
      `${faces.length} bytes of ${pictures} do not go with ${targets.length} / ${classes} targets`,
    );
  }
  const { batchSize, epochs, threads = 1, ahead = DEFAULT_AHEAD } = options;
  for (const [name, value] of Object.entries({ batchSize, epochs, threads, ahead })) {
    if (!(Number.isInteger(value) && value > 0)) throw failed(`${name} is ${value}, not a positive integer`);
  }
}

function failed(what: string): FerBenchError {
  return new FerBenchError("internal", `augmentation: ${what}`);
}
