import type { PixelImage } from "@fer-bench/datasets";

/** A filter's answer that reaches its threshold. */
export interface Answer {
  readonly filter: number;
  /** Of the pyramid, 0 for the picture itself. */
  readonly level: number;
  /** Position of the filter on the level's cells, zeros around them included. */
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

export interface SearchSettings {
  /** How many times to enlarge the picture before. */
  readonly upsamplings: number;
  /** The first level to search. */
  readonly firstLevel: number;
  /** An answer counts from the filter's own threshold plus this. */
  readonly threshold: number;
}

/** Searches a picture, at every scale, with every filter. */
export type Search = (image: PixelImage, settings: SearchSettings) => Answer[];
