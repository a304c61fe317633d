import { join } from "node:path";
import { parseConfig, readJson, readParquet } from "@fer-bench/artifacts";
import { z } from "zod";

const count = z.int().nonnegative();
const repeatsSchema = z.object({ images: count, acrossLabels: count, acrossSplits: count });

const summarySchema = z.object({
  name: z.string(),
  title: z.string(),
  licence: z.object({ name: z.string(), redistributable: z.boolean() }),
  citation: z.string(),
  homepage: z.string().optional(),
  classes: z.array(z.string()).min(1),
  counts: z.record(z.string(), z.record(z.string(), count)),
  checksums: z.record(z.string(), z.string()),
  dropped: z.array(z.object({ reason: z.string(), count })),
  duplicates: repeatsSchema,
  nearDuplicates: repeatsSchema.extend({ pairs: count, mirrored: count }),
  alsoInTrain: z.record(z.string(), z.object({ exactly: count, nearly: count })),
  blank: z.array(z.string()),
  warnings: z.array(z.string()),
});

/** The `dataset.json` of a prepare stage, as far as a report tells of it. */
export type PreparedDataset = z.output<typeof summarySchema>;

/** A row of `records.parquet`, as far as a report tells of it. */
export interface DatasetRecord {
  readonly index: number;
  readonly id: string;
  readonly split: string;
  readonly label: string;
  readonly path: string;
  readonly pixelSha256: string;
  readonly repeatGroup?: number;
}

export async function readPrepared(
  dir: string,
): Promise<{ summary: PreparedDataset; records: DatasetRecord[] }> {
  const file = join(dir, "dataset.json");
  const summary = parseConfig(summarySchema, await readJson(file), file);
  const records = await readParquet<DatasetRecord>(join(dir, "records.parquet"), [
    "index",
    "id",
    "split",
    "label",
    "path",
    "pixelSha256",
    "repeatGroup",
  ]);
  return { summary, records };
}

/** How the faces of a data set were found, and in which images none was. */
export interface FoundFaces {
  /** Faces by how they were found. */
  readonly ways: Readonly<Record<string, number>>;
  /** Ids of images without a face: those taken as a whole, and those left out. */
  readonly faceless: readonly string[];
  /** Row of `faces.npy` by id; images that are left out have none. */
  readonly rows: ReadonlyMap<string, number>;
}

/** The word of `faces.parquet` for an image in which no face was found, and which stands for one. */
export const NO_FACE = "whole-image";

export async function readFoundFaces(
  preprocessDir: string,
  records: readonly DatasetRecord[],
): Promise<FoundFaces> {
  const faces = await readParquet<{ id: string; found: string }>(join(preprocessDir, "faces.parquet"), [
    "id",
    "found",
  ]);
  const ways: Record<string, number> = {};
  for (const { found } of faces) ways[found] = (ways[found] ?? 0) + 1;
  const rows = new Map(faces.map(({ id }, row) => [id, row]));
  const isFaceless = ({ id }: DatasetRecord): boolean => {
    const row = rows.get(id);
    return row === undefined || faces[row]!.found === NO_FACE;
  };
  return { ways, faceless: records.filter(isFaceless).map(({ id }) => id), rows };
}
