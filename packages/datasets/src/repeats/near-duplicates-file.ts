import type { Column, Row } from "@fer-bench/artifacts";
import type { SampleRecord } from "../record.ts";
import type { NearPair } from "./find-near-pairs.ts";
import { SIDE } from "./thumbnail.ts";

/** A row of `near-duplicates.parquet`: two records whose pictures are nearly the same. Of exact copies, the first stands for all. */
export const NEAR_DUPLICATE_COLUMNS: readonly Column[] = [
  { name: "a", type: "int32" },
  { name: "b", type: "int32" },
  { name: "idA", type: "string" },
  { name: "idB", type: "string" },
  { name: "splitA", type: "string" },
  { name: "splitB", type: "string" },
  { name: "labelA", type: "string" },
  { name: "labelB", type: "string" },
  { name: "similarity", type: "float" },
  { name: "mirrored", type: "boolean" },
  // Where b lies on a, as shares of the picture's sides.
  { name: "shiftX", type: "float" },
  { name: "shiftY", type: "float" },
];

export function* nearDuplicateRows(
  pairs: readonly NearPair[],
  records: readonly SampleRecord[],
): Generator<Row> {
  for (const { a, b, similarity, mirrored, shiftX, shiftY } of pairs) {
    const [one, other] = [records[a]!, records[b]!];
    yield {
      a,
      b,
      idA: one.id,
      idB: other.id,
      splitA: one.split,
      splitB: other.split,
      labelA: one.label,
      labelB: other.label,
      similarity,
      mirrored,
      shiftX: shiftX / SIDE,
      shiftY: shiftY / SIDE,
    };
  }
}
