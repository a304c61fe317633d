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
export {
  type Classifier,
  defineClassifier,
  joinClassifier,
} from "./classifier/classifier.ts";
export { type ClassifierCard, headOptionsSchema } from "./classifier/classifier-card.ts";
export { readClassifier, writeClassifier } from "./classifier/classifier-file.ts";
export {
  type Classification,
  createClassifier,
  createOnnxClassifier,
  type RunningClassifier,
} from "./classifier/create-classifier.ts";
export {
  CLASSIFIER_OPSET,
  interfaceOf,
  lowerClassifier,
  type OnnxPort,
} from "./classifier/lower-classifier.ts";
export { type OnnxClassifier, readOnnxClassifier } from "./classifier/onnx-classifier.ts";
export { shippedClassifier } from "./classifier/shipped-classifier.ts";
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
export { foldForInference, type Model, normalizationDeviation, withoutDropout } from "./onnx/fold.ts";
export { type LowerOptions, lowerForInference } from "./onnx/lower-inference.ts";
export {
  type Attribute,
  type ElementType,
  type OnnxDescription,
  OnnxGraph,
  type Opset,
  type SplitModel,
  type Value,
} from "./onnx/onnx-graph.ts";
export { adaptNormalization } from "./run/adapt.ts";
export type { BatchRunner, RowData } from "./run/batch-runner.ts";
export { type CalibrationOptions, calibrateBatchNorm } from "./run/calibrate.ts";
export { DEVICES, type Device, ENGINES, type Engine } from "./run/engine.ts";
export { convertChannels } from "./run/picture-channels.ts";
export {
  createFeatureExtractor,
  createPredictor,
  type Predictor,
  type PredictorOptions,
} from "./run/predictor.ts";
export { type EngineChoice, findRuntime, type Runtime } from "./run/runtime.ts";
export { createSessionPool } from "./run/session-pool.ts";
export { openTensorFlowToTrain, type TfjsPurpose } from "./tfjs/open-to-train.ts";
export {
  fromLayersModel,
  type LayersModelLike,
  type TensorFlowLike,
  toLayersModel,
} from "./tfjs/to-layers-model.ts";
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
export { readModel, writeModel } from "./weights/model-file.ts";
export { fromStoredTensors, type StorageOptions, toStoredTensors } from "./weights/stored-tensors.ts";
export { weightsStores } from "./weights/stores.ts";
export { openTensorFile, type TensorFile, type TensorInfo } from "./weights/tensor-file.ts";
export { checkWeights, randomWeights, type Tensor, tensorOf, type Weights } from "./weights/weights.ts";
