import { readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import {
  type DatasetPackage,
  type Dropped,
  hashFile,
  type Inventory,
  openNested,
  placeImport,
  type RawRequest,
  type RawSample,
  readImportRecord,
} from "@fer-bench/datasets";
import { z } from "zod";
import { CLASSES, EMOTIONS, FER_PLUS, ROWS } from "./facts.ts";
import { majorityLabel, softLabel, type Verdict } from "./label-rules.ts";
import { parseVotes, type VotedRow } from "./votes.ts";

const options = z.strictObject({
  /** `majority`: one emotion, votes as they were cast. `soft`: a distribution, as votes without those that rule drops. */
  labels: z.enum(["majority", "soft"]).default("majority"),
  /** FER+ has an eighth emotion, which FER-2013 does not have. */
  contempt: z.enum(["keep", "drop"]).default("keep"),
});
export type FerPlusOptions = z.infer<typeof options>;

const FILE = "fer2013new.csv";

/** FER+ (Barsoum et al. 2016): ten people's votes on each of FER-2013's images. */
export const ferPlus: DatasetPackage<FerPlusOptions> = ferPlusOf(ROWS);

/** The package over another number of rows; what tests use. */
export function ferPlusOf(rows: number): DatasetPackage<FerPlusOptions> {
  const read = async (rawDir: string): Promise<VotedRow[]> => {
    const { data } = await readImportRecord(rawDir, FER_PLUS);
    const path = join(rawDir, data.file);
    return parseVotes(await readFile(path), path, rows);
  };
  return {
    name: "ferplus",
    options,
    async importRaw({ source, rawDir }) {
      const bytes = await findVotes(source);
      parseVotes(bytes, source, rows);
      const { form, data, warnings } = await placeImport(rawDir, FER_PLUS, async (work) => {
        const path = join(work, FILE);
        await writeFile(path, bytes);
        return {
          version: 1,
          dataset: "ferplus",
          form: `${FILE}, ${rows.toLocaleString("en")} rows`,
          pixels: "exact",
          data: { file: FILE, ...(await hashFile(path)) },
          source: basename(resolve(source)),
          warnings: [],
        };
      });
      const { file, bytes: size, sha256 } = data;
      return { form, files: [{ path: join(rawDir, file), bytes: size, sha256 }], warnings };
    },
    async inventory({ rawDir, options }) {
      return inventoryOf(await read(rawDir), options);
    },
    async *samples(request) {
      const { rawDir, options } = request;
      const voted = await read(rawDir);
      let joined = 0;
      for await (const image of imagesOf(request)) {
        const row = rowOf(image, voted, rawDir);
        joined += 1;
        const sample = labelled(image, row, voted[row]!.votes, options);
        if (sample) yield sample;
      }
      if (joined !== voted.length)
        throw unjoined(`${voted.length} rows of votes, and ${joined} images`, rawDir);
    },
  };
}

/** The file that has the votes: by its name, or the one file that was given. */
async function findVotes(source: string): Promise<Buffer> {
  let only: Buffer | undefined;
  let files = 0;
  for await (const entry of openNested(source)) {
    if (/(?:^|\/)fer2013new\.csv$/i.test(entry.name)) return entry.bytes();
    files += 1;
    if (files === 1 && (entry.size ?? 0) < 2 ** 24) only = await entry.bytes();
  }
  if (files === 1 && only) return only;
  throw new FerBenchError("missing", "fer2013new.csv is not in it", {
    file: source,
    remedy: FER_PLUS.howToImport,
  });
}

/** FER-2013's images, however they were imported: the one set that the manifest entry reads. */
function imagesOf({ reads = {} }: RawRequest<FerPlusOptions>): AsyncIterable<RawSample> {
  const [images, ...others] = Object.values(reads);
  if (images && others.length === 0) return images();
  throw new FerBenchError("bad-config", "FER+ has no images of its own", {
    field: "reads",
    remedy: 'give its manifest entry "reads": ["fer2013"]',
  });
}

/** The row of an image of FER-2013, whose ids are by row. */
function rowOf({ id, split }: RawSample, voted: readonly VotedRow[], rawDir: string): number {
  const row = Number(/^fer2013(?:-altered)?-(\d{5})$/.exec(id)?.[1] ?? Number.NaN);
  const usage = voted[row]?.split;
  if (usage === undefined) throw unjoined(`image ${id} has no row`, rawDir);
  if (usage !== split) throw unjoined(`image ${id} is of ${split}, its row of ${usage}`, rawDir);
  return row;
}

function unjoined(what: string, rawDir: string): FerBenchError {
  return new FerBenchError("bad-data", `FER+ and FER-2013 do not fit together: ${what}`, {
    file: rawDir,
    remedy: "import FER-2013 again, whole; then FER+",
  });
}

function labelled(
  { path, split, image }: RawSample,
  row: number,
  votes: readonly number[],
  options: FerPlusOptions,
): RawSample | undefined {
  const verdict = verdictOf(votes, options);
  if ("dropped" in verdict) return undefined;
  return {
    id: `ferplus-${String(row).padStart(5, "0")}`,
    split,
    label: EMOTIONS[verdict.emotion]!,
    path,
    image,
    votes: classesOf(options).map((label) => verdict.votes[EMOTIONS.indexOf(label)]!),
  };
}

function classesOf({ contempt }: FerPlusOptions): readonly (typeof CLASSES)[number][] {
  return contempt === "keep" ? CLASSES : CLASSES.filter((label) => label !== "contempt");
}

function verdictOf(
  votes: readonly number[],
  { labels, contempt }: FerPlusOptions,
): Verdict | { dropped: string } {
  const verdict = labels === "majority" ? majorityLabel(votes) : softLabel(votes);
  if ("dropped" in verdict || contempt === "keep") return verdict;
  return EMOTIONS[verdict.emotion] === "contempt" ? { dropped: "contempt" } : verdict;
}

function inventoryOf(voted: readonly VotedRow[], options: FerPlusOptions): Inventory {
  const tally: Record<string, number> = {};
  const dropped = new Map<string, string[]>();
  for (const [row, { split, votes }] of voted.entries()) {
    tally[split] = (tally[split] ?? 0) + 1;
    const verdict = verdictOf(votes, options);
    if (!("dropped" in verdict)) continue;
    const ids = dropped.get(verdict.dropped) ?? [];
    ids.push(`ferplus-${String(row).padStart(5, "0")}`);
    dropped.set(verdict.dropped, ids);
  }
  return {
    tally,
    dropped: [...dropped].map(
      ([reason, ids]): Dropped => ({ reason, count: ids.length, examples: ids.slice(0, 10) }),
    ),
  };
}
