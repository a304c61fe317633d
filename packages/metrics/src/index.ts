export { type ClassificationScores, type ClassScores, classificationScores } from "./classification.ts";
export { confusionMatrix } from "./confusion.ts";
export {
  type EvaluationMetrics,
  evaluatePredictions,
  type Metrics,
  mostProbable,
  type UnseenScores,
} from "./evaluate.ts";
export { logLoss } from "./log-loss.ts";
export { type MajorityBaseline, majorityBaseline } from "./majority.ts";
export { type Proportion, wilsonProportion } from "./proportion.ts";
