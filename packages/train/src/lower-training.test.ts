import { createRandom, normal } from "@fer-bench/artifacts";
import {
  classifierHead,
  defineGraph,
  type Graph,
  type Layer,
  randomWeights,
  type Tensor,
} from "@fer-bench/models";
import { describe, expect, it } from "vitest";
import { classificationLoss } from "./classification-loss.ts";
import { createHeadTrainer } from "./head-trainer.ts";
import { lowerForTraining } from "./lower-training.ts";
import { plainHead } from "./plain-head.test.helper.ts";

const INPUTS = 11;
const CLASSES = 4;
const SAMPLES = 6;
const random = createRandom("lower-training.test");
const features = Float32Array.from({ length: SAMPLES * INPUTS }, () => 3 + 2 * normal(random));
const labels = Int32Array.of(0, 3, 1, 1, 2, 0);

function withStatistics(graph: Graph): Map<string, Tensor> {
  const weights = randomWeights(graph, 5);
  for (const [name, { shape, data }] of weights) {
    if (name.endsWith("/mean")) weights.set(name, { shape, data: data.map(() => 3 + normal(random)) });
    if (name.endsWith("/variance")) weights.set(name, { shape, data: data.map(() => 4 + random.next()) });
    if (name.endsWith("/bias")) weights.set(name, { shape, data: data.map(() => 0.1 * normal(random)) });
  }
  return weights;
}

/** Gradients by one step at learning rate 1 and momentum 0: what a parameter loses. */
async function gradientsOf(graph: Graph, weights: Map<string, Tensor>): Promise<Map<string, Float32Array>> {
  const trainer = await createHeadTrainer({
    model: { graph, weights },
    momentum: 0,
    batchSize: SAMPLES,
    seed: 1,
  });
  trainer.features.set(features);
  await trainer.train(labels, 1, { epoch: 0, step: 0 });
  const after = trainer.weights();
  await trainer.close();
  return new Map(
    [...weights].map(([name, { data }]) => [
      name,
      data.map((before, i) => before - after.get(name)!.data[i]!),
    ]),
  );
}

async function lossOf(graph: Graph, weights: Map<string, Tensor>): Promise<number> {
  const trainer = await createHeadTrainer({
    model: { graph, weights },
    momentum: 0,
    batchSize: SAMPLES,
    seed: 1,
  });
  const { loss } = classificationLoss(await trainer.predict(features, SAMPLES), labels);
  await trainer.close();
  return loss / SAMPLES;
}

function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return difference / largest;
}

describe("lowerForTraining", () => {
  it.each([
    { hidden: 7, activation: "relu", standardize: true },
    { hidden: 7, activation: "tanh", standardize: false },
    { hidden: 7, activation: "swish", standardize: true },
    { hidden: null, activation: "relu", standardize: true },
    { hidden: null, activation: "relu", standardize: false },
  ] as const)("has the gradients of the plain head: %o", async (head) => {
    const graph = classifierHead({ inputs: INPUTS, classes: CLASSES, ...head, dropout: 0, softmax: false });
    const weights = withStatistics(graph);
    const plain = plainHead({
      inputs: INPUTS,
      classes: CLASSES,
      ...head,
      parameters: new Map(
        [...weights].filter(([name]) => !name.startsWith("standardize/")).map(([n, t]) => [n, t.data]),
      ),
      ...(head.standardize && {
        mean: weights.get("standardize/mean")!.data,
        deviation: weights.get("standardize/variance")!.data.map(Math.sqrt),
      }),
    });
    const expected = plain.gradients(features, labels);
    const found = await gradientsOf(graph, weights);
    expect(await lossOf(graph, weights)).toBeCloseTo(expected.loss, 5);
    for (const [name, gradient] of expected.gradients) {
      expect(relativeDifference(found.get(name)!, gradient), name).toBeLessThan(2e-6);
      expect(relativeDifference(finiteDifferences(plain, name), gradient), name).toBeLessThan(1e-6);
    }
  });

  it("carries gradients through a normalization between trained layers", async () => {
    const dense = { kind: "dense", bias: true, activation: "linear" } as const;
    const initializer = {
      kind: "varianceScaling",
      scale: 1,
      mode: "fanAverage",
      distribution: "uniform",
    } as const;
    const layers: Layer[] = [
      { kind: "input", name: "features", inputs: [], shape: [INPUTS], dtype: "float32" },
      { ...dense, name: "first", inputs: ["features"], units: 5, initializer },
      { kind: "normalization", name: "between", inputs: ["first"] },
      { kind: "activation", name: "active", inputs: ["between"], activation: "tanh" },
      { ...dense, name: "second", inputs: ["active"], units: CLASSES, initializer },
    ];
    const graph = defineGraph("normalized", layers);
    const weights = withStatistics(graph);
    const found = await gradientsOf(graph, weights);
    for (const index of [0, 17, 54]) {
      const step = 1e-2;
      const moved = async (by: number) => {
        const { shape, data } = weights.get("first/kernel")!;
        const kernel = { shape, data: data.map((v, i) => (i === index ? v + by : v)) };
        return lossOf(graph, new Map([...weights, ["first/kernel", kernel]]));
      };
      const difference = ((await moved(step)) - (await moved(-step))) / (2 * step);
      expect(found.get("first/kernel")![index]).toBeCloseTo(difference, 3);
    }
  });

  it("refuses a graph with a layer that it has no gradient for", () => {
    const graph = classifierHead({
      inputs: INPUTS,
      classes: CLASSES,
      hidden: 3,
      activation: "relu",
      dropout: 0,
      standardize: false,
      softmax: true,
    });
    expect(() => lowerForTraining({ graph, weights: randomWeights(graph, 1) }, { momentum: 0.9 })).toThrow(
      /softmax/,
    );
  });
});

/** Central differences of the plain head's loss by every element of a parameter. */
function finiteDifferences(plain: ReturnType<typeof plainHead>, name: string): number[] {
  const parameter = plain.parameters.get(name)!;
  const step = 1e-5;
  return Array.from(parameter, (value, i) => {
    parameter[i] = value + step;
    const above = plain.gradients(features, labels).loss;
    parameter[i] = value - step;
    const below = plain.gradients(features, labels).loss;
    parameter[i] = value;
    return (above - below) / (2 * step);
  });
}
