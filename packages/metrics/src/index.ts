export {
  type BootstrapInterval,
  type BootstrapRequest,
  bootstrapInterval,
  type PairedBootstrap,
  pairedBootstrap,
} from "./bootstrap.ts";
export { type Calibration, type ConfidenceBin, calibration } from "./calibration.ts";
export { type ClassificationScores, type ClassScores, classificationScores } from "./classification.ts";
export { confusionMatrix } from "./confusion.ts";
export {
  type ClassRanking,
  type EvaluationMetrics,
  evaluatePredictions,
  type Metrics,
  mostProbable,
  type UnseenScores,
} from "./evaluate.ts";
export { logLoss } from "./log-loss.ts";
export { type MajorityBaseline, majorityBaseline } from "./majority.ts";
export { type McNemarTest, mcnemarTest } from "./mcnemar.ts";
export { type Proportion, wilsonProportion } from "./proportion.ts";
export { oneAgainstOthers, type ThresholdCounts } from "./ranking.ts";
export { type ScoreIntervals, scoreIntervals } from "./score-intervals.ts";
