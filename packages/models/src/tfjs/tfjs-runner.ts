import type { Tensor } from "@tensorflow/tfjs-core";
import type { Model } from "../onnx/fold.ts";
import type { RowData } from "../run/batch-runner.ts";
import type { TensorFlow } from "./tensorflow.ts";
import { toLayersModel } from "./to-layers-model.ts";

/** A network in TensorFlow.js, in this thread. */
export function createTfjsRunner(tf: TensorFlow, model: Model) {
  const network = toLayersModel(tf, model);
  return {
    async run(data: RowData, shape: number[]): Promise<Float32Array<ArrayBuffer>> {
      const output = tf.tidy(
        () => network.predictOnBatch(tf.tensor(Float32Array.from(data), shape, "float32")) as Tensor,
      );
      try {
        // A copy: the values may lie in the backend's own memory.
        return Float32Array.from(await output.data<"float32">());
      } finally {
        output.dispose();
      }
    },
    async close(): Promise<void> {
      network.dispose();
    },
  };
}
