import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type EfficientNetVariant, efficientnet } from "../backbones/efficientnet.ts";
import { miniXception } from "../backbones/mini-xception.ts";
import { resnet18 } from "../backbones/resnet-18.ts";
import { resnet34v2 } from "../backbones/resnet-34v2.ts";
import { inputOf } from "../graph/graph.ts";
import {
  CALIBRATION_SEED,
  calibratedEfficientNet,
  joined,
  pictures,
  relativeDifference,
} from "../graph/sample-data.test.support.ts";
import type { Model } from "../onnx/fold.ts";
import { loadTensorFlow } from "../tfjs/library.ts";
import type { TensorFlow } from "../tfjs/tensorflow.ts";
import { toLayersModel } from "../tfjs/to-layers-model.ts";
import { randomWeights } from "../weights/weights.ts";
import { createFeatureExtractor } from "./predictor.ts";

const COUNT = 2;

describe("ONNX Runtime and TensorFlow.js give the same features", () => {
  let wasm: TensorFlow;
  beforeAll(async () => {
    wasm = await loadTensorFlow({
      name: "@tensorflow/tfjs-backend-wasm",
      needs: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"],
      native: false,
      gpu: false,
    });
  });

  const cases: [EfficientNetVariant, number, number][] = [
    ["b0", 48, 48],
    ["b3", 48, 48],
    ["b1", 64, 80],
  ];

  it.each(cases)("of %s at %i x %i, weights as drawn", async (variant, height, width) => {
    const graph = efficientnet({ variant, input: { height, width, channels: 1 } });
    expect(await difference(wasm, { graph, weights: randomWeights(graph, 1) })).toBeLessThan(1e-4);
  });

  it.each([
    ["resnet-18", resnet18],
    ["resnet-34v2", resnet34v2],
    ["mini-xception", miniXception],
  ])("of %s at 48 x 48, weights as drawn", async (_name, build) => {
    const graph = build({ height: 48, width: 48, channels: 1 });
    expect(await difference(wasm, { graph, weights: randomWeights(graph, 1) })).toBeLessThan(1e-4);
  });

  // A random network magnifies rounding, the more so the fewer pictures its statistics are of.
  it.each(cases)("of %s at %i x %i, calibrated", async (variant, height, width) => {
    const model = await calibratedEfficientNet(variant, { height, width, channels: 1 }, 128);
    expect(await difference(wasm, model)).toBeLessThan(1e-4);
  });
});

/** ONNX Runtime's features, of the folded graph in its fast layout, from those of the plain layers in TensorFlow.js. */
async function difference(tensorflow: TensorFlow, model: Model): Promise<number> {
  const samples = joined(pictures(model.graph, COUNT, CALIBRATION_SEED));
  const extractor = await createFeatureExtractor({ ...model, batchSize: 16, threads: 1 });
  const features = await extractor.run(samples, COUNT);
  await extractor.close();
  const network = toLayersModel(tensorflow, model);
  const x = tf.tensor(Float32Array.from(samples), [COUNT, ...inputOf(model.graph).shape]);
  const output = network.predict(x) as tf.Tensor;
  const reference = await output.data();
  tf.dispose([x, output]);
  network.dispose();
  return relativeDifference(features, reference);
}
