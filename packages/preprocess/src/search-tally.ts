import type { RawSample, Split } from "@fer-bench/datasets";
import type { LocatedFace } from "./located-face.ts";

/** Images by split and class. */
type Counts = Partial<Record<Split, Record<string, number>>>;

/** What `preprocess.json` says of the search for faces. */
export interface SearchSummary {
  /** Images searched. */
  readonly images: Counts;
  /** Those in which no face was found: taken as a whole, or left out, by the settings. */
  readonly withoutFace: Counts;
  /** Images in which several were found. */
  readonly several: number;
}

/** A row of `dropped.parquet`. */
export interface DroppedRow {
  readonly id: string;
  readonly split: Split;
  readonly label: string;
  readonly path: string;
}

/** Counts what was found as samples pass, and remembers which of them are left out. */
export function createSearchTally(): {
  add(sample: RawSample, faces: readonly LocatedFace[]): void;
  summary(): SearchSummary;
  readonly dropped: readonly DroppedRow[];
} {
  const images: Counts = {};
  const withoutFace: Counts = {};
  const dropped: DroppedRow[] = [];
  let several = 0;
  return {
    dropped,
    add({ id, split, label, path }, faces) {
      const among = faces[0]?.among ?? 0;
      count(images, split, label);
      if (among === 0) count(withoutFace, split, label);
      if (among > 1) several++;
      if (faces.length === 0) dropped.push({ id, split, label, path });
    },
    summary: () => ({ images, withoutFace, several }),
  };
}

function count(counts: Counts, split: Split, label: string): void {
  counts[split] = { ...counts[split], [label]: (counts[split]?.[label] ?? 0) + 1 };
}
