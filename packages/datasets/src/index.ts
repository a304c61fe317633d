export { DEFAULT_LIMITS, type SourceLimits } from "./archives/limits.ts";
export { openSource } from "./archives/open-source.ts";
export type { SourceEntry } from "./archives/source-entry.ts";
export { type SourceKind, sourceKind } from "./archives/source-kind.ts";
export { createTarWriter, type TarWriter } from "./archives/tar-writer.ts";
export { boxAround } from "./box-around.ts";
export { compareExpected, type SplitChecksums, type SplitCounts } from "./compare-expected.ts";
export { type ConformanceCase, type ConformanceProtocol, conformanceProblems } from "./conformance.ts";
export type {
  DatasetPackage,
  Dropped,
  ImportedState,
  ImportRequest,
  ImportSummary,
  Inventory,
  RawRequest,
} from "./dataset-package.ts";
export { croissant, type DescribedTable } from "./describe/croissant.ts";
export { datasetCard } from "./describe/dataset-card.ts";
export { FACE_WORDS, RECORD_WORDS } from "./describe/words.ts";
export { type Expression, expressionOf, isCanonical } from "./expression-names.ts";
export { mapAhead } from "./imports/map-ahead.ts";
export { isLitter, openNested } from "./imports/open-nested.ts";
export {
  openPack,
  type Pack,
  type PackedImport,
  type PackRequest,
  packContents,
  packedSamples,
  placePack,
} from "./imports/packs.ts";
export {
  copyHashed,
  hashFile,
  IMPORT_FILE,
  type Importable,
  type ImportRecord,
  inWorkFolder,
  placeImport,
  readImportRecord,
} from "./imports/raw-folder.ts";
export { CANONICAL_LABELS, type Label, SPLITS, type Split } from "./labels.ts";
export { type DatasetEntry, expectedSamples, findDataset, type Manifest, readManifest } from "./manifest.ts";
export { decodeImage, pixelSha256, toPixels } from "./pixels.ts";
export { type DatasetSummary, type PrepareRequest, runPrepareStage } from "./prepare.ts";
export { summarize } from "./read-raw.ts";
export { readTable, type Table } from "./read-table.ts";
export { RECORD_COLUMNS, type SampleRecord, toRecord } from "./record.ts";
export type { RepeatCounts } from "./repeats/count-repeats.ts";
export type { Box, PixelImage, RawSample } from "./sample.ts";
export { splitChecksum } from "./split-checksum.ts";
export {
  dealSubjects,
  holdOut,
  type SubjectSample,
  type SubjectSplit,
  splitBySubject,
  subjectSplitSettings,
} from "./splitting.ts";
export { type Verified, verifyRaw } from "./verify.ts";
