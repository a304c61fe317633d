import { FerBenchError } from "@fer-bench/artifacts";
import { type Graph, inputOf, outputOf, shapeOf } from "../graph/graph.ts";
import type { Layer, LayerKind } from "../graph/layers.ts";
import { parametersOf } from "../graph/parameters.ts";
import type { Model } from "../onnx/fold.ts";
import { checkWeights, type Tensor, tensorOf } from "../weights/weights.ts";
import { LAYER_RULES, type LayerContext, type LayerRule } from "./layer-rules.ts";
import type { LayersModel, SymbolicTensor, TensorFlow } from "./tensorflow.ts";

/**
 * TensorFlow.js by its structure, so that this package needs none of its own: the namespace of `@tensorflow/tfjs`,
 * `-node` or `-node-gpu`, or those of `-core` and `-layers` spread into one object.
 */
export interface TensorFlowLike<UsersModel> {
  model(config: never): UsersModel;
  readonly layers: object;
  readonly serialization: object;
}

/** A `LayersModel` by its structure. */
export interface LayersModelLike {
  readonly name: string;
  readonly weights: readonly {
    readonly originalName: string;
    read(): { data(): Promise<ArrayLike<number>> };
  }[];
}

/**
 * A layer graph and its weights as a TensorFlow.js `LayersModel`: the same layers by the same names, pictures float32
 * [N, height, width, channels] in 0..255. It predicts and it trains: batch norm keeps its moving statistics, dropout
 * drops in training, and `trainable` of a layer freezes it. `dispose()` of the model frees the weights.
 */
export function toLayersModel<UsersModel>(
  given: TensorFlowLike<UsersModel>,
  { graph, weights }: Model,
): UsersModel {
  checkWeights(graph, weights);
  const tf = given as TensorFlowOf<UsersModel>;
  const values = new Map<string, SymbolicTensor>();
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((input) => values.get(input)!);
    const inputShape = layer.inputs[0] === undefined ? [] : shapeOf(graph, layer.inputs[0]);
    values.set(layer.name, applyRule(layer, inputs, { tf, inputShape }));
  }
  const model = tf.model({
    name: graph.name,
    inputs: values.get(inputOf(graph).name)!,
    outputs: values.get(outputOf(graph).name)!,
  });
  const variables = variablesOf(model);
  for (const { name } of parametersOf(graph)) {
    const { shape, data } = tensorOf(weights, name);
    tf.tidy(() => {
      variables.get(name)!.write(tf.tensor(data, [...shape], "float32"));
    });
  }
  return model;
}

/** What the structure stands for. */
type TensorFlowOf<UsersModel> = Omit<TensorFlow, "model"> & {
  model(config: Parameters<TensorFlow["model"]>[0]): UsersModel & LayersModel;
};

/** The weights that a model made by `toLayersModel` of this graph now has, trained or not. */
export async function fromLayersModel(graph: Graph, model: LayersModelLike): Promise<Map<string, Tensor>> {
  const variables = variablesOf(model);
  const weights = new Map<string, Tensor>();
  for (const { name, shape } of parametersOf(graph)) {
    const variable = variables.get(name);
    if (variable === undefined) {
      throw new FerBenchError(
        "internal",
        `The LayersModel ${model.name} has no ${name}: it is not ${graph.name}'s.`,
      );
    }
    weights.set(name, { shape, data: Float32Array.from(await variable.read().data()) });
  }
  return weights;
}

function applyRule(layer: Layer, inputs: SymbolicTensor[], context: LayerContext): SymbolicTensor {
  return (LAYER_RULES[layer.kind] as LayerRule<LayerKind>)(layer as never, inputs, context);
}

/** By `layer/parameter`: a variable's own name has a number behind it where the process has made it before. */
function variablesOf<Variable extends { originalName: string }>(model: { weights: readonly Variable[] }) {
  return new Map(model.weights.map((variable) => [variable.originalName, variable]));
}
