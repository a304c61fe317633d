import { createRandom } from "@fer-bench/artifacts";
import { type Model, outputShape, shapeOf, type Tensor, tensorOf, type Weights } from "@fer-bench/models";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { type DropoutMask, lowerForTraining, type TrainedParameter } from "./lower-training.ts";

type Floats = Float32Array<ArrayBuffer>;

export interface HeadTrainerOptions {
  /** A head from features to logits, and the weights it starts from. */
  model: Model;
  momentum: number;
  /** The most samples a step takes. */
  batchSize: number;
  /** Of dropout. */
  seed: number;
}

/** SGD steps on a head's parameters, which stay here between steps. */
export interface HeadTrainer {
  /** Where the next step's features go: [batchSize, D], of which the first rows are used. */
  readonly features: Floats;
  /**
   * One step on the first `labels.length` rows of `features`.
   * @param labels classes, at most batchSize of them
   * @param key names the step, (epoch, step): the dropout masks follow from it and the seed
   * @returns logits before the update, [C, labels.length], valid until the next step
   */
  step(
    labels: Int32Array,
    learningRate: number,
    key: readonly [epoch: number, step: number],
  ): Promise<Floats>;
  /** Logits [C, count] of `count` samples [count, D] with the parameters as they are now, without dropout. */
  predict(features: Floats, count: number): Promise<Float32Array>;
  /** A copy of the parameters as they are now, in Keras's layout, with the model's fixed ones. */
  weights(): Map<string, Tensor>;
  close(): Promise<void>;
}

/**
 * One thread: the products of a step are so small that sharing them out costs what it gains (benchmarks/perf), and the
 * result then depends on no thread count.
 */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3,
};

/** Compiles the training step of a head for the CPU. */
export async function createHeadTrainer(options: HeadTrainerOptions): Promise<HeadTrainer> {
  const { model, momentum, batchSize, seed } = options;
  const { bytes, forwardBytes, parameters, masks } = lowerForTraining(model, { momentum });
  const session = await InferenceSession.create(bytes, SESSION_OPTIONS);
  const forward = await InferenceSession.create(forwardBytes, SESSION_OPTIONS);
  const buffers = createBuffers(model, masks, batchSize);
  // A step reads one set and writes the other: an operator may still read what another one would overwrite.
  const states = [initialState(model.weights, parameters), zeroState(parameters)] as const;
  let current = 0;
  const bindings = new Map<number, ReturnType<typeof bind>>();

  return {
    features: buffers.features,
    async step(labels, learningRate, key) {
      const n = labels.length;
      const bound = bindings.get(n) ?? bind(buffers, states, masks, n);
      bindings.set(n, bound);
      writeTargets(labels, buffers.targets);
      buffers.rate[0] = learningRate / n;
      masks.forEach((mask, i) => {
        const random = createRandom("dropout", seed, mask.input, ...key);
        const keep = 1 / (1 - mask.rate);
        const values = buffers.masks[i]!;
        for (let j = 0; j < n * mask.units; j++) values[j] = random.next() < mask.rate ? 0 : keep;
      });
      await session.run(bound.feeds[current]!, bound.fetches[current]!);
      current = 1 - current;
      return bound.logits;
    },
    async predict(features, count) {
      const parametersNow = parameters.map(({ name }) => [name, states[current]!.get(name)!]);
      const feeds = {
        features: floats(features, [count, buffers.inputs]),
        ...Object.fromEntries(parametersNow),
      };
      return (await forward.run(feeds)).output!.data as Float32Array;
    },
    weights() {
      const state = states[current]!;
      const trained = parameters.map((parameter): [string, Tensor] => [
        parameter.name,
        toKeras(
          parameter,
          state.get(parameter.name)!.data as Floats,
          tensorOf(model.weights, parameter.name).shape,
        ),
      ]);
      return new Map([...model.weights, ...trained]);
    },
    async close() {
      await session.release();
      await forward.release();
    },
  };
}

interface Buffers {
  inputs: number;
  classes: number;
  features: Floats;
  targets: Floats;
  logits: Floats;
  rate: Floats;
  masks: Floats[];
}

function createBuffers({ graph }: Model, masks: readonly DropoutMask[], batchSize: number): Buffers {
  const inputs = shapeOf(graph, graph.layers[0]!.name)[0]!;
  const classes = outputShape(graph)[0]!;
  return {
    inputs,
    classes,
    features: new Float32Array(batchSize * inputs),
    targets: new Float32Array(batchSize * classes),
    logits: new Float32Array(batchSize * classes),
    rate: new Float32Array(1),
    masks: masks.map(({ units }) => new Float32Array(batchSize * units)),
  };
}

type State = ReadonlyMap<string, OnnxTensor>;

/** Feeds and fetches of a step on n samples, from the first state to the second and back. */
function bind(buffers: Buffers, states: readonly [State, State], masks: readonly DropoutMask[], n: number) {
  const { inputs, classes } = buffers;
  const logits = buffers.logits.subarray(0, n * classes);
  const batch = {
    features: floats(buffers.features.subarray(0, n * inputs), [n, inputs]),
    targets: floats(buffers.targets.subarray(0, n * classes), [classes, n]),
    rate: floats(buffers.rate, []),
    ...Object.fromEntries(
      masks.map(({ input, units, layout }, i) => {
        const shape = layout === "rows" ? [n, units] : [units, n];
        return [input, floats(buffers.masks[i]!.subarray(0, n * units), shape)];
      }),
    ),
  };
  const result = { output: floats(logits, [classes, n]) };
  const next = (state: State) =>
    Object.fromEntries([...state].map(([name, value]) => [`${name}/next`, value]));
  return {
    logits,
    feeds: states.map((state) => ({ ...batch, ...Object.fromEntries(state) })),
    fetches: [
      { ...result, ...next(states[1]) },
      { ...result, ...next(states[0]) },
    ],
  };
}

function initialState(weights: Weights, parameters: readonly TrainedParameter[]): State {
  const state = new Map(zeroState(parameters));
  for (const parameter of parameters) {
    const { data } = tensorOf(weights, parameter.name);
    const own = parameter.transposed ? transpose(data, parameter.shape[1], parameter.shape[0]) : data.slice();
    state.set(parameter.name, floats(own, parameter.shape));
  }
  return state;
}

function zeroState(parameters: readonly TrainedParameter[]): State {
  const zeros = ({ shape }: TrainedParameter) => floats(new Float32Array(shape[0] * shape[1]), shape);
  return new Map(
    parameters.flatMap((parameter) => [
      [parameter.name, zeros(parameter)],
      [`${parameter.name}/velocity`, zeros(parameter)],
    ]),
  );
}

function toKeras(
  { shape, transposed }: TrainedParameter,
  data: Floats,
  kerasShape: readonly number[],
): Tensor {
  return { shape: kerasShape, data: transposed ? transpose(data, shape[0], shape[1]) : data.slice() };
}

/** One-hot columns: [C, N]. */
function writeTargets(labels: Int32Array, targets: Floats): void {
  targets.fill(0);
  for (let i = 0; i < labels.length; i++) targets[labels[i]! * labels.length + i] = 1;
}

/** [rows, columns] to [columns, rows]. */
function transpose(data: Floats, rows: number, columns: number): Floats {
  const transposed = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = data[row * columns + column]!;
    }
  }
  return transposed;
}

function floats(data: Floats, shape: readonly number[]): OnnxTensor {
  return new OnnxTensor("float32", data, [...shape]);
}
