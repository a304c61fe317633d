import type { Progress } from "@fer-bench/artifacts";
import type { ZodType } from "zod";
import type { RawSample } from "./sample.ts";

export interface ImportRequest<Options> {
  /** What the user has: a file, an archive or a folder. */
  readonly source: string;
  /** Where the raw data are kept; the package owns what is in it. */
  readonly rawDir: string;
  readonly options: Options;
  /** Import a copy whose images are not the data set's, under another name. */
  readonly acceptAltered?: boolean;
  readonly progress: Progress;
}

/** What an import found. */
export interface ImportSummary {
  /** The form that was recognised, in words. */
  readonly form: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  readonly warnings: readonly string[];
  /** The other name under which an altered copy was imported. */
  readonly as?: string;
}

export interface RawRequest<Options> {
  readonly rawDir: string;
  readonly options: Options;
  readonly progress: Progress;
  /** The samples of the sets that the manifest entry's `reads` names. */
  readonly reads?: Readonly<Record<string, () => AsyncIterable<RawSample>>>;
}

/** What the raw data hold before anything is chosen among them. */
export interface Inventory {
  /** What there is, by names of the package's own: rows by label, sequences, subjects. */
  readonly tally?: Readonly<Record<string, number>>;
  /** What is no sample, and why. */
  readonly dropped: readonly Dropped[];
}

/** Raw data that a package leaves out. */
export interface Dropped {
  readonly reason: string;
  readonly count: number;
  /** Some of them, or all, by name. */
  readonly examples?: readonly string[];
}

/** What is known of raw data that were imported. */
export interface ImportedState {
  /** Whether the pixels are the data set's own, those of a faithful re-encoding, or of an altered copy. */
  readonly pixels: "exact" | "re-encoded" | "altered";
  /** What a reader of results on them should know. */
  readonly warnings: readonly string[];
}

/** What a data set's package gives: how its raw data come in, and the samples in them. */
export interface DatasetPackage<Options = unknown> {
  readonly name: string;
  /** Schema of the manifest entry's `options`. */
  readonly options: ZodType<Options>;
  /** Recognises what the user has and keeps it in `rawDir`; absent where a set is made by code. */
  importRaw?(request: ImportRequest<Options>): Promise<ImportSummary>;
  /** What an earlier import found; absent where imports can only be exact. */
  imported?(rawDir: string): Promise<ImportedState>;
  /** What is in the raw data, and what of it `samples` leaves out; absent where nothing is left out. */
  inventory?(request: RawRequest<Options>): Promise<Inventory>;
  /** Makes the raw archive, for sets made by code. */
  generate?(request: {
    readonly outDir: string;
    readonly options: Options;
    readonly progress: Progress;
  }): Promise<void>;
  /** Every sample, in record order; the order and the pixels are the same on every call. */
  samples(request: RawRequest<Options>): AsyncIterable<RawSample>;
}
