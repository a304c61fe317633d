import { shapeOf } from "../graph/graph.ts";
import { checkWeights, tensorOf } from "../weights/weights.ts";
import type { Model } from "./fold.ts";
import { applyRule, type LoweringRules } from "./lowering.ts";
import { alongChannels, NCHW_RULES } from "./nchw-rules.ts";
import { OnnxGraph, type SplitModel, type Value } from "./onnx-graph.ts";

export interface CalibrationModel {
  model: SplitModel | Uint8Array;
  /** What the output vector holds, one after the other. */
  statistics: { parameter: string; channels: number }[];
}

/** Every batch norm of pictures in training mode; the one output is a vector of all batch means and variances. */
export function lowerForCalibration(model: Model, batch: number): CalibrationModel {
  const { graph, weights } = model;
  checkWeights(graph, weights);
  const onnx = new OnnxGraph(graph.name);
  const statistics: CalibrationModel["statistics"] = [];
  const statisticValues: Value[] = [];
  const rules: LoweringRules = {
    ...NCHW_RULES,
    batchNorm(layer, [x], context) {
      const axes = [0, 2, 3];
      const mean = onnx.mean(x!, axes);
      const centred = onnx.node("Sub", [x!, mean]);
      const variance = onnx.mean(onnx.node("Mul", [centred, centred]), axes);
      const channels = shapeOf(graph, layer.name).at(-1)!;
      statistics.push({ parameter: `${layer.name}/moving_mean`, channels });
      statistics.push({ parameter: `${layer.name}/moving_variance`, channels });
      statisticValues.push(mean, variance);
      const deviation = onnx.node("Sqrt", [onnx.node("Add", [variance, onnx.float(layer.epsilon)])]);
      const gamma = alongChannels(layer, tensorOf(weights, `${layer.name}/gamma`).data, context);
      const beta = alongChannels(layer, tensorOf(weights, `${layer.name}/beta`).data, context);
      const scaled = onnx.node("Mul", [centred, onnx.node("Div", [gamma, deviation])]);
      return onnx.node("Add", [scaled, beta]);
    },
  };
  const values = new Map<string, Value>();
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((input) => values.get(input)!);
    values.set(layer.name, applyRule(rules, layer, inputs, { onnx, model, batch }));
  }
  const flat = statisticValues.map((value) => onnx.node("Reshape", [value, onnx.integers(-1)]));
  const length = statistics.reduce((sum, { channels }) => sum + channels, 0);
  onnx.output("statistics", onnx.node("Concat", flat, { axis: 0 }), "float32", [length]);
  return { model: onnx.toSessions(), statistics };
}
