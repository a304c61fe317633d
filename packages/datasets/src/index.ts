export { DEFAULT_LIMITS, type SourceLimits } from "./archives/limits.ts";
export { openSource } from "./archives/open-source.ts";
export type { SourceEntry } from "./archives/source-entry.ts";
export { type SourceKind, sourceKind } from "./archives/source-kind.ts";
export { createTarWriter, type TarWriter } from "./archives/tar-writer.ts";
export { compareExpected, type SplitChecksums, type SplitCounts } from "./compare-expected.ts";
export { type ConformanceCase, conformanceProblems } from "./conformance.ts";
export type {
  DatasetPackage,
  ImportedState,
  ImportRequest,
  ImportSummary,
  RawRequest,
} from "./dataset-package.ts";
export { CANONICAL_LABELS, type Label, SPLITS, type Split } from "./labels.ts";
export { type DatasetEntry, findDataset, type Manifest, readManifest } from "./manifest.ts";
export { decodeImage, pixelSha256 } from "./pixels.ts";
export { type DatasetSummary, type PrepareRequest, runPrepareStage } from "./prepare.ts";
export { RECORD_COLUMNS, type SampleRecord, toRecord } from "./record.ts";
export type { Box, PixelImage, RawSample } from "./sample.ts";
export { splitChecksum } from "./split-checksum.ts";
