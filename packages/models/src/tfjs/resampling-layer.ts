import type { serialization, Tensor } from "@tensorflow/tfjs-core";
import type { AdaptiveAveragePool2dLayer, ResizeLayer } from "../graph/layers.ts";
import { type AxisMatrix, resamplingMatrices } from "../graph/resampling.ts";
import { type BatchShape, customLayer, type LayerConfig, oneTensor } from "./custom-layer.ts";

interface ResamplingConfig extends LayerConfig {
  size: [number, number];
  method: ResizeLayer["interpolation"] | "adaptiveAverage";
}

/** Another size by two products with constant matrices: all engines do the same sums. */
export const resamplingLayer = customLayer<ResamplingConfig>(
  (tf) =>
    class Resampling extends tf.layers.Layer {
      static readonly className = "Resampling";
      readonly #config: ResamplingConfig;

      constructor(config: ResamplingConfig) {
        super(config);
        this.#config = config;
      }

      override computeOutputShape(shape: BatchShape | BatchShape[]): BatchShape {
        const [batch, , , channels] = shape as BatchShape;
        return [batch!, ...this.#config.size, channels!];
      }

      override call(inputs: Tensor | Tensor[]): Tensor {
        const matrix = ({ from, to, data }: AxisMatrix) =>
          tf.tensor(Float32Array.from(data), [1, to, from], "float32");
        return tf.tidy(() => {
          const x = oneTensor(inputs);
          const [batch, height, width, channels] = x.shape as [number, number, number, number];
          const { rows, columns } = resamplingMatrices(this.#layer(), [height, width, channels]);
          const down = tf.matMul(matrix(rows), tf.reshape(x, [batch, height, width * channels]));
          const across = tf.matMul(matrix(columns), tf.reshape(down, [batch * rows.to, width, channels]));
          return tf.reshape(across, [batch, rows.to, columns.to, channels]);
        });
      }

      override getConfig(): serialization.ConfigDict {
        return { ...super.getConfig(), size: this.#config.size, method: this.#config.method };
      }

      #layer(): ResizeLayer | AdaptiveAveragePool2dLayer {
        const { name, size, method } = this.#config;
        const common = { name, inputs: [], size };
        return method === "adaptiveAverage"
          ? { kind: "adaptiveAveragePool2d", ...common }
          : { kind: "resize", interpolation: method, ...common };
      }
    },
);
