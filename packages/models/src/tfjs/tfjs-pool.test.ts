import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineGraph } from "../graph/graph.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { interpret } from "../graph/interpreter.test.support.ts";
import {
  calibratedEfficientNet,
  joined,
  pictures,
  relativeDifference,
  scatteredWeights,
} from "../graph/sample-data.test.support.ts";
import { classifierHead } from "../head.ts";
import { createPredictor } from "../run/predictor.ts";
import { randomWeights } from "../weights/weights.ts";
import { findLibrary, loadNative, type TfjsLibrary } from "./library.ts";
import { createTfjsPool } from "./tfjs-pool.ts";

describe("the engine tfjs", () => {
  it("gives the features of the engine onnx, in threads and whole batches", async () => {
    const model = await calibratedEfficientNet("b0", { height: 32, width: 32, channels: 3 }, 128);
    const samples = joined(pictures(model.graph, 5, 7));
    const options = { ...model, batchSize: 2, threads: 2 };
    const [onnx, tfjs] = await Promise.all([
      createPredictor(options),
      createPredictor({ ...options, engine: "tfjs" }),
    ]);
    const expected = await onnx.run(samples, 5);
    const features = await tfjs.run(samples, 5);
    expect(relativeDifference(features, expected)).toBeLessThan(1e-3);
    expect(await tfjs.run(samples, 5)).toEqual(features);
    await Promise.all([onnx.close(), tfjs.close()]);
    await expect(tfjs.run(samples, 5)).rejects.toThrow("closed");
  });

  it("runs a head on feature vectors", async () => {
    const graph = classifierHead({
      inputs: 20,
      classes: 7,
      hidden: 11,
      activation: "swish",
      dropout: 0.5,
      standardize: true,
      softmax: true,
    });
    const weights = scatteredWeights(graph);
    const predictor = await createPredictor({ graph, weights, engine: "tfjs", batchSize: 4, threads: 1 });
    const features = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
    const result = await predictor.run(features, 3);
    await predictor.close();
    const rows = [0, 20, 40].map((start) => features.subarray(start, start + 20));
    expect(relativeDifference(result, interpret(graph, weights, rows).flat())).toBeLessThan(1e-6);
  });

  it("reports what TensorFlow.js refuses, and goes on", async () => {
    const graph = dense();
    const pool = await createTfjsPool(findLibrary("cpu"), { graph, weights: randomWeights(graph, 1) }, 1);
    await expect(pool.run(new Float32Array(3), [1, 3])).rejects.toThrow(
      /TensorFlow\.js failed \(.*\): .*shape/is,
    );
    expect((await pool.run(new Float32Array(2), [1, 2])).length).toBe(2);
    await pool.close();
  });
});

describe("a native library", () => {
  let folder: string;
  /** TensorFlow.js's own JavaScript in the place of its native build, which needs a download to install. */
  let library: TfjsLibrary;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fer-bench-native-"));
    const require = createRequire(import.meta.url);
    const parts = ["core", "layers", "backend-cpu"].map((part) =>
      JSON.stringify(require.resolve(`@tensorflow/tfjs-${part}`)),
    );
    const text = `module.exports = Object.assign({}, ${parts.map((part) => `require(${part})`).join(", ")});
      module.exports.enableProdMode(); // no greeting\n`;
    writeFileSync(join(folder, "native.cjs"), text);
    library = { name: join(folder, "native.cjs"), needs: [], native: true, gpu: false };
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("runs in this thread", async () => {
    const graph = dense();
    const weights = scatteredWeights(graph);
    const pool = await createTfjsPool(library, { graph, weights }, 4);
    const result = await pool.run(Float32Array.of(1, -2), [1, 2]);
    expect(relativeDifference(result, interpret(graph, weights, [[1, -2]])[0]!)).toBeLessThan(1e-6);
    await pool.close();
  });

  it("that was made for a GPU and finds none is refused", async () => {
    await expect(loadNative({ ...library, gpu: true })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("finds no GPU"),
      remedy: expect.stringContaining("CUDA 11.2"),
    });
  });

  it("that is broken says so, and how to mend it", async () => {
    writeFileSync(join(folder, "broken.cjs"), 'throw new Error("tfjs_binding.node can not be found");\n');
    await expect(loadNative({ ...library, name: join(folder, "broken.cjs") })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("tfjs_binding.node can not be found"),
      remedy: expect.stringContaining("npm rebuild"),
    });
  });
});

function dense() {
  return defineGraph("dense", [
    { kind: "input", name: "input", inputs: [], shape: [2], dtype: "float32" },
    {
      kind: "dense",
      name: "dense",
      inputs: ["input"],
      units: 2,
      bias: true,
      activation: "tanh",
      initializer: GLOROT_UNIFORM,
    },
  ]);
}
