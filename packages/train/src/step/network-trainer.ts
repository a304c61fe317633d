import { createRandom, FerBenchError } from "@fer-bench/artifacts";
import { inputOf, type Model, outputShape, sizeOf, type Tensor } from "@fer-bench/models";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { FLAT_GROUPS, type Floats, packParameters, unpackParameters } from "./flat-parameters.ts";
import { lowerStep, type StepOptions } from "./lower-step.ts";
import type { NoiseInput } from "./step-builder.ts";
import type { StepScalar } from "./update.ts";

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

export interface TrainingBatch {
  /** [N, ...input shape] */
  samples: Uint8Array | Float32Array;
  /** Distributions over the classes, [N, classes]. */
  targets: Float32Array;
  /** Of the samples in the loss, [N]; 1 where absent. */
  weights?: Float32Array;
}

/** All that a trainer has learnt: it goes on from it as if it had not stopped. */
export interface TrainerState {
  /** Steps and updates so far. */
  steps: number;
  updates: number;
  vectors: Map<string, Floats>;
}

/** SGD steps on a network's parameters, which stay here in between. */
export interface NetworkTrainer {
  /** Steps so far. */
  readonly steps: number;
  /** One step; loss and logits [N, classes] are from before its update, valid until the next call. */
  step(batch: TrainingBatch, rate: number): Promise<{ loss: number; logits: Float32Array }>;
  /** The model's weights as they are now, in Keras's layout; their average where one is kept. */
  weights(): Map<string, Tensor>;
  /** A copy of the state. */
  state(): TrainerState;
  /** @throws FerBenchError ("bad-artifact") where it is another network's */
  restore(state: TrainerState): void;
  close(): Promise<void>;
}

/** Compiles a network's training step for the CPU. */
export async function createNetworkTrainer(options: NetworkTrainerOptions): Promise<NetworkTrainer> {
  const { model, batch, optimizer, accumulate, averageDecay, seed, threads } = options;
  const graph = lowerStep(model, { ...options, average: averageDecay !== null });
  const session = await InferenceSession.create(graph.bytes, {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // A thread that waits gives its core up: on a machine with other work, spinning made a step twice as slow.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const classes = outputShape(model.graph)[0]!;
  const inputShape = inputOf(model.graph).shape;
  const evenly = new Float32Array(batch).fill(1);
  const masks = graph.noise.map(({ channels }) => new Float32Array(channels * batch));
  const loss = new Float32Array(1);
  const logits = new Float32Array(batch * classes);
  let steps = 0;
  let updates = 0;
  // A step reads one set and writes the other.
  let current = new Map<string, Floats>();
  let next = new Map<string, Floats>();
  for (const { name, length } of graph.states) {
    const group = FLAT_GROUPS.find((known) => name === known || name === `${known}/average`);
    const start = group ? packParameters(graph.flat[group], model.weights) : new Float32Array(length);
    current.set(name, start);
    next.set(name, new Float32Array(length));
  }

  const scalarsOf = (rate: number): Record<StepScalar, number> => {
    const beta = optimizer.kind === "adamw" ? [optimizer.beta1, optimizer.beta2] : [0, 0];
    // An average of few values follows them faster.
    const decay = Math.min(averageDecay ?? 0, (1 + updates) / (10 + updates));
    const isDue = (steps + 1) % accumulate === 0;
    return {
      rate,
      correction1: 1 - beta[0]! ** (updates + 1),
      correction2: 1 - beta[1]! ** (updates + 1),
      averaging: isDue ? 1 - decay : 0,
      gathering: steps % accumulate === 0 ? 0 : 1,
      updating: isDue ? 1 : 0,
    };
  };

  return {
    get steps() {
      return steps;
    },
    async step({ samples, targets, weights }, rate) {
      graph.noise.forEach((noise, i) => {
        drawMask(noise, masks[i]!, createRandom("dropout", seed, noise.name, steps));
      });
      const scalars = scalarsOf(rate);
      const shape = [batch, ...inputShape];
      if (samples.length !== sizeOf(shape) || targets.length !== batch * classes) {
        throw new FerBenchError(
          "internal",
          `A step takes ${batch} samples [${inputShape.join(", ")}], not ${samples.length} values.`,
        );
      }
      const feeds: Record<string, OnnxTensor> = {
        samples:
          samples instanceof Uint8Array ? new OnnxTensor("uint8", samples, shape) : floats(samples, shape),
        targets: floats(targets, [batch, classes]),
        weights: floats(weights ?? evenly, [batch]),
      };
      graph.noise.forEach(({ name, channels }, i) => {
        feeds[name] = floats(masks[i]!, [channels, 1, batch]);
      });
      for (const name of graph.scalars) feeds[name] = floats(Float32Array.of(scalars[name]), []);
      const fetches: Record<string, OnnxTensor> = {};
      // In the model's order: that is what the runtime promises to keep.
      for (const state of graph.states) {
        feeds[state.name] = floats(current.get(state.name)!, [state.length]);
        fetches[state.next] = floats(next.get(state.name)!, [state.length]);
      }
      fetches["step/loss"] = floats(loss, []);
      fetches["step/logits"] = floats(logits, [batch, classes]);
      await session.run(feeds, fetches);
      [current, next] = [next, current];
      steps += 1;
      if (scalars.updating === 1) updates += 1;
      return { loss: loss[0]!, logits };
    },
    weights() {
      const learnt = FLAT_GROUPS.flatMap((group) => {
        const vector = current.get(`${group}/average`) ?? current.get(group);
        return vector ? [...unpackParameters(graph.flat[group], vector, model.weights)] : [];
      });
      return new Map([...model.weights, ...learnt]);
    },
    state: () => ({
      steps,
      updates,
      vectors: new Map([...current].map(([name, vector]) => [name, vector.slice()])),
    }),
    restore(state) {
      for (const [name, vector] of current) {
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
      updates = state.updates;
    },
    close: () => session.release(),
  };
}

function drawMask({ rate }: NoiseInput, mask: Floats, random: ReturnType<typeof createRandom>): void {
  const keep = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = random.next() < rate ? 0 : keep;
}

function floats(data: Float32Array, shape: readonly number[]): OnnxTensor {
  return new OnnxTensor("float32", data, [...shape]);
}
