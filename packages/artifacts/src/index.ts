import "./no-telemetry.ts";

export { ARTIFACT_FILE, type Artifact, type ArtifactFile, openArtifact } from "./artifact.ts";
export { type Checksum, describeChecksum } from "./checksum.ts";
export { nearest, parseConfig, readJson, stableStringify } from "./config.ts";
export { csvLine } from "./csv-line.ts";
export { explainDisk } from "./disk-error.ts";
export { type DownloadOptions, download, downloadFirst } from "./download.ts";
export { describeError, type ErrorCode, type ErrorDetails, EXIT_STATUS, FerBenchError } from "./errors.ts";
export {
  cachePath,
  type FileStores,
  findPublished,
  obtainPublished,
  type StoredFile,
  storesOf,
} from "./file-stores.ts";
export { fromHalf, LARGEST_HALF, toHalf } from "./half.ts";
export { sha256, sha256File } from "./hash.ts";
export { describeMachine, libraryVersion, type Machine } from "./machine.ts";
export { escapeMarkdown, markdownLink, markdownProse } from "./markdown.ts";
export {
  type NpyArray,
  type NpyData,
  type NpyDtype,
  type NpyReader,
  type NpyWriter,
  openNpy,
  openNpyWriter,
  readNpy,
  shardPath,
  writeNpy,
} from "./npy.ts";
export {
  type Column,
  type ColumnType,
  type Row,
  readParquet,
  readParquetColumns,
  writeParquet,
} from "./parquet.ts";
export { type Progress, type ProgressTask, silent } from "./progress.ts";
export { describePublished, type PublishedFile, problemWith } from "./published-file.ts";
export {
  createRandom,
  deriveSeed,
  normal,
  type Random,
  randomInt,
  shuffle,
  truncatedNormal,
  uniform,
} from "./random.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  openSafetensors,
  readSafetensors,
  type Safetensors,
  type SafetensorsFile,
  type Tensor,
  type TensorData,
  type TensorDtype,
  type TensorEntry,
  writeSafetensors,
} from "./safetensors.ts";
export { configHash, runStage, type StageContext, type StageRequest } from "./stage.ts";
export { abandonedPaths, temporaryPath } from "./temporary-name.ts";
export { openThread } from "./thread.ts";
export { removeUnfinished } from "./unfinished.ts";
