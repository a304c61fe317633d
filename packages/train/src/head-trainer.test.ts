import { createRandom, normal, shuffle } from "@fer-bench/artifacts";
import { classifierHead, randomWeights } from "@fer-bench/models";
import { describe, expect, it } from "vitest";
import { createHeadTrainer } from "./head-trainer.ts";
import { plainHead } from "./plain-head.test.helper.ts";

const linear = { hidden: null, activation: "relu", dropout: 0, standardize: false, softmax: false } as const;

describe("createHeadTrainer", () => {
  it("steps as Keras's SGD with momentum does", async () => {
    const graph = classifierHead({ inputs: 1, classes: 2, ...linear });
    const weights = new Map([
      ["logits/kernel", { shape: [1, 2], data: new Float32Array(2) }],
      ["logits/bias", { shape: [2], data: new Float32Array(2) }],
    ]);
    const trainer = await createHeadTrainer({
      model: { graph, weights },
      momentum: 0.9,
      batchSize: 1,
      seed: 1,
    });
    trainer.features[0] = 1;
    const kernelAfterStep = async () => {
      await trainer.train(Int32Array.of(0), 0.1, { epoch: 0, step: 0 });
      return trainer.weights().get("logits/kernel")!.data[0];
    };
    // First gradient -1/2: velocity 0.05. Then logits ±0.1, gradient -(1 - sigmoid(0.2)): velocity
    // 0.9 x 0.05 + 0.1 x 0.450166 = 0.0900166.
    expect(await kernelAfterStep()).toBeCloseTo(0.05, 7);
    expect(await kernelAfterStep()).toBeCloseTo(0.05 + 0.0900166, 6);
    await trainer.close();
  });

  it.each([
    { name: "a two-layer head with dropout", hidden: 13, dropout: 0.4 },
    { name: "a linear head with dropout of its features", hidden: null, dropout: 0.25 },
  ])("makes an epoch of $name as the plain loops do", async ({ hidden, dropout }) => {
    const [count, inputs, classes, batchSize] = [203, 20, 5, 32];
    const random = createRandom("head-trainer.test");
    const features = Float32Array.from({ length: count * inputs }, () => normal(random));
    const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % classes);
    const head = { inputs, classes, hidden, activation: "swish", dropout, standardize: false } as const;
    const graph = classifierHead({ ...head, softmax: false });
    const weights = randomWeights(graph, 3);
    const trainer = await createHeadTrainer({ model: { graph, weights }, momentum: 0.9, batchSize, seed: 4 });
    const plain = plainHead({ ...head, parameters: new Map([...weights].map(([n, { data }]) => [n, data])) });
    const order = shuffle(
      Int32Array.from({ length: count }, (_, i) => i),
      createRandom("order"),
    );

    const x = new Float32Array(count * inputs);
    order.forEach((row, i) => {
      x.set(features.subarray(row * inputs, (row + 1) * inputs), i * inputs);
    });
    const y = order.map((row) => labels[row]!);
    // Two calls, the first of whole steps, the second with a rest.
    for (const [from, to] of [
      [0, 3],
      [3, 7],
    ] as const) {
      trainer.features.set(x.subarray(from * batchSize * inputs, to * batchSize * inputs));
      const batch = y.subarray(from * batchSize, to * batchSize);
      const logits = await trainer.train(batch, 0.05, { epoch: 0, step: from });
      for (let step = from; step < to; step++) {
        const rows = x.subarray(step * batchSize * inputs, (step + 1) * batchSize * inputs);
        const mask = dropoutMask(rows.length / inputs, hidden ?? inputs, dropout, step, hidden !== null);
        plain.logits(rows, mask).forEach((expected, i) => {
          expect(logits[(step - from) * batchSize * classes + i]).toBeCloseTo(expected, 4);
        });
        const own = y.subarray(step * batchSize, (step + 1) * batchSize);
        plain.step(rows, own, { learningRate: 0.05, momentum: 0.9 }, mask);
      }
    }

    const trained = trainer.weights();
    await trainer.close();
    for (const [name, values] of plain.parameters) {
      const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      trained.get(name)!.data.forEach((value, i) => {
        expect(Math.abs(value - values[i]!) / largest).toBeLessThan(1e-5);
      });
    }
  });
});

/** The trainer's mask as the plain head reads it, [N, units]; in the graph hidden units are rows, features columns. */
function dropoutMask(
  count: number,
  units: number,
  rate: number,
  step: number,
  unitsFirst: boolean,
): Float64Array {
  const random = createRandom("dropout", 4, "hidden_dropout/mask", 0, step);
  const drawn = Float64Array.from({ length: count * units }, () =>
    random.next() < rate ? 0 : 1 / (1 - rate),
  );
  if (!unitsFirst) return drawn;
  return drawn.map((_, i) => drawn[(i % units) * count + Math.floor(i / units)]!);
}
