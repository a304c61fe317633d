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
export {
  type EvaluateStageRequest,
  type Evaluation,
  runEvaluateStage,
  type TargetEvaluation,
} from "./evaluate-stage.ts";
export { type ExtractFeaturesRequest, extractFeatures } from "./extract-features.ts";
export { type Faces, openFaces } from "./faces.ts";
export { type FeatureRows, openFeatureRows, rowsInMemory } from "./feature-rows.ts";
export { BACKBONE_FILE, type Features, readFeaturesJson } from "./features-artifact.ts";
export { type FeaturesStageRequest, runFeaturesStage } from "./features-stage.ts";
export { createHeadTrainer, type HeadTrainer, type HeadTrainerOptions } from "./head-trainer.ts";
export { learningRateAt } from "./learning-rate.ts";
export { lowerForTraining, type TrainingGraph } from "./lower-training.ts";
export { type EventWriter, openEventWriter } from "./tensorboard.ts";
export {
  type EpochRecord,
  type LabelledRows,
  type Measures,
  type TrainedHead,
  type TrainHeadRequest,
  trainHead,
} from "./train-head.ts";
export { runTrainStage, type TrainStageRequest } from "./train-stage.ts";
