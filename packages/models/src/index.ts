import "./backbone-efficientnet.ts";
import "./backbone-pixels.ts";

export { adaptNormalization } from "./adapt.ts";
export { pixels } from "./backbone-pixels.ts";
export { type CalibrationOptions, calibrateBatchNorm } from "./calibrate.ts";
export {
  EFFICIENTNET_VARIANTS,
  type EfficientNetOptions,
  type EfficientNetVariant,
  efficientnet,
} from "./efficientnet.ts";
export { countFlops } from "./flops.ts";
export { foldForInference, type Model, normalizationDeviation } from "./fold.ts";
export { defineGraph, type Graph, inputOf, joinGraphs, outputOf, outputShape, shapeOf } from "./graph.ts";
export { classifierHead, type HeadOptions } from "./head.ts";
export type { Initializer } from "./initializers.ts";
export type { Activation, Layer, LayerKind, LayerOfKind, Shape } from "./layers.ts";
export { type LowerOptions, lowerForInference } from "./lower-inference.ts";
export { type Attribute, type ElementType, OnnxGraph, type Value } from "./onnx-graph.ts";
export type { Padding, PaddingRule } from "./padding.ts";
export { countParameters, type ParameterSpec, parametersOf } from "./parameters.ts";
export {
  createFeatureExtractor,
  createPredictor,
  type Predictor,
  type PredictorOptions,
} from "./predictor.ts";
export {
  type Backbone,
  type BackboneEntry,
  type BackboneOptions,
  findBackbone,
  listBackbones,
  type PictureShape,
  registerBackbone,
} from "./registry.ts";
export { createSessionPool, type RowData, type SessionPool } from "./session-pool.ts";
export { checkWeights, randomWeights, type Tensor, tensorOf, type Weights } from "./weights.ts";
