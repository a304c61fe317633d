import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { FerBenchError } from "@fer-bench/artifacts";
import { z } from "zod";

/** `import.json`, which lies in the raw folder beside the data: how they came in, and what they are. */
const importRecord = z.strictObject({
  version: z.literal(1),
  /** The data set, or the other name that an altered copy goes by. */
  dataset: z.string(),
  form: z.string(),
  pixels: z.enum(["exact", "re-encoded", "altered"]),
  /** The one file of data, its checksum, and where in it the package finds what it needs. */
  data: z.strictObject({
    file: z.string().regex(/^[^/\\\0]+$/, "a file's name beside it expected"),
    bytes: z.int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** The path of a CSV inside, where the file is an archive of one. */
    csv: z.string().optional(),
    /** Where a pack has its index: see `packs.ts`. */
    index: z.strictObject({ offset: z.int().nonnegative(), bytes: z.int().nonnegative() }).optional(),
  }),
  source: z.string(),
  warnings: z.array(z.string()),
});
export type ImportRecord = z.infer<typeof importRecord>;

export const IMPORT_FILE = "import.json";
const WORK = ".importing-";

/** What errors call a data set, and say it comes from. */
export interface Importable {
  readonly title: string;
  readonly howToImport: string;
}

/** The record of the folder's import. FerBenchError if nothing was imported, or the data are not what was imported. */
export async function readImportRecord(
  rawDir: string,
  { title, howToImport: remedy }: Importable,
): Promise<ImportRecord> {
  const file = join(rawDir, IMPORT_FILE);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new FerBenchError("missing", `${title} has not been imported`, { file: rawDir, remedy, cause });
  });
  const record = importRecord.safeParse(parseJson(text));
  if (!record.success) {
    throw new FerBenchError("bad-data", "not the record of an import", { file, remedy, cause: record.error });
  }
  const { data } = record.data;
  const size = await stat(join(rawDir, data.file)).then(
    (found) => found.size,
    () => undefined,
  );
  if (size !== data.bytes) {
    throw new FerBenchError(
      "bad-data",
      `the imported file has ${size === undefined ? "gone" : `${size} bytes`}; it had ${data.bytes}`,
      { file: join(rawDir, data.file), field: `data, by ${IMPORT_FILE}`, remedy },
    );
  }
  return record.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Puts an import into the raw folder: `write` writes the data file into a temporary folder there; then the old record
 * goes, the data and the new record come in by renaming. At any moment there is a whole import or none.
 */
export async function placeImport(
  rawDir: string,
  dataset: Importable,
  write: (folder: string) => Promise<ImportRecord>,
): Promise<ImportRecord> {
  return inWorkFolder(rawDir, async (work) => {
    const record = await write(work);
    await writeFile(join(work, IMPORT_FILE), `${JSON.stringify(record, undefined, 2)}\n`);
    const before = await readImportRecord(rawDir, dataset).catch(() => undefined);
    await rm(join(rawDir, IMPORT_FILE), { force: true });
    if (before && before.data.file !== record.data.file) await rm(join(rawDir, before.data.file));
    await rename(join(work, record.data.file), join(rawDir, record.data.file));
    await rename(join(work, IMPORT_FILE), join(rawDir, IMPORT_FILE));
    return record;
  });
}

/** Runs `use` with a temporary folder inside `dir`, and leaves no trace of it, nor of `dir` if that was new and is empty. */
export async function inWorkFolder<T>(dir: string, use: (folder: string) => Promise<T>): Promise<T> {
  const created = await mkdir(dir, { recursive: true });
  await removeAbandoned(dir);
  const work = await mkdtemp(join(dir, `${WORK}${process.pid}-`));
  try {
    return await use(work);
  } finally {
    await rm(work, { recursive: true, force: true });
    if (created !== undefined) await rmdir(dir).catch(() => {}); // it holds the import, if it is not empty
  }
}

/** Removes the temporary folders of imports that were killed. */
async function removeAbandoned(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.startsWith(WORK)) continue;
    if (!isRunning(Number(name.slice(WORK.length).split("-")[0]))) {
      await rm(join(dir, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Copies a file, and returns its size and sha256. */
export async function copyHashed(from: string, to: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(
    createReadStream(from, { highWaterMark: 2 ** 20 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(to),
  );
  return { bytes, sha256: hash.digest("hex") };
}

export async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
