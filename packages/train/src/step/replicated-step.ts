import { FerBenchError } from "@fer-bench/artifacts";
import type { Model } from "@fer-bench/models";
import { FLAT_GROUPS } from "./flat-parameters.ts";
import { gradientName, lowerGradients, lowerUpdate, type StepOptions } from "./lower-step.ts";
import type { ReplicaSettings, TravellingVector } from "./replica-messages.ts";
import { startReplicas } from "./replica-threads.ts";
import { type StepRunner, swap } from "./step-runner.ts";
import { createStepSession, layoutOf, sessionOptions, stateTensors } from "./step-session.ts";
import { floats } from "./step-tensors.mjs";

/**
 * Runs a step's batches side by side: replicas of the network, threads of their own, each work out the gradients of
 * whole batches; then this thread makes the update from all of them, in the order of the batches. Operators of one
 * batch split over threads wait for each other hundreds of times a step; replicas wait once.
 */
export async function createReplicatedStep(
  model: Model,
  options: StepOptions & { threads: number },
): Promise<StepRunner> {
  const { batch, accumulate, threads } = options;
  const gradients = lowerGradients(model, options);
  const update = lowerUpdate(model, options);
  const groups = FLAT_GROUPS.flatMap((name) => {
    const length = update.states.find((state) => state.name === name)?.length;
    return length === undefined ? [] : [{ name, length }];
  });
  const parameters = groups.map(({ name, length }) => ({
    name,
    shared: new Float32Array(new SharedArrayBuffer(4 * length)),
  }));
  const count = Math.min(threads, accumulate);
  const settings: ReplicaSettings = {
    bytes: gradients.bytes,
    session: sessionOptions(Math.floor(threads / count)),
    parameters,
    layout: layoutOf(model, batch, gradients.noise),
  };
  const session = await createStepSession(update.bytes, threads);
  const replicas = startReplicas(count, settings);
  /** Of each batch of a step; they travel to a replica and back. */
  const vectors: (readonly TravellingVector[])[] = Array.from({ length: accumulate }, () =>
    groups.map(({ name, length }) => ({ name: gradientName(name), data: new Float32Array(length) })),
  );
  let step = 0;

  return {
    ...gradients,
    states: update.states,
    async run(batches, states) {
      if (batches.length !== accumulate) {
        throw new FerBenchError("internal", `A step takes ${accumulate} batches, not ${batches.length}.`);
      }
      for (const { name, shared } of parameters) shared.set(states.current.get(name)!);
      step += 1;
      const results = await replicas.work(
        batches.map(({ samples, targets, weights, masks }, index) => ({
          // A view would take all batches' memory along.
          samples: samples.slice(),
          targets: targets.slice(),
          weights: weights.slice(),
          masks,
          step,
          index,
          gradients: vectors[index]!,
        })),
      );
      results.forEach((result, index) => {
        vectors[index] = result.gradients;
      });
      const { before, after } = stateTensors(update, batches.at(-1)!.scalars, states);
      vectors.forEach((ofBatch, index) => {
        ofBatch.forEach(({ data }, i) => {
          before[gradientName(groups[i]!.name, index)] = floats(data, [data.length]);
        });
      });
      await session.run(before, after);
      swap(states);
      return results.map(({ loss, logits }) => ({ loss, logits }));
    },
    async close() {
      await replicas.stop();
      await session.release();
    },
  };
}
