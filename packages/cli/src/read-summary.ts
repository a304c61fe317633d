import { readJson } from "@fer-bench/artifacts";
import type { DatasetSummary } from "@fer-bench/datasets";

/** A prepare stage's `dataset.json`. */
export async function readSummary(file: string): Promise<DatasetSummary> {
  return (await readJson(file)) as DatasetSummary;
}
