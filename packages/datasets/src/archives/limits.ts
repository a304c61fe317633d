/** What an archive may unpack to; beyond it an archive is refused as hostile or broken. */
export interface SourceLimits {
  /** Files and folders in the source. */
  readonly entries: number;
  /** Bytes of one file. */
  readonly entryBytes: number;
  /** Bytes of all files that are read, and of all that has to be unpacked to reach them. */
  readonly totalBytes: number;
  /** Unpacked bytes to packed bytes, of anything that unpacks to more than a mebibyte. */
  readonly ratio: number;
}

const GIB = 2 ** 30;

/** Generous for data sets of faces: a CSV of grey values packs 3:1, photographs 1:1, deflate's worst is 1032:1. */
export const DEFAULT_LIMITS: SourceLimits = {
  entries: 500_000,
  entryBytes: 4 * GIB,
  totalBytes: 64 * GIB,
  ratio: 200,
};

/** Below this size a high ratio is harmless: a black picture, a file of zeros. */
export const RATIO_APPLIES_FROM = 2 ** 20;
