import type { serialization, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { type BatchShape, customLayer, type LayerConfig, oneTensor } from "./custom-layer.ts";

interface PaddedPoolConfig extends LayerConfig {
  poolSize: [number, number];
  strides: [number, number];
  /** [[top, bottom], [left, right]] in pixels. */
  padding: [[number, number], [number, number]];
}

/** Max pooling with padding that is neither Keras's `valid` nor its `same`; what is padded is never the largest. */
export const paddedPoolLayer = customLayer<PaddedPoolConfig>(
  (tf) =>
    class PaddedMaxPooling2D extends tf.layers.Layer {
      static readonly className = "PaddedMaxPooling2D";
      readonly #config: PaddedPoolConfig;

      constructor(config: PaddedPoolConfig) {
        super(config);
        this.#config = config;
      }

      override computeOutputShape(shape: BatchShape | BatchShape[]): BatchShape {
        const [batch, height, width, channels] = shape as BatchShape;
        const { poolSize, strides, padding } = this.#config;
        const places = [height!, width!].map(
          (size, axis) =>
            Math.floor((size + padding[axis]![0] + padding[axis]![1] - poolSize[axis]!) / strides[axis]!) + 1,
        );
        return [batch!, ...places, channels!];
      }

      override call(inputs: Tensor | Tensor[]): Tensor {
        const { poolSize, strides, padding } = this.#config;
        return tf.maxPool(oneTensor(inputs) as Tensor4D, poolSize, strides, [[0, 0], ...padding, [0, 0]]);
      }

      override getConfig(): serialization.ConfigDict {
        const { poolSize, strides, padding } = this.#config;
        return { ...super.getConfig(), poolSize, strides, padding };
      }
    },
);
