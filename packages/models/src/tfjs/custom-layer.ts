import type { serialization, Tensor } from "@tensorflow/tfjs-core";
import type { KerasLayer, TensorFlow } from "./tensorflow.ts";

/** The class of a layer that TensorFlow.js can write into a model's JSON and read back. */
type LayerClass = serialization.SerializableConstructor<KerasLayer>;

export type LayerConfig = { name: string } & serialization.ConfigDict;

/** Shape with the batch, whose extent is null. */
export type BatchShape = (number | null)[];

/**
 * A layer that TensorFlow.js lacks. Its class extends one of the namespace that it is made for, since a class of
 * another copy of TensorFlow.js would be no layer of this one, and is registered there once.
 */
export function customLayer<Config extends LayerConfig>(define: (tf: TensorFlow) => LayerClass) {
  const classes = new WeakMap<object, LayerClass>();
  return (tf: TensorFlow, config: Config): KerasLayer => {
    let LayerOfNamespace = classes.get(tf.layers);
    if (LayerOfNamespace === undefined) {
      LayerOfNamespace = define(tf);
      tf.serialization.registerClass(LayerOfNamespace);
      classes.set(tf.layers, LayerOfNamespace);
    }
    return new LayerOfNamespace(config);
  };
}

/** The one input of a layer's `call`. */
export function oneTensor(inputs: Tensor | Tensor[]): Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}
