import { createRandom, normal } from "@fer-bench/artifacts";
import {
  type Device,
  type Graph,
  inputOf,
  type Model,
  outputShape,
  randomWeights,
  sizeOf,
  type Tensor,
} from "@fer-bench/models";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { FLAT_GROUPS, packParameters, unpackParameters } from "./flat-parameters.ts";
import { lowerGradients } from "./lower-step.ts";
import { type Reference, type ReferenceRequest, referenceGradients } from "./tfjs-reference.test.helper.ts";

/** Weights with every parameter, gain and statistic drawn, so that none is at a special value. */
export function drawnWeights(graph: Graph, seed: number): Map<string, Tensor> {
  const weights = randomWeights(graph, seed);
  for (const [name, { shape, data }] of weights) {
    const random = createRandom("drawn", seed, name);
    if (/(gamma|variance)$/.test(name))
      weights.set(name, { shape, data: data.map(() => 0.5 + random.next()) });
    if (/(beta|bias|mean)$/.test(name))
      weights.set(name, { shape, data: data.map(() => 0.3 * normal(random)) });
  }
  return weights;
}

/** A batch of pictures (or vectors), targets, weights and masks, drawn. */
export function drawnBatch(
  model: Model,
  batch: number,
  seed: number,
): Omit<ReferenceRequest, "model" | "isTrainable"> {
  const { graph } = model;
  const random = createRandom("batch", seed);
  const input = inputOf(graph);
  const length = batch * sizeOf(input.shape);
  const samples =
    input.dtype === "uint8"
      ? Uint8Array.from({ length }, () => 256 * random.next())
      : Float32Array.from({ length }, () => normal(random));
  const classes = outputShape(graph)[0]!;
  const targets = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i++) {
    const row = Float32Array.from({ length: classes }, () => random.next());
    const sum = row.reduce((a, b) => a + b);
    targets.set(
      row.map((value) => value / sum),
      i * classes,
    );
  }
  const masks = new Map<string, Float32Array>();
  for (const layer of graph.layers) {
    if (layer.kind !== "dropout") continue;
    const channels = layer.perSample ? 1 : graph.shapes.get(layer.name)!.at(-1)!;
    const keep = 1 / (1 - layer.rate);
    masks.set(
      layer.name,
      Float32Array.from({ length: batch * channels }, () => (random.next() < layer.rate ? 0 : keep)),
    );
  }
  return {
    samples,
    batch,
    targets,
    weights: Float32Array.from({ length: batch }, () => 0.5 + random.next()),
    masks,
  };
}

/** `device`: whose forms the operators have; the CPU computes them all, unless `runsOn` says otherwise. */
type StepRequest = ReferenceRequest & { device?: Device; runsOn?: Device };

/** The same as the step's ONNX graph works it out. */
export async function stepGradients({
  model,
  isTrainable,
  samples,
  batch,
  targets,
  weights,
  masks,
  device = "cpu",
  runsOn = "cpu",
}: StepRequest) {
  const { bytes, flat, noise } = lowerGradients(model, { batch, isTrainable, device });
  const session = await InferenceSession.create(bytes, {
    executionProviders: [runsOn],
    logSeverityLevel: 3,
  });
  const classes = outputShape(model.graph)[0]!;
  const float = (data: Float32Array, shape: number[]) => new OnnxTensor("float32", data, shape);
  const shape = [batch, ...inputOf(model.graph).shape];
  const feeds: Record<string, OnnxTensor> = {
    samples: samples instanceof Uint8Array ? new OnnxTensor("uint8", samples, shape) : float(samples, shape),
    targets: float(targets, [batch, classes]),
    weights: float(weights, [batch]),
  };
  for (const group of FLAT_GROUPS) {
    const packed = packParameters(flat[group], model.weights);
    feeds[group] = float(packed, [packed.length]);
  }
  for (const { name, channels } of noise) {
    const mask = masks!.get(name.replace(/\/mask$/, ""))!;
    feeds[name] = float(transposed(mask, batch, channels), [channels, 1, batch]);
  }
  const known = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
  const results = await session.run(known);
  await session.release();
  const unpacked = FLAT_GROUPS.map((group) => {
    const data = (results[`${group}/gradient`]?.data ?? new Float32Array()) as Float32Array<ArrayBuffer>;
    return unpackParameters(flat[group], data, model.weights);
  });
  const [kernels, vectors, statistics] = unpacked as [
    Map<string, Tensor>,
    Map<string, Tensor>,
    Map<string, Tensor>,
  ];
  return {
    loss: (results["step/loss"]!.data as Float32Array)[0]!,
    logits: results["step/logits"]!.data as Float32Array,
    gradients: new Map([...kernels, ...vectors]),
    statistics,
  };
}

export interface GradientComparison {
  loss: number;
  logits: number;
  /** Largest relative difference of a parameter's gradient, and whose. */
  gradient: { name: string; difference: number };
  statistic: number;
  parameters: number;
}

/** Relative differences max|a-b| / max|a| of the step to the reference, which takes most of the time. */
export async function compareGradients(request: StepRequest, given?: Reference): Promise<GradientComparison> {
  const expected = given ?? (await referenceGradients(request));
  const found = await stepGradients(request);
  const names = [...expected.gradients.keys()];
  if (names.sort().join() !== [...found.gradients.keys()].sort().join()) {
    throw new Error(`gradients of ${[...found.gradients.keys()]} instead of ${names}`);
  }
  // A gradient that vanishes in exact arithmetic (of a bias or a scale before a batch norm) is compared on the scale
  // of the others.
  const scale = Math.max(...[...expected.gradients.values()].map(largest));
  const differences = names.map((name) => {
    const [a, b] = [expected.gradients.get(name)!, found.gradients.get(name)!.data];
    return { name, difference: distance(a, b) / Math.max(largest(a), 1e-3 * scale) };
  });
  differences.sort((a, b) => b.difference - a.difference);
  const statistic = [...expected.statistics].map(
    ([name, a]) => distance(a, found.statistics.get(name)!.data) / largest(a),
  );
  return {
    loss: Math.abs(expected.loss - found.loss) / expected.loss,
    logits: distance(expected.logits, found.logits) / largest(expected.logits),
    gradient: differences[0]!,
    statistic: Math.max(0, ...statistic),
    parameters: names.length,
  };
}

function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function largest(a: Float32Array): number {
  return a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}
