import { createRandom, FerBenchError, randomInt } from "@fer-bench/artifacts";
import { OnnxGraph } from "@fer-bench/models";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { epochOrder } from "../epoch-order.ts";
import { augmentationSchema } from "./augmentation-config.ts";
import {
  type BatchSource,
  type BatchSourceOptions,
  createBatchSource,
  type TrainingBatch,
} from "./batch-source.ts";
import { plainBatch } from "./plain-augment.test.helper.ts";
import { shareLabels } from "./shared-samples.ts";

const EVERYTHING = augmentationSchema.parse({
  flip: 0.5,
  rotate: 15,
  shift: 0.1,
  scale: [0.8, 1.2],
  brightness: 0.3,
  contrast: 0.3,
  erase: {},
  mixup: { alpha: 0.4 },
});
const CLASSES = 7;

/** 29 soft-edged pictures, labelled; 3 epochs of batches of 8, the last of which has 5. */
function optionsOf(changes: Partial<BatchSourceOptions> = {}): BatchSourceOptions {
  const { size = 20, channels = 1 } = changes;
  const count = 29;
  const random = createRandom("pictures");
  const faces = new Uint8Array(new SharedArrayBuffer(count * size * size * channels));
  for (let i = 0; i < faces.length; i++) faces[i] = (((i % size) * 9) & 255) ^ randomInt(random, 64);
  return {
    faces,
    size,
    channels,
    targets: shareLabels(
      Int32Array.from({ length: count }, (_, i) => i % CLASSES),
      CLASSES,
    ),
    classes: CLASSES,
    augmentation: EVERYTHING,
    seed: 3,
    batchSize: 8,
    epochs: 3,
    orderOf: (epoch) => epochOrder(count, 3, epoch),
    ...changes,
  };
}

/** All that a source yields from here, copied. */
async function drain(source: BatchSource): Promise<TrainingBatch[]> {
  const batches: TrainingBatch[] = [];
  for (;;) {
    const batch = await source.next();
    if (batch === undefined) break;
    batches.push({ ...batch, pictures: batch.pictures.slice(), targets: batch.targets.slice() });
  }
  await source.close();
  return batches;
}

/** A training step as long as the threads need to have `count` batches ready; it blocks this one: no message is read. */
function trainUntilPrepared(source: BatchSource, count: number): void {
  const sleeping = new Int32Array(new SharedArrayBuffer(4));
  for (let slept = 0; source.prepared < count; slept += 2) {
    if (slept > 30_000) throw new Error(`${source.prepared} of ${count} batches are ready`);
    Atomics.wait(sleeping, 0, 0, 2);
  }
}

describe("a batch source", () => {
  it.each([
    { channels: 1, threads: 1, ahead: 4 },
    { channels: 1, threads: 3, ahead: 2 },
    { channels: 3, threads: 2, ahead: 1 },
  ] as const)("yields the plain twin's bytes ($channels channels, $threads threads)", async (changes) => {
    const options = optionsOf(changes);
    const batches = await drain(createBatchSource(options));
    expect(batches.map(({ epoch, step }) => [epoch, step])).toEqual(
      [0, 1, 2].flatMap((epoch) => [0, 1, 2, 3].map((step) => [epoch, step])),
    );
    for (const { epoch, step, samples, pictures, targets } of batches) {
      const plain = plainBatch(options, epoch, step);
      expect([...samples]).toEqual(plain.samples);
      expect(Buffer.compare(pictures, plain.pictures)).toBe(0);
      expect([...targets]).toEqual([...plain.targets]);
    }
  });

  it("goes on in the middle of an epoch as if it had never stopped", async () => {
    const whole = await drain(createBatchSource(optionsOf()));
    const resumed = await drain(createBatchSource(optionsOf({ start: { epoch: 1, step: 3 }, threads: 2 })));
    expect(resumed).toEqual(whole.slice(7));
    const afterEpoch = await drain(createBatchSource(optionsOf({ start: { epoch: 1, step: 4 } })));
    expect(afterEpoch).toEqual(whole.slice(8));
    expect(await drain(createBatchSource(optionsOf({ start: { epoch: 3, step: 0 } })))).toEqual([]);
  });

  it("passes pictures and soft labels through where nothing is asked for", async () => {
    const soft = optionsOf({ augmentation: augmentationSchema.parse({}) });
    soft.targets.set([0.25, 0, 0.5, 0, 0, 0, 0.25]);
    const pixels = soft.size ** 2;
    for (const { samples, pictures, targets } of await drain(createBatchSource(soft))) {
      samples.forEach((sample, i) => {
        const face = soft.faces.slice(sample * pixels, (sample + 1) * pixels);
        expect(pictures.slice(i * pixels, (i + 1) * pixels)).toEqual(face);
        const target = soft.targets.slice(sample * CLASSES, (sample + 1) * CLASSES);
        expect(targets.slice(i * CLASSES, (i + 1) * CLASSES)).toEqual(target);
      });
    }
  });

  it("looks different in every epoch", async () => {
    const order = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    const [first, second] = await drain(createBatchSource(optionsOf({ orderOf: () => order, epochs: 2 })));
    expect(second!.pictures).not.toEqual(first!.pictures);
  });

  it("lets no training wait whose steps take longer than a batch, though they block its thread", async () => {
    const [ahead, epochs] = [3, 5];
    const source = createBatchSource(optionsOf({ ahead, epochs }));
    for (let left = 4 * epochs; left > 0; left--) {
      trainUntilPrepared(source, Math.min(ahead, left));
      expect(await source.next()).toBeDefined();
    }
    expect(await source.next()).toBeUndefined();
    expect(source.waited).toEqual({ times: 0, milliseconds: 0 });
    await source.close();
  });

  it("counts the waits of a training that is faster", async () => {
    const source = createBatchSource(optionsOf({ ahead: 1, size: 200 }));
    while ((await source.next()) !== undefined);
    expect(source.waited.times).toBeGreaterThan(0);
    expect(source.waited.milliseconds).toBeGreaterThan(0);
    await source.close();
  });

  it("works ahead as far as asked and no farther, and leaves a batch alone as long as it is in use", async () => {
    const asked: number[] = [];
    const options = optionsOf({ ahead: 3, epochs: 100 });
    const source = createBatchSource({
      ...options,
      orderOf: (epoch) => {
        asked.push(epoch);
        return options.orderOf(epoch);
      },
    });
    expect(asked).toEqual([0]);
    const first = await source.next();
    const before = first!.pictures.slice();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(first!.pictures).toEqual(before);
    // Four batches an epoch: the fifth is planned when the second is handed out, and not before.
    expect(asked).toEqual([0]);
    await source.next();
    expect(asked).toEqual([0, 1]);
    await source.close();
  });

  it("hands out arrays that ONNX Runtime takes", async () => {
    const source = createBatchSource(optionsOf());
    const { pictures, targets } = (await source.next())!;
    const session = await InferenceSession.create(copyingModel());
    const outputs = await session.run({
      pictures: new Tensor("uint8", pictures, [8, 20, 20, 1]),
      targets: new Tensor("float32", targets, [8, CLASSES]),
    });
    expect(outputs["pictures/copy"]!.data).toEqual(pictures);
    expect(outputs["targets/copy"]!.data).toEqual(targets);
    await session.release();
    await source.close();
  });

  it("says which batch an augmenting thread could not make, after those before it", async () => {
    const orderOf = () => Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 29);
    const source = createBatchSource(optionsOf({ orderOf, start: { epoch: 1, step: 0 } }));
    expect((await source.next())!.step).toBe(0);
    const refusal = {
      code: "internal",
      message: expect.stringMatching(/batch 2 of epoch 2 .*sample 29 is none of/),
    };
    await expect(source.next()).rejects.toThrow(expect.objectContaining(refusal));
    await expect(source.next()).rejects.toThrow(expect.objectContaining(refusal));
    await source.close();
  });

  it("refuses a second question before the answer to the first", async () => {
    const source = createBatchSource(optionsOf());
    const first = source.next();
    await expect(source.next()).rejects.toThrow("still waited for");
    expect((await first)!.step).toBe(0);
    await source.close();
  });

  it("refuses whoever waits, and whoever asks, once it is closed", async () => {
    const source = createBatchSource(optionsOf());
    const waiting = source.next();
    const closed = source.close();
    await expect(waiting).rejects.toThrow("the source is closed");
    await closed;
    await source.close();
    await expect(source.next()).rejects.toThrow(FerBenchError);
  });

  it.each([
    [{ size: 21 }, "pictures"],
    [{ classes: 8 }, "targets"],
    [{ batchSize: 0 }, "batchSize is 0"],
    [{ threads: 1.5 }, "threads is 1.5"],
    [{ ahead: 0 }, "ahead is 0"],
  ])("refuses what does not fit together: %j", (wrong, message) => {
    expect(() => createBatchSource({ ...optionsOf(), ...wrong })).toThrow(message);
  });
});

function copyingModel(): Uint8Array {
  const onnx = new OnnxGraph("copy");
  for (const [name, type, shape] of [
    ["pictures", "uint8", ["N", 20, 20, 1]],
    ["targets", "float32", ["N", CLASSES]],
  ] as const) {
    const copy = onnx.node("Identity", [onnx.input(name, type, [...shape])]);
    onnx.output(`${name}/copy`, copy, type, [...shape]);
  }
  return onnx.toBytes({ maker: "test" });
}
