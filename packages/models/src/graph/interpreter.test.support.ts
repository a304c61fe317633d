import type { Weights } from "../weights/weights.ts";
import { type Graph, outputOf, shapeOf } from "./graph.ts";
import type { Activation, Conv2dLayer, DepthwiseConv2dLayer, Layer } from "./layers.ts";

/** What batch norm normalised a batch by. */
export type BatchStatistics = Map<string, { mean: number[]; variance: number[] }>;

/**
 * The layer graph run one number at a time in double precision, from each layer's definition alone: what the fast
 * ways are compared with. Samples and results are flat, pictures [height, width, channels].
 * With `statistics`, batch norm normalises by the batch's own mean and variance and notes them there.
 */
export function interpret(
  graph: Graph,
  weights: Weights,
  samples: readonly ArrayLike<number>[],
  statistics?: BatchStatistics,
): number[][] {
  const values = new Map<string, number[][]>();
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name) => values.get(name)!);
    if (layer.kind === "input") {
      values.set(
        layer.name,
        samples.map((sample) => Array.from(sample)),
      );
    } else if (layer.kind === "batchNorm" && statistics !== undefined) {
      const channels = shapeOf(graph, layer.name).at(-1)!;
      statistics.set(layer.name, momentsOf(inputs[0]!, channels));
      const { mean, variance } = statistics.get(layer.name)!;
      values.set(
        layer.name,
        inputs[0]!.map((x) => normalize(x, layer.name, layer.epsilon, mean, variance, weights)),
      );
    } else {
      values.set(
        layer.name,
        samples.map((_, n) =>
          evaluate(
            layer,
            inputs.map((input) => input[n]!),
            graph,
            weights,
          ),
        ),
      );
    }
  }
  return values.get(outputOf(graph).name)!;
}

function evaluate(layer: Layer, [x = [], y = []]: number[][], graph: Graph, weights: Weights): number[] {
  const channels = layer.inputs[0] === undefined ? 0 : shapeOf(graph, layer.inputs[0]).at(-1)!;
  const parameter = (name: string) => Array.from(weights.get(`${layer.name}/${name}`)!.data);
  switch (layer.kind) {
    case "input":
    case "reshape":
    case "dropout":
      return x;
    case "repeatChannels": {
      const repeated: number[] = [];
      for (let start = 0; start < x.length; start += channels) {
        for (let time = 0; time < layer.times; time++) repeated.push(...x.slice(start, start + channels));
      }
      return repeated;
    }
    case "rescaling": {
      const scale = typeof layer.scale === "number" ? [layer.scale] : layer.scale;
      return x.map((value, i) => value * scale[i % scale.length]!);
    }
    case "normalization": {
      const [mean, variance] = [parameter("mean"), parameter("variance")];
      return x.map(
        (value, i) => (value - mean[i % channels]!) / Math.max(Math.sqrt(variance[i % channels]!), 1e-7),
      );
    }
    case "batchNorm":
      return normalize(
        x,
        layer.name,
        layer.epsilon,
        parameter("moving_mean"),
        parameter("moving_variance"),
        weights,
      );
    case "conv2d":
      return activate(layer.activation, convolve(layer, x, graph, weights), layer.filters);
    case "depthwiseConv2d":
      return convolve(layer, x, graph, weights);
    case "activation":
      return activate(layer.activation, x, channels);
    case "globalAveragePool": {
      const pixels = x.length / channels;
      return Array.from({ length: channels }, (_, c) => {
        let sum = 0;
        for (let pixel = 0; pixel < pixels; pixel++) sum += x[pixel * channels + c]!;
        return sum / pixels;
      });
    }
    case "dense": {
      const [kernel, bias] = [parameter("kernel"), layer.bias ? parameter("bias") : []];
      const sums = Array.from({ length: layer.units }, (_, unit) =>
        x.reduce((sum, value, i) => sum + value * kernel[i * layer.units + unit]!, bias[unit] ?? 0),
      );
      return activate(layer.activation, sums, layer.units);
    }
    case "add":
      return x.map((value, i) => value + y[i]!);
    case "multiply":
      return x.map((value, i) => value * y[i % y.length]!);
  }
}

function convolve(
  layer: Conv2dLayer | DepthwiseConv2dLayer,
  x: readonly number[],
  graph: Graph,
  weights: Weights,
): number[] {
  const [height, width, channels] = shapeOf(graph, layer.inputs[0]!) as [number, number, number];
  const [heightOut, widthOut, filters] = shapeOf(graph, layer.name) as [number, number, number];
  const depthwise = layer.kind === "depthwiseConv2d";
  const kernel = weights.get(`${layer.name}/${depthwise ? "depthwise_kernel" : "kernel"}`)!.data;
  const bias = layer.bias ? weights.get(`${layer.name}/bias`)!.data : undefined;
  const result: number[] = [];
  for (let row = 0; row < heightOut; row++) {
    for (let column = 0; column < widthOut; column++) {
      for (let filter = 0; filter < filters; filter++) {
        let sum = bias?.[filter] ?? 0;
        for (let dy = 0; dy < layer.kernel[0]; dy++) {
          for (let dx = 0; dx < layer.kernel[1]; dx++) {
            const top = row * layer.strides[0] + dy - layer.padding.top;
            const left = column * layer.strides[1] + dx - layer.padding.left;
            if (top < 0 || top >= height || left < 0 || left >= width) continue;
            const pixel = (top * width + left) * channels;
            const tap = dy * layer.kernel[1] + dx;
            if (depthwise) {
              sum += x[pixel + filter]! * kernel[tap * channels + filter]!;
            } else {
              for (let c = 0; c < channels; c++) {
                sum += x[pixel + c]! * kernel[(tap * channels + c) * filters + filter]!;
              }
            }
          }
        }
        result.push(sum);
      }
    }
  }
  return result;
}

function normalize(
  x: readonly number[],
  layer: string,
  epsilon: number,
  mean: readonly number[],
  variance: readonly number[],
  weights: Weights,
): number[] {
  const gamma = weights.get(`${layer}/gamma`)!.data;
  const beta = weights.get(`${layer}/beta`)!.data;
  return x.map((value, i) => {
    const c = i % gamma.length;
    return ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * gamma[c]! + beta[c]!;
  });
}

function momentsOf(batch: readonly number[][], channels: number) {
  const moments = (power: (value: number, channel: number) => number) => {
    const sums = new Array<number>(channels).fill(0);
    for (const x of batch) {
      x.forEach((value, i) => {
        sums[i % channels]! += power(value, i % channels);
      });
    }
    return sums.map((sum) => (sum * channels) / (batch.length * batch[0]!.length));
  };
  const mean = moments((value) => value);
  const variance = moments((value, channel) => (value - mean[channel]!) ** 2);
  return { mean, variance };
}

function activate(activation: Activation, x: readonly number[], channels: number): number[] {
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
  switch (activation) {
    case "linear":
      return [...x];
    case "relu":
      return x.map((value) => Math.max(0, value));
    case "sigmoid":
      return x.map(sigmoid);
    case "swish":
      return x.map((value) => value * sigmoid(value));
    case "tanh":
      return x.map(Math.tanh);
    case "softmax": {
      const exponentials = x.map(Math.exp);
      return exponentials.map((value, i) => {
        const start = i - (i % channels);
        const all = exponentials.slice(start, start + channels);
        return value / all.reduce((total, one) => total + one, 0);
      });
    }
  }
}
