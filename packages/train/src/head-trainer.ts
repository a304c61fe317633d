import { createRandom } from "@fer-bench/artifacts";
import { inputOf, type Model, outputShape, type Tensor, tensorOf, type Weights } from "@fer-bench/models";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { type DropoutMask, lowerForTraining, type TrainedParameter } from "./lower-training.ts";
import { transpose } from "./transpose.ts";

type Floats = Float32Array<ArrayBuffer>;

export interface HeadTrainerOptions {
  /** A head from features to logits, and the weights it starts from. */
  model: Model;
  momentum: number;
  /** Samples a step. */
  batchSize: number;
  /** Of dropout. */
  seed: number;
}

/** SGD steps on a head's parameters, which stay here in between. */
export interface HeadTrainer {
  /** Samples that one call of `train` takes at most: whole steps. */
  readonly capacity: number;
  /** Where their features go, [capacity, D]. */
  readonly features: Floats;
  /**
   * Trains on the first n rows of `features`, batchSize of them a step; the last step takes what is left.
   * @param of classes [n], or distributions over them [n, C]
   * @param at names the first step: the dropout masks follow from it and the seed
   * @returns logits [n, C], each before the update by its own step; valid until the next call
   */
  train(
    of: Int32Array | Float32Array,
    learningRate: number,
    at: { epoch: number; step: number },
  ): Promise<Floats>;
  /** Logits [count, C] of `count` samples [count, D] with the parameters as they are now, without dropout. */
  predict(features: Floats, count: number): Promise<Float32Array>;
  /** A copy of the parameters as they are now, in Keras's layout, with the model's fixed ones. */
  weights(): Map<string, Tensor>;
  close(): Promise<void>;
}

/**
 * Features handed over at a time, and steps. The runtime's bindings make a new array of every parameter after a run:
 * with one step a run, collecting them costs twice the training.
 */
const RUN_BYTES = 8 * 1024 * 1024;
const RUN_STEPS = 64;

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

/** Compiles the training steps of a head for the CPU. */
export async function createHeadTrainer(options: HeadTrainerOptions): Promise<HeadTrainer> {
  const { model, momentum, batchSize, seed } = options;
  const { bytes, forwardBytes, parameters, masks } = lowerForTraining(model, { momentum });
  const session = await InferenceSession.create(bytes, SESSION_OPTIONS);
  const forward = await InferenceSession.create(forwardBytes, SESSION_OPTIONS);
  const inputs = inputOf(model.graph).shape[0]!;
  const classes = outputShape(model.graph)[0]!;
  const steps = Math.floor(RUN_BYTES / (4 * batchSize * inputs));
  const capacity = batchSize * Math.min(RUN_STEPS, Math.max(1, steps));
  const features = new Float32Array(capacity * inputs);
  const targets = new Float32Array(capacity * classes);
  const logits = new Float32Array(capacity * classes);
  const maskValues = masks.map(({ units }) => new Float32Array(capacity * units));
  // A run reads one set and writes the other.
  let state = initialState(model.weights, parameters);
  let next = zeroState(parameters);

  /** Steps of equal size, on the rows from `start`. */
  const run = async (
    start: number,
    of: Int32Array | Float32Array,
    count: number,
    steps: number,
    learningRate: number,
  ): Promise<void> => {
    const batch = count / steps;
    if (of instanceof Int32Array) writeLabels(of, steps, classes, targets);
    else writeDistributions(of, steps, classes, targets);
    const view = (data: Floats, from: number, shape: readonly number[]) =>
      floats(data.subarray(from, from + shape.reduce((a, b) => a * b, 1)), shape);
    const feeds: Record<string, OnnxTensor> = {
      ...Object.fromEntries(state),
      features: view(features, start * inputs, [steps, batch, inputs]),
      targets: view(targets, 0, [steps, classes, batch]),
      rate: floats(Float32Array.of(learningRate / batch), []),
    };
    masks.forEach(({ input, units, layout }, i) => {
      const shape = layout === "rows" ? [steps, batch, units] : [steps, units, batch];
      feeds[input] = view(maskValues[i]!, start * units, shape);
    });
    await session.run(feeds, {
      ...Object.fromEntries([...next].map(([name, value]) => [`${name}/next`, value])),
      output: view(logits, start * classes, [steps, batch, classes]),
    });
    [state, next] = [next, state];
  };

  return {
    capacity,
    features,
    async train(of, learningRate, { epoch, step }) {
      const width = of instanceof Int32Array ? 1 : classes;
      const count = of.length / width;
      masks.forEach((mask, i) => {
        drawMasks(mask, count, batchSize, maskValues[i]!, (s) =>
          createRandom("dropout", seed, mask.input, epoch, step + s),
        );
      });
      const whole = count - (count % batchSize);
      if (whole > 0) await run(0, of.subarray(0, whole * width), whole, whole / batchSize, learningRate);
      if (whole < count) await run(whole, of.subarray(whole * width), count - whole, 1, learningRate);
      return logits.subarray(0, count * classes);
    },
    async predict(samples, count) {
      const feeds = {
        features: floats(samples, [count, inputs]),
        ...Object.fromEntries(parameters.map(({ name }) => [name, state.get(name)!])),
      };
      return (await forward.run(feeds)).output!.data as Float32Array;
    },
    weights() {
      const trained = parameters.map((parameter): [string, Tensor] => {
        const { shape } = tensorOf(model.weights, parameter.name);
        return [
          parameter.name,
          { shape, data: toKeras(parameter, state.get(parameter.name)!.data as Floats) },
        ];
      });
      return new Map([...model.weights, ...trained]);
    },
    async close() {
      await session.release();
      await forward.release();
    },
  };
}

type State = Map<string, OnnxTensor>;

function initialState(weights: Weights, parameters: readonly TrainedParameter[]): State {
  const state = zeroState(parameters);
  for (const { name, shape, transposed } of parameters) {
    const { data } = tensorOf(weights, name);
    state.set(name, floats(transposed ? transpose(data, shape[1], shape[0]) : data.slice(), shape));
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

function toKeras({ shape, transposed }: TrainedParameter, data: Floats): Floats {
  return transposed ? transpose(data, shape[0], shape[1]) : data.slice();
}

/** One-hot columns: [steps, classes, batch]. */
function writeLabels(labels: Int32Array, steps: number, classes: number, targets: Floats): void {
  const batch = labels.length / steps;
  targets.fill(0, 0, labels.length * classes);
  labels.forEach((label, i) => {
    targets[(Math.floor(i / batch) * classes + label) * batch + (i % batch)] = 1;
  });
}

/** Rows [n, C] as columns: [steps, classes, batch]. */
function writeDistributions(rows: Float32Array, steps: number, classes: number, targets: Floats): void {
  const batch = rows.length / classes / steps;
  rows.forEach((share, i) => {
    const sample = Math.floor(i / classes);
    targets[(Math.floor(sample / batch) * classes + (i % classes)) * batch + (sample % batch)] = share;
  });
}

/** Factors of dropout for `count` samples, each step from a stream of its own. */
function drawMasks(
  { rate, units }: DropoutMask,
  count: number,
  batchSize: number,
  values: Floats,
  streamOf: (step: number) => ReturnType<typeof createRandom>,
): void {
  const keep = 1 / (1 - rate);
  for (let start = 0; start < count; start += batchSize) {
    const random = streamOf(start / batchSize);
    const end = Math.min(start + batchSize, count) * units;
    for (let i = start * units; i < end; i++) values[i] = random.next() < rate ? 0 : keep;
  }
}

function floats(data: Floats, shape: readonly number[]): OnnxTensor {
  return new OnnxTensor("float32", data, [...shape]);
}
