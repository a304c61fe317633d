import { FerBenchError, nearest, parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";

const hex = (digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} hexadecimal digits expected`);
const perSplit = <T extends z.ZodType>(value: T) =>
  z.partialRecord(z.enum(["train", "validation", "test"]), value);
const perClass = z.record(z.string(), z.int().min(0));
/** What names a data set: a folder, an Nx project, a word of commands. */
const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and hyphens expected");

/** Where the face is in a raw image; kinds are those that `preprocess` knows. */
const FaceSchema = z.looseObject({ kind: z.string().min(1) });

/** A file that the set is distributed as. */
const ArchiveSchema = z
  .strictObject({
    file: z.string().min(1),
    bytes: z.int().optional(),
    md5: hex(32).optional(),
    sha256: hex(64).optional(),
    /** Where it can be downloaded, tried in turn; none where it has to be asked for. */
    urls: z.array(z.url({ protocol: /^https?$/ })).default([]),
    /** What it may be passed on under, where that is not the set's: labels of images that may not be. */
    licence: z.string().min(1).optional(),
  })
  .refine(({ urls, md5, sha256 }) => (md5 ?? sha256) !== undefined || urls.every(namesCommit), {
    path: ["sha256"],
    error:
      "a download needs the sha256, the md5 that its source publishes, or an address over https that names a commit",
  });

/**
 * Whether an address says which commit's files it gives, and nobody on the way can give others: who has no checksum yet
 * can at least tell what was asked for. This machine itself may do without https.
 */
function namesCommit(url: string): boolean {
  return /^(https:\/\/|http:\/\/127\.0\.0\.1[:/]).*[0-9a-f]{40}/.test(url);
}

const EntrySchema = z
  .strictObject({
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
    /** What it is, in a sentence. */
    description: z.string().min(1).optional(),
    /** Who made it. */
    creators: z.array(z.string().min(1)).default([]),
    /** When it was published. */
    published: z.iso.date().optional(),
    homepage: z.string().optional(),
    source: z.strictObject({
      /** How a user gets the raw data and brings them in: a sentence or two. */
      howToGet: z.string().min(1),
      url: z.string().optional(),
    }),
    archives: z.array(ArchiveSchema).default([]),
    /** True where the set is made by code; it then has a generate stage and needs no import. */
    generated: z.boolean().default(false),
    /** The imported set whose raw data these are, too: another protocol of the same import. Its own where absent. */
    raw: name.optional(),
    /** Other sets whose samples it needs. */
    reads: z.array(name).optional(),
    classes: z.array(z.string().min(1)).min(2),
    channels: z.union([z.literal(1), z.literal(3)]),
    options: z.record(z.string(), z.unknown()).default({}),
    face: FaceSchema,
    expected: z.strictObject({
      /** Samples by split and class; under `all` those of the whole set, where the splits are drawn by lot. */
      counts: z.partialRecord(z.enum(["train", "validation", "test", "all"]), perClass),
      /** What the package counts in the raw data before anything is cleaned or left out: rows by label, sequences, subjects. */
      tally: perClass.optional(),
      /** One per split, over (id, label, sha256 of the decoded pixels). */
      checksums: perSplit(hex(64)).optional(),
    }),
    notes: z.array(z.string()).default([]),
  })
  .superRefine((entry, context) => {
    const named = entry.archives.findIndex(({ urls, licence }) => urls.length > 0 && licence === undefined);
    if (named < 0 || entry.licence.redistributable) return;
    context.addIssue({
      code: "custom",
      path: ["archives", named, "urls"],
      message:
        "images that may not be passed on are not downloaded: say in source.howToGet where to ask for them",
    });
  });

const ManifestSchema = z.strictObject({
  $schema: z.string().optional(),
  datasets: z.record(name, EntrySchema),
});

/** A data set as the manifest describes it. */
export type DatasetEntry = z.output<typeof EntrySchema>;
export type Manifest = z.output<typeof ManifestSchema>;

/** Reads `datasets.manifest.json`. Errors: `bad-config` naming the field. */
export async function readManifest(file: string): Promise<Manifest> {
  const manifest = parseConfig(ManifestSchema, await readJson(file), file);
  for (const [set, { raw, reads = [] }] of Object.entries(manifest.datasets)) {
    const others: [string, string][] = reads.map((other) => ["reads", other]);
    if (raw !== undefined) others.push(["raw", raw]);
    for (const [field, other] of others) {
      const entry = manifest.datasets[other];
      // One step: a set that others read from reads from none.
      const isOwn =
        entry?.raw === undefined && (field === "raw" ? !entry?.generated : entry?.reads === undefined);
      if (entry && other !== set && isOwn) continue;
      throw new FerBenchError(
        "bad-config",
        entry
          ? `${set} cannot read from "${other}", which reads from others itself`
          : `there is no data set "${other}"`,
        { file, field: `datasets.${set}.${field}`, remedy: "name a data set that has raw data of its own" },
      );
    }
  }
  return manifest;
}

/** How many samples an entry promises; undefined where it says nothing. */
export function expectedSamples({ expected: { counts } }: DatasetEntry): number | undefined {
  const { all, ...splits } = counts;
  const of = all === undefined ? Object.values(splits) : [all];
  const numbers = of.flatMap((classes) => Object.values(classes ?? {}));
  return numbers.length === 0 ? undefined : numbers.reduce((a, b) => a + b, 0);
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
