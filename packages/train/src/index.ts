export { type Augmentation, augmentationSchema } from "./augment/augmentation-config.ts";
export {
  type BatchSource,
  type BatchSourceOptions,
  createBatchSource,
  type TrainingBatch,
} from "./augment/batch-source.ts";
export { shareFaces, shareLabels } from "./augment/shared-samples.ts";
export {
  type Benchmark,
  benchmarkSchema,
  type FrozenConfig,
  type HeadConfig,
  type OptimizerConfig,
  type PublishedRow,
} from "./benchmark.ts";
export {
  CHECKPOINT_FILE,
  type HeadCheckpoint,
  headModel,
  readHeadCheckpoint,
  writeHeadCheckpoint,
} from "./checkpoint.ts";
export { epochOrder } from "./epoch-order.ts";
export type { EpochRecord, Measures } from "./epochs.ts";
export {
  type EvaluateStageRequest,
  type Evaluation,
  runEvaluateStage,
  type TargetEvaluation,
} from "./evaluate-stage.ts";
export {
  EXPORT_FILE,
  type ExportedFile,
  type ExportStageRequest,
  type ExportSummary,
  runExportStage,
} from "./export/export-stage.ts";
export { EXPORT_FORMATS, type ExportFormat } from "./export/formats.ts";
export { type ExtractFeaturesRequest, extractFeatures } from "./extract-features.ts";
export { type Faces, openFaces } from "./faces.ts";
export { type FeatureRows, openFeatureRows, rowsInMemory } from "./feature-rows.ts";
export { BACKBONE_FILE, type Features, readFeaturesJson } from "./features-artifact.ts";
export { type FeaturesStageRequest, runFeaturesStage } from "./features-stage.ts";
export type { FinetuneConfig } from "./finetune-config.ts";
export {
  type BenchmarkFile,
  type Combination,
  combinations,
  fieldLabel,
  type Grid,
  type GridCell,
  type GridValue,
  parseBenchmark,
} from "./grid.ts";
export { createHeadTrainer, type HeadTrainer, type HeadTrainerOptions } from "./head-trainer.ts";
export { learningRateAt, learningRateSchedule, type TrainingLength } from "./learning-rate.ts";
export { lowerForTraining, type TrainingGraph } from "./lower-training.ts";
export { type ActivationMapper, createActivationMapper } from "./maps/activation-mapper.ts";
export type { ActivationMaps } from "./maps/activation-maps-artifact.ts";
export { runActivationMapsStage } from "./maps/activation-maps-stage.ts";
export { type MapLayer, mapLayers } from "./maps/map-layers.ts";
export { type CorruptionLevel, type CorruptPicture, createCorruption } from "./robustness/corrupt-picture.ts";
export type { Robustness } from "./robustness/robustness-artifact.ts";
export { CORRUPTION_KINDS, CORRUPTIONS, type CorruptionKind } from "./robustness/robustness-config.ts";
export { runRobustnessStage } from "./robustness/robustness-stage.ts";
export { createNetworkTrainer } from "./step/network-trainer.ts";
export type { NetworkTrainer, NetworkTrainerOptions } from "./step/trainer.ts";
export { type EventWriter, openEventWriter } from "./tensorboard.ts";
export {
  type LabelledRows,
  type TrainedHead,
  type TrainHeadRequest,
  trainHead,
} from "./train-head.ts";
export { runTrainStage, type TrainStageRequest } from "./train-stage.ts";
export type { TrainedModelRequest } from "./trained-stages.ts";
