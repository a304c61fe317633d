import { createRandom, shuffle } from "@fer-bench/artifacts";
import type { RecordKey } from "./match-records.ts";

export interface Examples {
  readonly label: string;
  readonly count: number;
  /** Chosen records, in record order. */
  readonly indices: readonly number[];
}

/** Up to `columns` records of each class by lot; the same records give the same choice. */
export function chooseExamples(
  records: readonly RecordKey[],
  classes: readonly string[],
  columns: number,
): Examples[] {
  return classes.map((label) => {
    const indices = records.filter((record) => record.label === label).map(({ index }) => index);
    const chosen = shuffle([...indices], createRandom("contact-sheet", label)).slice(0, columns);
    return { label, count: indices.length, indices: chosen.sort((a, b) => a - b) };
  });
}
