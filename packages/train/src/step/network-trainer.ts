import { FerBenchError } from "@fer-bench/artifacts";
import { inputOf, outputShape, sizeOf } from "@fer-bench/models";
import { FLAT_GROUPS, packParameters, unpackParameters } from "./flat-parameters.ts";
import { createReplicatedStep } from "./replicated-step.ts";
import { createResidentStep } from "./resident-step.ts";
import type { BatchFeeds, StateVectors } from "./step-runner.ts";
import {
  decayAt,
  drawMask,
  type NetworkTrainer,
  type NetworkTrainerOptions,
  type TrainingBatch,
  vectorOf,
} from "./trainer.ts";
import { isGathered, type StepScalar } from "./update.ts";
import { createWholeStep } from "./whole-step.ts";

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
  }

  const scalarsOf = (index: number, rate: number): Record<StepScalar, number> => {
    const beta = optimizer.kind === "adamw" ? [optimizer.beta1, optimizer.beta2] : [0, 0];
    const decay = decayAt(averageDecay ?? 0, steps);
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
      drawMask(noise, masks[index]![i]!, seed, steps * accumulate + index);
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
        vector.set(vectorOf(state, name, vector.length));
      }
      steps = state.steps;
      runner.resident?.forget();
    },
    close: () => runner.close(),
  };
}

function runnerFor({ device = "cpu", accumulate, threads }: NetworkTrainerOptions): typeof createWholeStep {
  if (device !== "cpu") return createResidentStep;
  return accumulate > 1 && threads > 1 ? createReplicatedStep : createWholeStep;
}
