import type { HeadConfig } from "./benchmark.ts";

/**
 * A head and its SGD step written out as loops over double-precision numbers: what the compiled step is compared
 * with. Parameters are Keras's, `hidden/kernel` [D, H], `hidden/bias` [H], `logits/kernel`, `logits/bias`.
 */
export interface PlainHead {
  parameters: Map<string, Float64Array>;
  velocities: Map<string, Float64Array>;
  /** Logits [N, C], given the features [N, D] and the factors of dropout, [N, units]. */
  logits(features: ArrayLike<number>, mask?: ArrayLike<number>): Float64Array;
  /** Mean cross-entropy, and its gradient for every parameter. */
  gradients(
    features: ArrayLike<number>,
    labels: ArrayLike<number>,
    mask?: ArrayLike<number>,
  ): { loss: number; gradients: Map<string, Float64Array> };
  /** velocity <- momentum * velocity - learningRate * gradient; parameter <- parameter + velocity. */
  step(
    features: ArrayLike<number>,
    labels: ArrayLike<number>,
    rates: { learningRate: number; momentum: number },
    mask?: ArrayLike<number>,
  ): number;
}

export interface PlainHeadOptions {
  inputs: number;
  classes: number;
  hidden: HeadConfig["hidden"];
  activation: HeadConfig["activation"];
  /** Of the standardization; none where absent. */
  mean?: ArrayLike<number>;
  deviation?: ArrayLike<number>;
  parameters: ReadonlyMap<string, ArrayLike<number>>;
}

const ACTIVATIONS: Record<HeadConfig["activation"], { f(x: number): number; derivative(x: number): number }> =
  {
    relu: { f: (x) => Math.max(x, 0), derivative: (x) => (x > 0 ? 1 : 0) },
    tanh: { f: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 },
    swish: {
      f: (x) => x * sigmoid(x),
      derivative: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    },
  };

export function plainHead(options: PlainHeadOptions): PlainHead {
  const { inputs, classes, hidden, mean, deviation } = options;
  const parameters = new Map([...options.parameters].map(([name, data]) => [name, Float64Array.from(data)]));
  const velocities = new Map([...parameters].map(([name, data]) => [name, new Float64Array(data.length)]));
  const { f, derivative } = ACTIVATIONS[options.activation];
  const width = hidden ?? inputs;

  const forward = (features: ArrayLike<number>, mask?: ArrayLike<number>) => {
    const count = features.length / inputs;
    const x = Float64Array.from(features, (v, i) =>
      mean && deviation ? (v - mean[i % inputs]!) / deviation[i % inputs]! : v,
    );
    const before =
      hidden === null
        ? x
        : dense(x, parameters.get("hidden/kernel")!, parameters.get("hidden/bias")!, count, inputs, hidden);
    const active = hidden === null ? before : before.map(f);
    const dropped = mask ? active.map((v, i) => v * mask[i]!) : active;
    const kernel = parameters.get("logits/kernel")!;
    const logits = dense(dropped, kernel, parameters.get("logits/bias")!, count, width, classes);
    return { count, x, before, dropped, logits };
  };

  const gradients: PlainHead["gradients"] = (features, labels, mask) => {
    const { count, x, before, dropped, logits } = forward(features, mask);
    let loss = 0;
    const dLogits = new Float64Array(count * classes);
    for (let i = 0; i < count; i++) {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      const exponentials = row.map((v) => Math.exp(v - Math.max(...row)));
      const sum = exponentials.reduce((a, b) => a + b, 0);
      loss -= Math.log(exponentials[labels[i]!]! / sum) / count;
      for (let c = 0; c < classes; c++) {
        dLogits[i * classes + c] = (exponentials[c]! / sum - (c === labels[i] ? 1 : 0)) / count;
      }
    }
    const found = new Map([
      ["logits/kernel", kernelGradient(dropped, dLogits, count, width, classes)],
      ["logits/bias", columnSums(dLogits, classes)],
    ]);
    if (hidden !== null) {
      const back = inputGradient(dLogits, parameters.get("logits/kernel")!, count, width, classes);
      const dHidden = back.map((v, i) => v * (mask?.[i] ?? 1) * derivative(before[i]!));
      found.set("hidden/kernel", kernelGradient(x, dHidden, count, inputs, hidden));
      found.set("hidden/bias", columnSums(dHidden, hidden));
    }
    return { loss, gradients: found };
  };

  return {
    parameters,
    velocities,
    logits: (features, mask) => forward(features, mask).logits,
    gradients,
    step(features, labels, { learningRate, momentum }, mask) {
      const { loss, gradients: found } = gradients(features, labels, mask);
      for (const [name, gradient] of found) {
        const velocity = velocities.get(name)!;
        const parameter = parameters.get(name)!;
        for (let i = 0; i < gradient.length; i++) {
          velocity[i] = momentum * velocity[i]! - learningRate * gradient[i]!;
          parameter[i]! += velocity[i]!;
        }
      }
      return loss;
    },
  };
}

/** x [N, I] times kernel [I, O], plus bias [O]. */
function dense(
  x: Float64Array,
  kernel: Float64Array,
  bias: Float64Array,
  count: number,
  inputs: number,
  outputs: number,
): Float64Array {
  const y = new Float64Array(count * outputs);
  for (let i = 0; i < count; i++) {
    y.set(bias, i * outputs);
    for (let k = 0; k < inputs; k++) {
      const v = x[i * inputs + k]!;
      for (let o = 0; o < outputs; o++) y[i * outputs + o]! += v * kernel[k * outputs + o]!;
    }
  }
  return y;
}

/** x' [I, N] times dy [N, O]. */
function kernelGradient(x: Float64Array, dy: Float64Array, count: number, inputs: number, outputs: number) {
  const gradient = new Float64Array(inputs * outputs);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < inputs; k++) {
      const v = x[i * inputs + k]!;
      for (let o = 0; o < outputs; o++) gradient[k * outputs + o]! += v * dy[i * outputs + o]!;
    }
  }
  return gradient;
}

/** dy [N, O] times kernel' [O, I]. */
function inputGradient(
  dy: Float64Array,
  kernel: Float64Array,
  count: number,
  inputs: number,
  outputs: number,
) {
  const gradient = new Float64Array(count * inputs);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < inputs; k++) {
      for (let o = 0; o < outputs; o++) {
        gradient[i * inputs + k]! += dy[i * outputs + o]! * kernel[k * outputs + o]!;
      }
    }
  }
  return gradient;
}

function columnSums(values: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  values.forEach((value, i) => {
    sums[i % columns]! += value;
  });
  return sums;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
