import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { type BatchShape, customLayer, oneTensor } from "./custom-layer.ts";

/**
 * Keras's Normalization: (x - mean) / max(sqrt(variance), 1e-7) along the last axis. Its weights are Keras's `mean`,
 * `variance` and `count`, none of them trained.
 */
export const normalizationLayer = customLayer(
  (tf) =>
    class Normalization extends tf.layers.Layer {
      static readonly className = "Normalization";
      #mean: LayerVariable | undefined;
      #variance: LayerVariable | undefined;

      override build(shape: BatchShape | BatchShape[]): void {
        const channels = (shape as BatchShape).at(-1)!;
        const [zeros, ones] = [tf.initializers.zeros(), tf.initializers.ones()];
        this.#mean = this.addWeight("mean", [channels], "float32", zeros, undefined, false);
        this.#variance = this.addWeight("variance", [channels], "float32", ones, undefined, false);
        this.addWeight("count", [], "float32", zeros, undefined, false);
        super.build(shape);
      }

      override call(inputs: Tensor | Tensor[]): Tensor {
        return tf.tidy(() => {
          const deviation = tf.maximum(tf.sqrt(this.#variance!.read()), 1e-7);
          return tf.div(tf.sub(oneTensor(inputs), this.#mean!.read()), deviation);
        });
      }
    },
);
