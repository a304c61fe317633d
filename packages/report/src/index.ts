export { type DatasetReportRequest, writeDatasetReport } from "./dataset-report.ts";
export { writeGridReport } from "./grid-report.ts";
export { type ReportSummary, writeReport } from "./report.ts";
export type {
  BackboneCard,
  BenchmarkPage,
  CellInput,
  DataSetCard,
  EvaluationInput,
  GridReportRequest,
  PublishedRow,
  ReportRequest,
  StageInput,
} from "./request.ts";
