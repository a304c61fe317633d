import type { Progress } from "@fer-bench/artifacts";

/** What `writeReport` is told. Folders are those of finished stages. */
export interface ReportRequest {
  /** The folder to write into; it exists and is empty. */
  out: string;
  page: BenchmarkPage;
  /** Evaluate stages whose rows stand in the accuracy table: this benchmark's first, then those beside it. */
  evaluations: readonly [EvaluationInput, ...EvaluationInput[]];
  /** The folder of this benchmark's train stage. */
  train: string;
  /** The folder of its activation-maps stage, where it has one. */
  activationMaps?: string;
  /** Every stage behind the numbers, in the order they ran, for the provenance section. */
  stages: readonly StageInput[];
  tsne: { points: number; perplexity: number; seed: number };
  umap: { points: number; neighbours: number; minDistance: number; seed: number };
  progress: Progress;
}

/** What a page says besides its numbers. */
export interface BenchmarkPage {
  /** The benchmark's folder name. */
  name: string;
  title: string;
  /** What a reader of the results should know, a paragraph each. */
  notes: readonly string[];
  /** The source first, then the other targets. */
  dataSets: readonly [DataSetCard, ...DataSetCard[]];
  published: readonly PublishedRow[];
}

export interface DataSetCard {
  name: string;
  title: string;
  licence: string;
  citation: string;
  homepage?: string;
  /** Samples by split and class. */
  counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Checksum of each split's records. */
  checksums: Readonly<Record<string, string>>;
  /** What was dropped, warnings: a sentence each. */
  remarks: readonly string[];
  /** `faces.npy`; only where the licence (or the user, for private use) lets its images into the page. */
  faces?: string;
  /** Where its faces were searched for. */
  search?: SearchedFaces;
}

export interface SearchedFaces {
  /** `faces.parquet` */
  facesFile: string;
  /** Test images left out because no face was found in them. */
  dropped: number;
}

export interface BackboneCard {
  /** `architecture.weights` */
  name: string;
  title: string;
  /** What every number that rests on it needs said, such as random weights; shown wherever one stands. */
  note?: string;
}

export interface EvaluationInput {
  benchmark: string;
  /** What stands on the backbone, in words: "frozen, two-layer head". */
  method: string;
  backbone: BackboneCard;
  /** Title of the data set it was trained on; null where it came trained, and its backbone's note says on what. */
  trainedOn: string | null;
  /** Title of the split its epoch was selected on; null where none was. */
  selectedOn: string | null;
  /** The evaluate stage's folder. */
  dir: string;
  /** Runs of the same one differ in their seed alone; absent where there is no other. */
  seedGroup?: string;
  /** The robustness stage's, where it has one. */
  robustness?: string;
}

/** What `writeGridReport` is told. Folders are those of finished stages. */
export interface GridReportRequest {
  /** The folder to write into; it exists and is empty. */
  out: string;
  page: BenchmarkPage;
  /** In the grid's order. */
  cells: readonly [CellInput, ...CellInput[]];
  /** Evaluate stages of other benchmarks whose rows stand in the accuracy table. */
  beside: readonly EvaluationInput[];
  /** Every stage behind the numbers, in the order they ran, for the provenance section. */
  stages: readonly StageInput[];
  progress: Progress;
}

/** One benchmark of a grid. */
export interface CellInput extends EvaluationInput {
  /** Its name in the grid; files are called by it. */
  cell: string;
  /** What it varies besides the backbone, by label, for example `{ learningRate: 0.01 }`. */
  values: Readonly<Record<string, string | number | boolean | null>>;
  /** The folder of its features stage. */
  features: string;
  /** The folder of its train stage. */
  train: string;
}

/** A number from the literature, to stand beside the measured ones. */
export interface PublishedRow {
  method: string;
  backbone: string;
  /** A share between 0 and 1. */
  accuracy: number;
  /** Where the number stands: publication and table. */
  source: string;
  /** Of the method, where that is another publication. */
  citation?: string | undefined;
  /** Name of the data set tested on; the page's own target where absent. */
  target?: string | undefined;
  n?: number | undefined;
  selectedOn?: string | undefined;
  note?: string | undefined;
}

export interface StageInput {
  stage: string;
  /** The data set or benchmark it is a stage of. */
  of: string;
  dir: string;
}
