import { inputOf, type Model, outputShape, sizeOf, withoutDropout } from "@fer-bench/models";
import { Tensor } from "onnxruntime-node";
import { createStepSession } from "../step/step-session.ts";
import { LOGITS, lowerMaps, mapName } from "./lower-maps.ts";
import type { MapLayer } from "./map-layers.ts";

export interface ActivationMapper {
  /**
   * Where up to `batch` pictures have the evidence for a class each.
   *
   * @param pictures uint8 [count, ...input shape]
   * @param classes a class for each picture
   */
  run(
    pictures: Uint8Array,
    classes: ArrayLike<number>,
  ): Promise<{
    /** [count, classes] */
    logits: Float32Array;
    /** Of each layer, [count, height * width], nothing below 0. */
    maps: Float32Array[];
  }>;
  close(): Promise<void>;
}

/**
 * Works out the activation maps of a model that ends with logits, in ONNX Runtime on the CPU.
 *
 * @param layers as `mapLayers` gives them
 */
export async function createActivationMapper(
  model: Model,
  { layers, batch, threads }: { layers: readonly MapLayer[]; batch: number; threads: number },
): Promise<ActivationMapper> {
  const session = await createStepSession(lowerMaps(withoutDropout(model), { batch, layers }), threads);
  const { shape } = inputOf(model.graph);
  const classCount = outputShape(model.graph)[0]!;
  return {
    async run(pictures, classes) {
      const count = classes.length;
      const samples = new Uint8Array(batch * sizeOf(shape));
      samples.set(pictures);
      const targets = new Float32Array(batch * classCount);
      for (let i = 0; i < count; i++) targets[i * classCount + classes[i]!] = 1;
      const results = await session.run({
        samples: new Tensor("uint8", samples, [batch, ...shape]),
        targets: new Tensor("float32", targets, [batch, classCount]),
      });
      const rows = (name: string, width: number) =>
        (results[name]!.data as Float32Array).slice(0, count * width);
      return {
        logits: rows(LOGITS, classCount),
        maps: layers.map(({ height, width }, place) => rows(mapName(place), height * width)),
      };
    },
    close: () => session.release(),
  };
}
