import type { Weights } from "../weights/weights.ts";
import { type Graph, outputOf, shapeOf } from "./graph.ts";
import type {
  Activation,
  AdaptiveAveragePool2dLayer,
  Conv2dLayer,
  DepthwiseConv2dLayer,
  Layer,
  MaxPool2dLayer,
  ResizeLayer,
} from "./layers.ts";

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
  return interpretLayers(graph, weights, samples, statistics).get(outputOf(graph).name)!;
}

/** What every layer gives, by its name, a sample at a time. */
export function interpretLayers(
  graph: Graph,
  weights: Weights,
  samples: readonly ArrayLike<number>[],
  statistics?: BatchStatistics,
): Map<string, number[][]> {
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
  return values;
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
      const [scale, offset] = [[layer.scale].flat(), [layer.offset ?? 0].flat()];
      return x.map((value, i) => value * scale[i % scale.length]! + offset[i % offset.length]!);
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
    case "maxPool2d":
      return pool(layer, x, graph);
    case "adaptiveAveragePool2d":
      return averageBins(layer, x, graph);
    case "resize":
      return resize(layer, x, graph);
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

function pool(layer: MaxPool2dLayer, x: readonly number[], graph: Graph): number[] {
  const [height, width, channels] = shapeOf(graph, layer.inputs[0]!) as [number, number, number];
  return eachOutput(layer, graph, (row, column, channel) => {
    const top = row * layer.strides[0] - layer.padding.top;
    const left = column * layer.strides[1] - layer.padding.left;
    let largest = Number.NEGATIVE_INFINITY;
    for (let y = Math.max(0, top); y < Math.min(height, top + layer.window[0]); y++) {
      for (let z = Math.max(0, left); z < Math.min(width, left + layer.window[1]); z++) {
        largest = Math.max(largest, x[(y * width + z) * channels + channel]!);
      }
    }
    return largest;
  });
}

function averageBins(layer: AdaptiveAveragePool2dLayer, x: readonly number[], graph: Graph): number[] {
  const [height, width, channels] = shapeOf(graph, layer.inputs[0]!) as [number, number, number];
  const bin = (i: number, size: number, bins: number) =>
    [Math.floor((i * size) / bins), Math.ceil(((i + 1) * size) / bins)] as const;
  return eachOutput(layer, graph, (row, column, channel) => {
    const [top, bottom] = bin(row, height, layer.size[0]);
    const [left, right] = bin(column, width, layer.size[1]);
    let sum = 0;
    for (let y = top; y < bottom; y++) {
      for (let z = left; z < right; z++) sum += x[(y * width + z) * channels + channel]!;
    }
    return sum / ((bottom - top) * (right - left));
  });
}

/** The taps and their weights as OpenCV lists them, of which the bilinear two are in the middle. */
function resize(layer: ResizeLayer, x: readonly number[], graph: Graph): number[] {
  const [height, width, channels] = shapeOf(graph, layer.inputs[0]!) as [number, number, number];
  const taps = (i: number, from: number, to: number) => {
    const centre = (i + 0.5) * (from / to) - 0.5;
    const start = Math.floor(centre);
    const weights = layer.interpolation === "bicubic" ? cubicWeights : bilinearWeights;
    return weights(centre - start).map((weight, k) => ({
      weight,
      position: Math.max(0, Math.min(from - 1, start - 1 + k)),
    }));
  };
  return eachOutput(layer, graph, (row, column, channel) => {
    let sum = 0;
    for (const y of taps(row, height, layer.size[0])) {
      for (const z of taps(column, width, layer.size[1])) {
        sum += y.weight * z.weight * x[(y.position * width + z.position) * channels + channel]!;
      }
    }
    return sum;
  });
}

function bilinearWeights(t: number): number[] {
  return [0, 1 - t, t, 0];
}

function cubicWeights(t: number): number[] {
  const a = -0.75;
  const first = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
  const second = ((a + 2) * t - (a + 3)) * t * t + 1;
  const third = ((a + 2) * (1 - t) - (a + 3)) * (1 - t) * (1 - t) + 1;
  return [first, second, third, 1 - first - second - third];
}

function eachOutput(
  layer: Layer,
  graph: Graph,
  value: (row: number, column: number, channel: number) => number,
): number[] {
  const [height, width, channels] = shapeOf(graph, layer.name) as [number, number, number];
  return Array.from({ length: height * width * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return value(Math.floor(pixel / width), pixel % width, i % channels);
  });
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
