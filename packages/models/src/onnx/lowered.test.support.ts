import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect } from "vitest";
import { type Graph, inputOf, shapeOf } from "../graph/graph.ts";
import { interpret } from "../graph/interpreter.test.support.ts";
import { joined, pictures, relativeDifference, scatteredWeights } from "../graph/sample-data.test.support.ts";
import { createSessionPool } from "../run/session-pool.ts";
import { foldForInference, type Model } from "./fold.ts";
import { type LowerOptions, lowerForInference } from "./lower-inference.ts";
import { applyRule } from "./lowering.ts";
import { NCHW_RULES, rowsOf } from "./nchw-rules.ts";
import { OnnxGraph, type Value } from "./onnx-graph.ts";

/** Outputs of the lowered model for as many samples as a run takes. */
export async function runLowered(model: Model, samples: readonly Uint8Array[], options: LowerOptions) {
  const pool = await createSessionPool(lowerForInference(model, options), 1);
  const output = await pool.run(joined(samples) as Uint8Array<ArrayBuffer>, [
    samples.length,
    ...inputOf(model.graph).shape,
  ]);
  await pool.close();
  return output;
}

/** What every layer of the graph, as it is, gives of one sample in ONNX Runtime. */
export async function runEveryLayer(model: Model, sample: Uint8Array): Promise<Map<string, Float32Array>> {
  const { graph } = model;
  const onnx = new OnnxGraph(graph.name);
  const values = new Map<string, Value>();
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((input) => values.get(input)!);
    const value = applyRule(NCHW_RULES, layer, inputs, { onnx, model, batch: 1 });
    values.set(layer.name, value);
    const shape = shapeOf(graph, layer.name);
    onnx.output(`of ${layer.name}`, rowsOf(value, shape, onnx), "float32", [1, ...shape]);
  }
  const session = await InferenceSession.create(onnx.toBytes());
  const { name, shape } = inputOf(graph);
  const results = await session.run({ [name]: new Tensor("uint8", sample, [1, ...shape]) });
  await session.release();
  return new Map(
    graph.layers.map((layer) => [layer.name, results[`of ${layer.name}`]!.data as Float32Array]),
  );
}

/** Lowered and folded in every way, the graph with scattered weights gives what the plain interpreter gives. */
export async function expectSameAsInterpreter(graph: Graph) {
  const model = { graph, weights: scatteredWeights(graph) };
  const samples = pictures(graph, 3);
  const expected = interpret(graph, model.weights, samples).flat();
  const folded = foldForInference(model);
  expect(relativeDifference(interpret(folded.graph, folded.weights, samples).flat(), expected)).toBeLessThan(
    1e-5,
  );
  for (const [lowered, layout, opset] of [
    [model, "images", 18],
    [model, "images", 13],
    [folded, "images", 18],
    [folded, "channels", 18],
    [folded, "channels", 13],
  ] as const) {
    const output = await runLowered(lowered, samples, { batch: samples.length, layout, opset });
    expect(relativeDifference(output, expected)).toBeLessThan(1e-5);
  }
}
