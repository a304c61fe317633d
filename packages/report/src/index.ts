export { type ClassStyle, classStyles } from "./class-style.ts";
export {
  type ClassComparison,
  type ComparedRun,
  type Comparison,
  compareRuns,
  type Flip,
  type TargetComparison,
} from "./compare-runs.ts";
export { comparisonText } from "./comparison-text.ts";
export { type DatasetReportRequest, writeDatasetReport } from "./dataset-report.ts";
export { drawFigure, type Figure } from "./figure.ts";
export { writeGridReport } from "./grid-report.ts";
export {
  type IndexedBenchmark,
  type IndexedRun,
  type IndexRequest,
  writeIndexPage,
} from "./index-page.ts";
export { PAPER_DATA_SETS } from "./paper-tables.ts";
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
export { MUTED } from "./theme.ts";
