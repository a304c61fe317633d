import { createRandom, FerBenchError } from "@fer-bench/artifacts";
import { inputOf, type Model, outputShape, sizeOf, type Tensor } from "@fer-bench/models";
import { FLAT_GROUPS, type Floats, packParameters, unpackParameters } from "./flat-parameters.ts";
import type { StepOptions } from "./lower-step.ts";
import { createReplicatedStep } from "./replicated-step.ts";
import type { NoiseInput } from "./step-builder.ts";
import type { BatchFeeds, StateVectors } from "./step-runner.ts";
import { isGathered, type StepScalar } from "./update.ts";
import { createResidentStep } from "./resident-step.ts";
import { createWholeStep } from "./whole-step.ts";

export interface NetworkTrainerOptions extends Omit<StepOptions, "average"> {
  /** A network from samples to logits, and the weights it starts from. */
  model: Model;
  /** Decay a step of the parameters' moving average, which is what `weights` gives; null for none. */
  averageDecay: number | null;
  /** Of dropout and stochastic depth. */
  seed: number;
  /** Cores; the last digits may depend on their number. */
  threads: number;
}

/** The samples of one step: `accumulate` batches of N, one after the other; M of them in all. */
export interface TrainingBatch {
  /** [M, ...input shape] */
  samples: Uint8Array | Float32Array;
  /** Distributions over the classes, [M, classes]. */
  targets: Float32Array;
  /** Of the samples in the loss, [M]; 1 where absent. */
  weights?: Float32Array;
}

/** All that a trainer has learnt: it goes on from it as if it had not stopped. */
export interface TrainerState {
  /** Steps so far. */
  steps: number;
  vectors: Map<string, Floats>;
}

/** SGD steps on a network's parameters, which stay here in between. */
export interface NetworkTrainer {
  /** Steps so far. */
  readonly steps: number;
  /** One step; the mean loss and logits [M, classes] are from before its update, valid until the next call. */
  step(batch: TrainingBatch, rate: number): Promise<{ loss: number; logits: Float32Array }>;
  /** The model's weights as they are now, in Keras's layout; their average where one is kept. */
  weights(): Promise<Map<string, Tensor>>;
  /** A copy of the state. */
  state(): Promise<TrainerState>;
  /** @throws FerBenchError ("bad-artifact") where it is another network's */
  restore(state: TrainerState): void;
  close(): Promise<void>;
}

/**
 * Compiles a network's training step for a device. On the CPU, batches that are accumulated are worked out side by
 * side; on WebGPU, what is learnt stays in the GPU's memory.
 */
export async function createNetworkTrainer(options: NetworkTrainerOptions): Promise<NetworkTrainer> {
  const { model, batch, optimizer, accumulate, averageDecay, seed } = options;
  const runner = await runnerFor(options)(model, { ...options, average: averageDecay !== null });
  const classes = outputShape(model.graph)[0]!;
  const inputShape = inputOf(model.graph).shape;
  const samplesAStep = batch * accumulate;
  const evenly = new Float32Array(samplesAStep).fill(1);
  const masks = Array.from({ length: accumulate }, () =>
    runner.noise.map(({ channels }) => new Float32Array(channels * batch)),
  );
  const logits = new Float32Array(samplesAStep * classes);
  let steps = 0;
  const vectors: StateVectors = { current: new Map(), next: new Map() };
  for (const { name, length } of runner.states) {
    const group = FLAT_GROUPS.find((known) => name === known || name === `${known}/average`);
    const start = group ? packParameters(runner.flat[group], model.weights) : new Float32Array(length);
    vectors.current.set(name, start);
    vectors.next.set(name, new Float32Array(length));
  }

  const scalarsOf = (index: number, rate: number): Record<StepScalar, number> => {
    const beta = optimizer.kind === "adamw" ? [optimizer.beta1, optimizer.beta2] : [0, 0];
    // An average of few values follows them faster.
    const decay = Math.min(averageDecay ?? 0, (1 + steps) / (10 + steps));
    const isDue = index === accumulate - 1;
    return {
      rate,
      correction1: 1 - beta[0]! ** (steps + 1),
      correction2: 1 - beta[1]! ** (steps + 1),
      averaging: isDue ? 1 - decay : 0,
      gathering: index === 0 ? 0 : 1,
      updating: isDue ? 1 : 0,
    };
  };

  const feedsOf = ({ samples, targets, weights = evenly }: TrainingBatch, index: number, rate: number) => {
    runner.noise.forEach((noise, i) => {
      const random = createRandom("dropout", seed, noise.name, steps * accumulate + index);
      drawMask(noise, masks[index]![i]!, random);
    });
    const rows = <T extends Uint8Array | Float32Array>(data: T, width: number) =>
      data.subarray(index * batch * width, (index + 1) * batch * width) as T;
    const feeds: BatchFeeds = {
      samples: rows(samples, sizeOf(inputShape)),
      targets: rows(targets, classes),
      weights: rows(weights, 1),
      masks: masks[index]!,
      scalars: scalarsOf(index, rate),
    };
    return feeds;
  };

  return {
    get steps() {
      return steps;
    },
    async step(given, rate) {
      const { samples, targets } = given;
      if (samples.length !== samplesAStep * sizeOf(inputShape) || targets.length !== samplesAStep * classes) {
        throw new FerBenchError(
          "internal",
          `A step takes ${samplesAStep} samples [${inputShape.join(", ")}], not ${samples.length} values.`,
        );
      }
      const feeds = Array.from({ length: accumulate }, (_, index) => feedsOf(given, index, rate));
      const results = await runner.run(feeds, vectors);
      steps += 1;
      results.forEach((result, i) => {
        logits.set(result.logits, i * batch * classes);
      });
      return { loss: results.reduce((sum, { loss }) => sum + loss, 0) / accumulate, logits };
    },
    async weights() {
      await runner.resident?.read(vectors);
      const learnt = FLAT_GROUPS.flatMap((group) => {
        const vector = vectors.current.get(`${group}/average`) ?? vectors.current.get(group);
        return vector ? [...unpackParameters(runner.flat[group], vector, model.weights)] : [];
      });
      return new Map([...model.weights, ...learnt]);
    },
    async state() {
      await runner.resident?.read(vectors);
      const kept = [...vectors.current].filter(([name]) => !isGathered(name));
      return { steps, vectors: new Map(kept.map(([name, vector]) => [name, vector.slice()])) };
    },
    restore(state) {
      for (const [name, vector] of vectors.current) {
        if (isGathered(name)) continue;
        const from = state.vectors.get(name);
        if (from?.length !== vector.length) {
          throw new FerBenchError(
            "bad-artifact",
            `${name} has ${from?.length ?? 0} values, not ${vector.length}`,
            {
              remedy: "remove the checkpoint, or go on with the configuration that wrote it",
            },
          );
        }
        vector.set(from);
      }
      steps = state.steps;
      runner.resident?.forget();
    },
    close: () => runner.close(),
  };
}

function runnerFor({ device = "cpu", accumulate, threads }: NetworkTrainerOptions): typeof createWholeStep {
  if (device === "webgpu") return createResidentStep;
  return device === "cpu" && accumulate > 1 && threads > 1 ? createReplicatedStep : createWholeStep;
}

function drawMask({ rate }: NoiseInput, mask: Floats, random: ReturnType<typeof createRandom>): void {
  const keep = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = random.next() < rate ? 0 : keep;
}
