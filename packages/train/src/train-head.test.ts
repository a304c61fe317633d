import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, normal, silent, writeNpy } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { frozenSchema } from "./benchmark.ts";
import { openFeatureRows, rowsInMemory } from "./feature-rows.ts";
import { isBetter, type LabelledRows, type TrainHeadRequest, trainHead } from "./train-head.ts";

const WIDTH = 12;
const CLASSES = 3;

/** Class c has its mean along axis c, far from the origin and on a scale that needs standardization. */
function samples(count: number, seed: string): { data: Float32Array; labels: Int32Array } {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % CLASSES);
  const data = Float32Array.from({ length: count * WIDTH }, (_, i) => {
    const own = i % WIDTH === labels[Math.floor(i / WIDTH)];
    return 50 + 10 * (normal(random) + (own ? 3 : 0));
  });
  return { data, labels };
}

const train = samples(400, "train");
const validation = samples(150, "validation");
const inMemory = ({ data, labels }: typeof train): LabelledRows => ({
  rows: rowsInMemory(data, WIDTH),
  labels,
});

function request(settings: object = {}): TrainHeadRequest {
  const config = frozenSchema.parse({
    ...{ epochs: 12, batchSize: 16, head: { hidden: 8, dropout: 0.2 } },
    ...settings,
  });
  return {
    train: inMemory(train),
    validation: inMemory(validation),
    classes: CLASSES,
    config,
    progress: silent,
  };
}

describe("trainHead", () => {
  it("learns classes that lie apart, and keeps the epoch that validates best", async () => {
    const { history, bestEpoch } = await trainHead(request({ optimizer: { learningRate: 0.01 } }));
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(history.slice(0, 10).every(({ learningRate }) => learningRate === 0.01)).toBe(true);
    expect(history[10]!.learningRate).toBeCloseTo(0.009, 12);
    expect(history.at(-1)!.train.loss).toBeLessThan(history[0]!.train.loss / 2);
    const best = history[bestEpoch - 1]!.validation;
    // Three unit Gaussians, means 3 sqrt(2) apart: the Bayes rate is 0.967.
    expect(best.accuracy).toBeGreaterThan(0.9);
    history.forEach(({ epoch, validation: other }) => {
      expect(isBetter(other, best)).toBe(false);
      if (other.accuracy === best.accuracy && other.loss === best.loss)
        expect(epoch).toBeGreaterThanOrEqual(bestEpoch);
    });
  });

  it("gives the same bytes again, from memory as from the file, and others for another seed", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "fer-bench-train-")), "features.npy");
    await writeNpy(path, train.data, [400, WIDTH]);
    const indices = Int32Array.from({ length: 400 }, (_, i) => i);
    const onDisk = await openFeatureRows(path, indices, { memoryLimit: 0 });
    const bytes = async (of: TrainHeadRequest) => {
      const { weights, history } = await trainHead(of);
      return JSON.stringify({ history, weights: [...weights].map(([name, { data }]) => [name, [...data]]) });
    };
    const first = await bytes(request());
    expect(await bytes(request())).toBe(first);
    expect(await bytes({ ...request(), train: { rows: onDisk, labels: train.labels } })).toBe(first);
    expect(await bytes(request({ seed: 2 }))).not.toBe(first);
    await onDisk.close();
  });

  it("stops at the step where the loss runs off, and names it", async () => {
    const wild = request({ head: { hidden: 8, standardize: false }, optimizer: { learningRate: 1e30 } });
    await expect(trainHead(wild)).rejects.toMatchObject({
      code: "diverged",
      message: expect.stringMatching(/^the loss is \S+ at epoch 1, step [2-9]$/),
      field: "train.optimizer.learningRate",
    });
  });

  it("refuses a data set without validation samples", async () => {
    const empty = { rows: rowsInMemory(new Float32Array(0), WIDTH), labels: new Int32Array(0) };
    await expect(trainHead({ ...request(), validation: empty })).rejects.toMatchObject({
      code: "bad-data",
      message: expect.stringContaining("validation"),
    });
  });
});

describe("isBetter", () => {
  it("prefers accuracy, then the lower loss, and of equals neither", () => {
    expect(isBetter({ accuracy: 0.6, loss: 9 }, { accuracy: 0.5, loss: 1 })).toBe(true);
    expect(isBetter({ accuracy: 0.5, loss: 1 }, { accuracy: 0.5, loss: 2 })).toBe(true);
    expect(isBetter({ accuracy: 0.5, loss: 1 }, { accuracy: 0.5, loss: 1 })).toBe(false);
  });
});
