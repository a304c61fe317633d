import type { Model } from "./fold.ts";
import { shapeOf } from "./graph.ts";
import { alongChannels, INFERENCE_RULES, type LoweringRules, lowerLayers } from "./lowering-rules.ts";
import { OnnxGraph, type Value } from "./onnx-graph.ts";
import { checkWeights, tensorOf } from "./weights.ts";

export interface CalibrationModel {
  model: Uint8Array;
  /** What the output vector holds, one after the other. */
  statistics: { parameter: string; channels: number }[];
}

/** Every batch norm of pictures in training mode; the one output is a vector of all batch means and variances. */
export function lowerForCalibration(model: Model, batch: number): CalibrationModel {
  const { graph, weights } = model;
  checkWeights(graph, weights);
  const onnx = new OnnxGraph(graph.name);
  const statistics: CalibrationModel["statistics"] = [];
  const values: Value[] = [];
  const rules: LoweringRules = {
    ...INFERENCE_RULES,
    batchNorm(layer, [x], context) {
      const axes = onnx.integers(0, 2, 3);
      const mean = onnx.node("ReduceMean", [x!, axes], {});
      const centred = onnx.node("Sub", [x!, mean]);
      const variance = onnx.node("ReduceMean", [onnx.node("Mul", [centred, centred]), axes], {});
      const channels = shapeOf(graph, layer.name).at(-1)!;
      statistics.push({ parameter: `${layer.name}/moving_mean`, channels });
      statistics.push({ parameter: `${layer.name}/moving_variance`, channels });
      values.push(mean, variance);
      const deviation = onnx.node("Sqrt", [onnx.node("Add", [variance, onnx.float(layer.epsilon)])]);
      const gamma = alongChannels(layer, tensorOf(weights, `${layer.name}/gamma`).data, context);
      const beta = alongChannels(layer, tensorOf(weights, `${layer.name}/beta`).data, context);
      const scaled = onnx.node("Mul", [centred, onnx.node("Div", [gamma, deviation])]);
      return onnx.node("Add", [scaled, beta]);
    },
  };
  lowerLayers({ onnx, model, batch }, rules);
  const flat = values.map((value) => onnx.node("Reshape", [value, onnx.integers(-1)]));
  const length = statistics.reduce((sum, { channels }) => sum + channels, 0);
  onnx.output("statistics", onnx.node("Concat", flat, { axis: 0 }), "float32", [length]);
  return { model: onnx.toBytes(), statistics };
}
