import type { Model } from "./fold.ts";
import { outputOf, outputShape } from "./graph.ts";
import { INFERENCE_RULES, lowerLayers } from "./lowering-rules.ts";
import { OnnxGraph } from "./onnx-graph.ts";
import { checkWeights } from "./weights.ts";

export interface LowerOptions {
  /** Samples a run, or a name for a free dimension. */
  batch: number | string;
}

/**
 * A layer graph as an ONNX model: input as the graph's, pictures uint8 [N, height, width, channels], and one output
 * `output` [N, ...]. `foldForInference` first makes it fast.
 */
export function lowerForInference(model: Model, { batch }: LowerOptions): Uint8Array {
  const { graph, weights } = model;
  checkWeights(graph, weights);
  const onnx = new OnnxGraph(graph.name);
  const values = lowerLayers({ onnx, model, batch }, INFERENCE_RULES);
  onnx.output("output", values.get(outputOf(graph).name)!, "float32", [batch, ...outputShape(graph)]);
  return onnx.toBytes({ architecture: graph.name });
}
