import { defineGraph, type Graph } from "../graph/graph.ts";
import type { BatchNormLayer, Conv2dLayer, DepthwiseConv2dLayer, Layer, LayerKind } from "../graph/layers.ts";
import { checkWeights, type Tensor, tensorOf, type Weights } from "../weights/weights.ts";

/** A graph with its parameters. */
export interface Model {
  graph: Graph;
  weights: Weights;
}

/**
 * The same function in inference with fewer passes over memory: dropout is gone, batch norm is in the kernel and
 * bias of the convolution before it where nothing else reads that convolution, and preprocessing is in the first
 * convolution as far as zero padding allows (where it pads, a mean other than zero stays, because padding comes after
 * it). A resize stays, first of all: it commutes with what is done channel by channel.
 */
export function foldForInference(model: Model): Model {
  checkWeights(model.graph, model.weights);
  return foldPreprocessing(foldBatchNorms(withoutDropout(model)));
}

/** The same function in inference, without the layers that drop nothing there. */
export function withoutDropout({ graph, weights }: Model): Model {
  const replaced = new Map(
    graph.layers.filter((layer) => layer.kind === "dropout").map((layer) => [layer.name, layer.inputs[0]!]),
  );
  const layers = graph.layers
    .filter((layer) => layer.kind !== "dropout")
    .map((layer) => readInstead(layer, replaced));
  return { graph: defineGraph(graph.name, layers), weights };
}

function foldBatchNorms({ graph, weights }: Model): Model {
  const folded = new Map(weights);
  const replaced = new Map<string, string>();
  const layers: Layer[] = [];
  for (const original of graph.layers) {
    const layer = readInstead(original, replaced);
    const before = layers.findIndex(({ name }) => name === layer.inputs[0]);
    const convolution = layers[before];
    if (
      layer.kind === "batchNorm" &&
      (convolution?.kind === "conv2d" || convolution?.kind === "depthwiseConv2d") &&
      (convolution.kind === "depthwiseConv2d" || convolution.activation === "linear") &&
      // Of the original's: an earlier batch norm may be in the convolution already, and have readers of its own.
      readersOf(graph, original.inputs[0]!) === 1
    ) {
      layers[before] = { ...convolution, bias: true };
      foldInto(folded, convolution, layer);
      replaced.set(layer.name, convolution.name);
    } else {
      layers.push(layer);
    }
  }
  return { graph: defineGraph(graph.name, layers), weights: folded };
}

function foldInto(
  weights: Map<string, Tensor>,
  convolution: Conv2dLayer | DepthwiseConv2dLayer,
  norm: BatchNormLayer,
): void {
  const { scale, offset } = affineOfBatchNorm(weights, norm);
  const depthwise = convolution.kind === "depthwiseConv2d";
  const kernelName = `${convolution.name}/${depthwise ? "depthwise_kernel" : "kernel"}`;
  const kernel = tensorOf(weights, kernelName);
  const channels = scale.length;
  // The output channel is the last axis of [h, w, in, out] and, the multiplier being 1, of [h, w, channels, 1].
  const data = new Float32Array(kernel.data.length);
  for (let start = 0; start < data.length; start += channels) {
    for (let c = 0; c < channels; c++) data[start + c] = kernel.data[start + c]! * scale[c]!;
  }
  weights.set(kernelName, { shape: kernel.shape, data });
  const bias = convolution.bias ? tensorOf(weights, `${convolution.name}/bias`).data : undefined;
  weights.set(`${convolution.name}/bias`, {
    shape: [channels],
    data: Float32Array.from(offset, (value, c) => value + (bias?.[c] ?? 0) * scale[c]!),
  });
  for (const parameter of ["gamma", "beta", "moving_mean", "moving_variance"]) {
    weights.delete(`${norm.name}/${parameter}`);
  }
}

/** Batch norm in inference as x * scale + offset, in double precision. */
export function affineOfBatchNorm(
  weights: Weights,
  norm: BatchNormLayer,
): { scale: Float64Array; offset: Float64Array } {
  const [gamma, beta, mean, variance] = ["gamma", "beta", "moving_mean", "moving_variance"].map(
    (parameter) => tensorOf(weights, `${norm.name}/${parameter}`).data,
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c]! + norm.epsilon));
  const offset = Float64Array.from(beta, (value, c) => value - mean[c]! * scale[c]!);
  return { scale, offset };
}

const PREPROCESSING: ReadonlySet<LayerKind> = new Set([
  "repeatChannels",
  "rescaling",
  "normalization",
  "resize",
] as const);

/** Rescaling and normalization between the input and the one convolution that reads it. */
function foldPreprocessing(model: Model): Model {
  const { graph } = model;
  const end = graph.layers.findIndex(({ kind }) => kind === "conv2d");
  const chain = graph.layers.slice(1, end);
  const straight = graph.layers
    .slice(1, end + 1)
    .every((layer, i) => layer.inputs.length === 1 && layer.inputs[0] === graph.layers[i]!.name);
  const known = chain.every(({ kind }) => PREPROCESSING.has(kind));
  const leaks = graph.layers.slice(0, end).some(({ name }) => readersOf(graph, name) !== 1);
  if (end < 1 || !straight || !known || leaks) return model;
  return foldChain(model, chain, graph.layers[end] as Conv2dLayer);
}

function foldChain({ graph, weights }: Model, chain: readonly Layer[], convolution: Conv2dLayer): Model {
  const kernel = tensorOf(weights, `${convolution.name}/kernel`);
  const [kernelHeight, kernelWidth, channels, filters] = kernel.shape as [number, number, number, number];
  const { scale, mean } = affineOfPreprocessing(weights, chain, channels);
  const folded = new Map(weights);
  for (const layer of chain) {
    for (const parameter of ["mean", "variance", "count"]) folded.delete(`${layer.name}/${parameter}`);
  }
  const scaled = kernel.data.map((value, i) => value * scale[Math.floor(i / filters) % channels]!);

  const layers: Layer[] = [graph.layers[0]!];
  const append = (layer: Layer) => layers.push({ ...layer, inputs: [layers.at(-1)!.name] });
  for (const layer of chain) if (layer.kind === "resize") append(layer);
  const repeat = chain.find((layer) => layer.kind === "repeatChannels");
  const centred = mean.every((value) => value === 0);
  const padded = Object.values(convolution.padding).some((pixels) => pixels > 0);
  if (padded && !centred) {
    if (repeat !== undefined) append(repeat);
    const name = "normalization";
    append({ kind: "normalization", name, inputs: [] });
    folded.set(`${name}/mean`, { shape: [channels], data: Float32Array.from(mean) });
    folded.set(`${name}/variance`, { shape: [channels], data: new Float32Array(channels).fill(1) });
    folded.set(`${name}/count`, { shape: [], data: new Float32Array(1) });
    folded.set(`${convolution.name}/kernel`, { shape: kernel.shape, data: scaled });
    append(convolution);
  } else {
    const inputs = channels / (repeat?.times ?? 1);
    folded.set(`${convolution.name}/kernel`, {
      shape: [kernelHeight, kernelWidth, inputs, filters],
      data: sumRepeated(scaled, channels, inputs, filters),
    });
    if (!centred) {
      const bias = convolution.bias ? tensorOf(weights, `${convolution.name}/bias`).data : undefined;
      const data = biasLessMean(scaled, mean, bias ?? new Float32Array(filters));
      folded.set(`${convolution.name}/bias`, { shape: [filters], data });
    }
    append({ ...convolution, bias: convolution.bias || !centred });
  }
  layers.push(...graph.layers.slice(graph.layers.indexOf(convolution) + 1));
  return { graph: defineGraph(graph.name, layers), weights: folded };
}

/** The bias less what the kernel [.., channels, filters] gives of the mean. */
function biasLessMean(kernel: Float32Array, mean: Float64Array, bias: Float32Array) {
  const filters = bias.length;
  const result = Float64Array.from(bias);
  kernel.forEach((value, i) => {
    result[i % filters]! -= value * mean[Math.floor(i / filters) % mean.length]!;
  });
  return Float32Array.from(result);
}

/** The chain as (x - mean) * scale, a channel. */
function affineOfPreprocessing(weights: Weights, chain: readonly Layer[], channels: number) {
  const scale = new Float64Array(channels).fill(1);
  const mean = new Float64Array(channels);
  for (const layer of chain) {
    for (let c = 0; c < channels; c++) {
      if (layer.kind === "rescaling") {
        scale[c]! *= ofChannel(layer.scale, c);
        mean[c]! -= ofChannel(layer.offset ?? 0, c) / scale[c]!;
      } else if (layer.kind === "normalization") {
        const means = tensorOf(weights, `${layer.name}/mean`).data;
        const variances = tensorOf(weights, `${layer.name}/variance`).data;
        mean[c]! += means[c % means.length]! / scale[c]!;
        scale[c]! /= normalizationDeviation(variances[c % variances.length]!);
      }
    }
  }
  return { scale, mean };
}

function ofChannel(value: number | readonly number[], channel: number): number {
  return typeof value === "number" ? value : value[channel % value.length]!;
}

/** What Keras's Normalization divides by. */
export function normalizationDeviation(variance: number): number {
  return Math.max(Math.sqrt(variance), 1e-7);
}

/** Sums a [.., channels, filters] kernel over the copies of each input channel. */
function sumRepeated(kernel: Float32Array, channels: number, inputs: number, filters: number) {
  const taps = kernel.length / (channels * filters);
  const summed = new Float64Array(taps * inputs * filters);
  for (let i = 0; i < kernel.length; i++) {
    const filter = i % filters;
    const channel = Math.floor(i / filters) % channels;
    const tap = Math.floor(i / (filters * channels));
    summed[(tap * inputs + (channel % inputs)) * filters + filter]! += kernel[i]!;
  }
  return Float32Array.from(summed);
}

function readersOf(graph: Graph, name: string): number {
  return graph.layers.reduce(
    (count, layer) => count + layer.inputs.filter((input) => input === name).length,
    0,
  );
}

function readInstead(layer: Layer, replaced: ReadonlyMap<string, string>): Layer {
  return { ...layer, inputs: layer.inputs.map((input) => replaced.get(input) ?? input) };
}
