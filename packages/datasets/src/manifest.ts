import { FerBenchError, nearest, parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";

const hex = (digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} hexadecimal digits expected`);
const perSplit = <T extends z.ZodType>(value: T) =>
  z.partialRecord(z.enum(["train", "validation", "test"]), value);

/** Where the face is in a raw image; kinds are those that `preprocess` knows. */
const FaceSchema = z.looseObject({ kind: z.string().min(1) });

const EntrySchema = z.strictObject({
  /** The npm package that reads it. */
  package: z.string().min(1),
  title: z.string().min(1),
  licence: z.strictObject({
    name: z.string().min(1),
    url: z.string().optional(),
    /** Whether its images may stand in a report or a cache that others see. */
    redistributable: z.boolean(),
  }),
  citation: z.string().min(1),
  homepage: z.string().optional(),
  source: z.strictObject({
    /** How a user gets the raw data and brings them in: a sentence or two. */
    howToGet: z.string().min(1),
    url: z.string().optional(),
  }),
  archives: z
    .array(
      z.strictObject({
        file: z.string(),
        bytes: z.int().optional(),
        md5: hex(32).optional(),
        sha256: hex(64).optional(),
      }),
    )
    .default([]),
  /** True where the set is made by code; it then has a generate stage and needs no import. */
  generated: z.boolean().default(false),
  classes: z.array(z.string().min(1)).min(2),
  channels: z.union([z.literal(1), z.literal(3)]),
  options: z.record(z.string(), z.unknown()).default({}),
  face: FaceSchema,
  expected: z.strictObject({
    counts: perSplit(z.record(z.string(), z.int().min(0))),
    /** One per split, over (id, label, sha256 of the decoded pixels). */
    checksums: perSplit(hex(64)).optional(),
  }),
  notes: z.array(z.string()).default([]),
});

const ManifestSchema = z.strictObject({
  $schema: z.string().optional(),
  datasets: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and hyphens expected"),
    EntrySchema,
  ),
});

/** A data set as the manifest describes it. */
export type DatasetEntry = z.output<typeof EntrySchema>;
export type Manifest = z.output<typeof ManifestSchema>;

/** Reads `datasets.manifest.json`. Errors: `bad-config` naming the field. */
export async function readManifest(file: string): Promise<Manifest> {
  return parseConfig(ManifestSchema, await readJson(file), file);
}

/** The entry of one data set, or an error that lists those there are. */
export function findDataset(manifest: Manifest, name: string, file: string): DatasetEntry {
  const entry = Object.hasOwn(manifest.datasets, name) ? manifest.datasets[name] : undefined;
  if (entry) return entry;
  const names = Object.keys(manifest.datasets);
  const near = nearest(name, names);
  throw new FerBenchError("bad-config", `there is no data set "${name}"`, {
    file,
    field: "datasets",
    remedy: near ? `did you mean "${near}"?` : `known: ${names.join(", ")}; add an entry for a new one`,
  });
}
