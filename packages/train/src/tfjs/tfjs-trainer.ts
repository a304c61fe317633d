import { FerBenchError } from "@fer-bench/artifacts";
import {
  fromLayersModel,
  type Graph,
  inputOf,
  openTensorFlowToTrain,
  outputShape,
  parametersOf,
  toLayersModel,
} from "@fer-bench/models";
import { type Floats, isStatistic } from "../step/flat-parameters.ts";
import type { OptimizerConfig } from "../step/optimizer.ts";
import {
  decayAt,
  type NetworkTrainer,
  type NetworkTrainerOptions,
  type TrainingBatch,
  vectorOf,
} from "../step/trainer.ts";
import { createDropoutMasks } from "./dropout-masks.ts";
import type { KerasLayer, LayersModel, Tensor, TensorFlow, Variable } from "./tensorflow.ts";

/**
 * Trains a network as a TensorFlow.js `LayersModel`, by its automatic differentiation and `tf.train.momentum`: the
 * losses of the ONNX step, as far as 32-bit numbers go.
 *
 * @throws FerBenchError "bad-config" for an optimizer that TensorFlow.js lacks; "unavailable" where it is not installed
 */
export async function createTfjsTrainer(options: NetworkTrainerOptions): Promise<NetworkTrainer> {
  const { model, batch, accumulate, isTrainable, clipNorm, averageDecay, device = "cpu" } = options;
  const { momentum, nesterov, weightDecay } = sgdOf(options.optimizer);
  const tf = (await openTensorFlowToTrain(device)) as TensorFlow;
  const { graph } = model;
  const network = toLayersModel(tf, model);
  const masks = createDropoutMasks(tf, network, options);
  for (const layer of network.layers) if (!isTrainable(layer.name)) freeze(layer);
  const changed = changedVariables(graph, network, isTrainable);
  const trained = changed.filter(({ trainable }) => trainable);
  const averages = averageDecay === null ? undefined : changed.map(({ variable }) => copyOf(tf, variable));
  // Keras's velocity has the rate in it: it is on the gradients instead of in the optimizer.
  const optimizer = tf.train.momentum(1, momentum, nesterov);
  const classes = outputShape(graph)[0]!;
  const { shape } = inputOf(graph);
  const logits = new Float32Array(batch * accumulate * classes);
  let steps = 0;

  /** The loss of one of a step's batches, and its gradients in the order of `trained`, which are the caller's. */
  const gradientsOf = (given: TrainingBatch, index: number) => {
    const rows = (data: Uint8Array | Float32Array, width: number) =>
      Float32Array.from(data.subarray(index * batch * width, (index + 1) * batch * width));
    const size = given.samples.length / (batch * accumulate);
    masks.draw(steps * accumulate + index);
    return tf.tidy(() => {
      const samples = tf.tensor(rows(given.samples, size), [batch, ...shape]);
      const targets = tf.tensor(rows(given.targets, classes), [batch, classes]);
      const weights = given.weights && tf.tensor(rows(given.weights, 1), [batch]);
      const { value, grads } = tf.variableGrads(
        () => {
          const output = network.apply(samples, { training: true }) as Tensor;
          logits.set(output.dataSync<"float32">(), index * batch * classes);
          const perSample = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(output)), 1));
          return tf.mean(weights ? tf.mul(perSample, weights) : perSample);
        },
        trained.map(({ variable }) => variable),
      );
      return {
        loss: value.dataSync<"float32">()[0]!,
        gradients: trained.map(({ variable }) => tf.keep(grads[variable.name]!)),
      };
    });
  };

  const update = (ofBatches: readonly (readonly Tensor[])[], rate: number) =>
    tf.tidy(() => {
      const means = trained.map((_, i) =>
        tf.div(
          ofBatches.map((gradients) => gradients[i]!).reduce((sum, next) => tf.add(sum, next)),
          accumulate,
        ),
      );
      const clipped = clipNorm === null ? means : clip(tf, means, clipNorm);
      optimizer.applyGradients(
        trained.map(({ variable }, i) => {
          const decays = weightDecay > 0 && variable.shape.length > 1;
          const decayed = decays ? tf.add(clipped[i]!, tf.mul(variable, weightDecay)) : clipped[i]!;
          return { name: variable.name, tensor: tf.mul(decayed, rate) };
        }),
      );
    });

  return {
    get steps() {
      return steps;
    },
    async step(given, rate) {
      const results = Array.from({ length: accumulate }, (_, index) => gradientsOf(given, index));
      update(
        results.map(({ gradients }) => gradients),
        rate,
      );
      for (const { gradients } of results) tf.dispose(gradients);
      moveAverages(tf, changed, averages, decayAt(averageDecay ?? 0, steps));
      steps += 1;
      return { loss: results.reduce((sum, { loss }) => sum + loss, 0) / accumulate, logits };
    },
    async weights() {
      const weights = await fromLayersModel(graph, network);
      for (const [i, average] of averages?.entries() ?? []) {
        const { name, variable } = changed[i]!;
        weights.set(name, { shape: variable.shape, data: await valuesOf(average) });
      }
      return weights;
    },
    async state() {
      const vectors = new Map<string, Floats>();
      for (const [i, { name, variable }] of changed.entries()) {
        vectors.set(name, await valuesOf(variable));
        if (averages) vectors.set(averageName(name), await valuesOf(averages[i]!));
      }
      const [iterations, ...velocities] = await optimizer.getWeights();
      iterations!.tensor.dispose();
      for (const [i, { name, variable }] of trained.entries()) {
        const velocity = velocities[i]?.tensor;
        vectors.set(
          velocityName(name),
          velocity ? await valuesOf(velocity) : new Float32Array(variable.size),
        );
      }
      return { steps, vectors };
    },
    async restore(state) {
      const tensorOf = (name: string, { shape, size }: Variable) =>
        tf.tensor(vectorOf(state, name, size), shape, "float32");
      tf.tidy(() => {
        for (const [i, { name, variable }] of changed.entries()) {
          variable.assign(tensorOf(name, variable));
          averages?.[i]?.assign(tensorOf(averageName(name), variable));
        }
      });
      const velocities = trained.map(({ name, variable }) => {
        const velocity = velocityName(name);
        return { name: velocity, tensor: tensorOf(velocity, variable) };
      });
      const iterations = { name: "iter", tensor: tf.scalar(state.steps, "int32") };
      const replaced = await optimizer.getWeights();
      await optimizer.setWeights([iterations, ...velocities]);
      tf.dispose([...replaced, iterations, ...velocities].map(({ tensor }) => tensor));
      steps = state.steps;
    },
    async close() {
      masks.dispose();
      optimizer.dispose();
      tf.dispose(averages ?? []);
      network.dispose();
    },
  };
}

/** @throws FerBenchError "bad-config" for an optimizer that TensorFlow.js lacks */
export function sgdOf(optimizer: OptimizerConfig): Extract<OptimizerConfig, { kind: "sgd" }> {
  if (optimizer.kind === "sgd") return optimizer;
  throw new FerBenchError("bad-config", `TensorFlow.js has no optimizer ${optimizer.kind}`, {
    field: "train.optimizer.kind",
    remedy: 'train with the engine onnx, or with the optimizer "sgd"',
  });
}

/** Keeps a layer's parameters, and has a batch norm go by its moving statistics, as Keras's does when it is frozen. */
function freeze(layer: KerasLayer): void {
  layer.trainable = false;
  if (layer.getClassName() !== "BatchNormalization") return;
  const call = layer.call.bind(layer);
  layer.call = (inputs, settings) => call(inputs, { ...settings, training: false });
}

interface ChangedVariable {
  /** `layer/parameter` */
  name: string;
  variable: Variable;
  /** False for the statistics of a batch norm, which move. */
  trainable: boolean;
}

function changedVariables(
  graph: Graph,
  network: LayersModel,
  isTrainable: (layer: string) => boolean,
): ChangedVariable[] {
  const byName = new Map(network.weights.map((weight) => [weight.originalName, weight.read() as Variable]));
  return parametersOf(graph)
    .filter(({ layer, name, trainable }) => isTrainable(layer) && (trainable || isStatistic(name)))
    .map(({ name, trainable }) => ({ name, variable: byName.get(name)!, trainable }));
}

/** All gradients by clipNorm / norm where their common norm is larger. */
function clip(tf: TensorFlow, gradients: readonly Tensor[], clipNorm: number): Tensor[] {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(squares.reduce((sum, next) => tf.add(sum, next))).dataSync<"float32">()[0]!;
  return gradients.map((gradient) => tf.mul(gradient, clipNorm / Math.max(norm, clipNorm)));
}

function moveAverages(
  tf: TensorFlow,
  changed: readonly ChangedVariable[],
  averages: readonly Variable[] | undefined,
  decay: number,
): void {
  averages?.forEach((average, i) => {
    tf.tidy(() => {
      const towards = tf.mul(tf.sub(changed[i]!.variable, average), 1 - decay);
      average.assign(tf.add(average, towards));
    });
  });
}

function copyOf(tf: TensorFlow, variable: Variable): Variable {
  return tf.tidy(() => tf.variable(variable.clone(), false));
}

/** A copy: the values may lie in the backend's own memory. */
async function valuesOf(tensor: Tensor): Promise<Floats> {
  return Float32Array.from(await tensor.data<"float32">());
}

function velocityName(parameter: string): string {
  return `${parameter}/velocity`;
}

function averageName(parameter: string): string {
  return `${parameter}/average`;
}
