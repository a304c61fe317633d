import "./backbones/register-all.ts";

export type {
  Backbone,
  BackboneDeclaration,
  BackboneOptions,
  PictureShape,
  WeightsFile,
  WeightsFileOrigin,
  WeightsOrigin,
} from "./backbones/backbone.ts";
export {
  EFFICIENTNET_VARIANTS,
  type EfficientNetOptions,
  type EfficientNetScaling,
  type EfficientNetVariant,
  efficientnet,
} from "./backbones/efficientnet.ts";
export { pixels } from "./backbones/pixels.ts";
export { type BackboneEntry, findBackbone, listBackbones, registerBackbone } from "./backbones/registry.ts";
export { countFlops } from "./graph/flops.ts";
export {
  defineGraph,
  type Graph,
  inputOf,
  joinGraphs,
  outputOf,
  outputShape,
  shapeOf,
} from "./graph/graph.ts";
export { type Conventions, GraphBuilder } from "./graph/graph-builder.ts";
export type { Initializer } from "./graph/initializers.ts";
export type { Activation, Layer, LayerKind, LayerOfKind, Shape } from "./graph/layers.ts";
export { type Padding, type PaddingRule, padding } from "./graph/padding.ts";
export { countParameters, type ParameterSpec, parametersOf } from "./graph/parameters.ts";
export { type AxisMatrix, resamplingMatrices } from "./graph/resampling.ts";
export { sizeOf } from "./graph/shapes.ts";
export { classifierHead, type HeadOptions, softmaxHead } from "./head.ts";
export { foldForInference, type Model, normalizationDeviation } from "./onnx/fold.ts";
export { type LowerOptions, lowerForInference } from "./onnx/lower-inference.ts";
export { type Attribute, type ElementType, OnnxGraph, type Value } from "./onnx/onnx-graph.ts";
export { adaptNormalization } from "./run/adapt.ts";
export { type CalibrationOptions, calibrateBatchNorm } from "./run/calibrate.ts";
export {
  createFeatureExtractor,
  createPredictor,
  type Predictor,
  type PredictorOptions,
} from "./run/predictor.ts";
export { createSessionPool, type RowData, type SessionPool } from "./run/session-pool.ts";
export { applyLayout, type LoadedWeights } from "./weights/apply-layout.ts";
export {
  type ArrayOrder,
  DEPTHWISE,
  flattenedLinear,
  IMAGENET_NORMALIZATION,
  isBatchCounter,
  kerasLayout,
  kerasOrderLayout,
  LINEAR,
  OIHW,
  type ParameterSource,
  torchSources,
  torchvisionLayout,
  type WeightsLayout,
} from "./weights/layout.ts";
export { weightsStores } from "./weights/stores.ts";
export { openTensorFile, type TensorFile, type TensorInfo } from "./weights/tensor-file.ts";
export { checkWeights, randomWeights, type Tensor, tensorOf, type Weights } from "./weights/weights.ts";
