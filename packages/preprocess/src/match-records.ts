import { FerBenchError } from "@fer-bench/artifacts";
import { pixelSha256, type RawSample, type SampleRecord } from "@fer-bench/datasets";

/** What of a record tells whether a sample is still the one it was made from. */
export type RecordKey = Pick<SampleRecord, "index" | "id" | "split" | "label" | "pixelSha256">;
export const RECORD_KEY_COLUMNS: readonly (keyof RecordKey)[] = [
  "index",
  "id",
  "split",
  "label",
  "pixelSha256",
];

/**
 * The samples, each held against the record of its place. Errors: `bad-data` naming the first that differs, or the
 * first record without a sample.
 */
export async function* matchRecords(
  samples: AsyncIterable<RawSample>,
  records: readonly RecordKey[],
  recordsFile: string,
): AsyncGenerator<RawSample> {
  let next = 0;
  for await (const sample of samples) {
    const record = records[next];
    if (record === undefined) {
      throw changed(recordsFile, next, `${sample.id} comes after the last of ${records.length} records`);
    }
    const difference = differenceFrom(record, sample);
    if (difference !== undefined) throw changed(recordsFile, next, difference);
    yield sample;
    next++;
  }
  if (next < records.length) {
    throw changed(recordsFile, next, `${records[next]!.id} and what follows is gone from the raw data`);
  }
}

function differenceFrom(record: RecordKey, sample: RawSample): string | undefined {
  for (const key of ["id", "split", "label"] as const) {
    if (record[key] !== sample[key]) {
      return `${record.id} has ${key} "${record[key]}", the raw data's sample "${sample[key]}"`;
    }
  }
  if (record.pixelSha256 !== pixelSha256(sample.image)) {
    return `the pixels of ${record.id} (${sample.path}) are not those it was prepared from`;
  }
  return undefined;
}

function changed(file: string, index: number, difference: string): FerBenchError {
  return new FerBenchError("bad-data", `the raw data changed since they were prepared: ${difference}`, {
    file,
    field: `record ${index}`,
    remedy: "run prepare again",
  });
}
