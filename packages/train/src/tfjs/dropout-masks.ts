import { shapeOf } from "@fer-bench/models";
import { noiseOf } from "../step/step-builder.ts";
import { drawMask, type NetworkTrainerOptions } from "../step/trainer.ts";
import { transpose } from "../transpose.ts";
import type { LayersModel, Tensor, TensorFlow } from "./tensorflow.ts";

/**
 * Gives a `LayersModel`'s dropout layers the masks of the ONNX step, drawn from the seed: TensorFlow.js would draw its
 * own, others in every run or the same at every step.
 */
export function createDropoutMasks(
  tf: TensorFlow,
  network: LayersModel,
  { model, batch, seed }: Pick<NetworkTrainerOptions, "model" | "batch" | "seed">,
): { draw(batchIndex: number): void; dispose(): void } {
  const { graph } = model;
  const drawn = new Map<string, Tensor>();
  const layers = graph.layers.filter((layer) => layer.kind === "dropout");
  for (const { name } of layers) {
    network.getLayer(name).call = (inputs) => tf.mul([inputs].flat()[0]!, drawn.get(name)!);
  }
  const dispose = () => {
    tf.dispose([...drawn.values()]);
    drawn.clear();
  };
  return {
    draw(batchIndex) {
      dispose();
      for (const layer of layers) {
        const { name } = layer;
        const shape = shapeOf(graph, name);
        const noise = noiseOf(layer, shape);
        const { channels } = noise;
        // Channels first, as the step has them.
        const mask = new Float32Array(channels * batch);
        drawMask(noise, mask, seed, batchIndex);
        const extents = [batch, ...shape.map((_, axis) => (axis === shape.length - 1 ? channels : 1))];
        drawn.set(name, tf.tensor(transpose(mask, channels, batch), extents, "float32"));
      }
    },
    dispose,
  };
}
