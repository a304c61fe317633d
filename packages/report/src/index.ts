export { type ReportSummary, writeReport } from "./report.ts";
export type {
  BackboneCard,
  BenchmarkPage,
  DataSetCard,
  EvaluationInput,
  PublishedRow,
  ReportRequest,
  StageInput,
} from "./request.ts";
