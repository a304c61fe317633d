import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { FerBenchError, type Progress } from "@fer-bench/artifacts";
import { z } from "zod";
import { createTarWriter } from "../archives/tar-writer.ts";
import type { ImportSummary } from "../dataset-package.ts";
import { decodeImage } from "../pixels.ts";
import type { PixelImage } from "../sample.ts";
import { mapAhead } from "./map-ahead.ts";
import { hashFile, type Importable, type ImportRecord, placeImport, readImportRecord } from "./raw-folder.ts";

/*
 * The pictures of an import in one file, `images.tar`, which is read at random. Its last entry is the index: where each
 * picture is, and what the package has read out of the label files. 15,000 small files would cost a cache and a backup
 * more than their bytes do.
 */

const PACK = "images.tar";
const INDEX = "index.json";
/** A tar is blocks of this many bytes: one for an entry's header, then its content. */
const BLOCK = 512;
/** Longer names, or others than ASCII's, would take more than one block for a header. */
const PLAIN_NAME = /^[\x21-\x7e]{1,100}$/;
/** Pictures decoded at once. */
const AHEAD = 8;

const indexSchema = z.strictObject({
  /** Name, first byte, bytes. */
  files: z.array(z.tuple([z.string(), z.int().nonnegative(), z.int().nonnegative()])),
  contents: z.unknown(),
});

export interface PackRequest {
  readonly rawDir: string;
  readonly dataset: Importable & { readonly name: string };
  /** What the user has. */
  readonly source: string;
  /** Pictures to come, where that is known. */
  readonly total?: number;
  readonly progress: Progress;
}

/** What a package says of its import once all pictures are in. */
export interface PackedImport {
  /** The form that was recognised, in words. */
  readonly form: string;
  /** All that `samples` needs besides the pictures, as plain JSON. */
  readonly contents: unknown;
  readonly warnings?: readonly string[];
}

/**
 * Packs the pictures that `write` adds into the raw folder, whole or not at all, in place of an earlier import. A name
 * may be added once.
 */
export async function placePack(
  { rawDir, dataset, source, total, progress }: PackRequest,
  write: (add: (name: string, bytes: Buffer) => Promise<void>) => Promise<PackedImport>,
): Promise<ImportSummary> {
  const task = progress.start(`keeping the pictures of ${dataset.title}`, total, "images");
  try {
    const record = await placeImport(rawDir, dataset, async (work): Promise<ImportRecord> => {
      const path = join(work, PACK);
      const tar = createTarWriter(path);
      const files: [string, number, number][] = [];
      let end = 0;
      const append = async (name: string, bytes: Buffer): Promise<number> => {
        await tar.add(PLAIN_NAME.test(name) ? name : `${files.length}`, bytes);
        const start = end + BLOCK;
        end = start + Math.ceil(bytes.length / BLOCK) * BLOCK;
        return start;
      };
      try {
        const {
          form,
          contents,
          warnings = [],
        } = await write(async (name, bytes) => {
          files.push([name, await append(name, bytes), bytes.length]);
          task.update(files.length);
        });
        const index = Buffer.from(JSON.stringify({ files, contents }));
        const offset = await append(INDEX, index);
        await tar.close();
        return {
          version: 1,
          dataset: dataset.name,
          form,
          pixels: "exact",
          data: { file: PACK, ...(await hashFile(path)), index: { offset, bytes: index.length } },
          source: basename(resolve(source)),
          warnings: [...warnings],
        };
      } catch (error) {
        tar.abort();
        throw error;
      }
    });
    const { form, data, warnings } = record;
    return {
      form,
      files: [{ path: join(rawDir, data.file), bytes: data.bytes, sha256: data.sha256 }],
      warnings,
    };
  } finally {
    task.end();
  }
}

/** An import's pictures, and what its package noted of them. */
export interface Pack<Contents> {
  readonly contents: Contents;
  /** The picture's file as it came. FerBenchError where there is none of the name. */
  read(name: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens what `placePack` wrote. FerBenchError if nothing was imported, or the file is not what was imported. */
export async function openPack<Contents>(
  rawDir: string,
  dataset: Importable,
  contentsSchema: z.ZodType<Contents>,
): Promise<Pack<Contents>> {
  const { data } = await readImportRecord(rawDir, dataset);
  const path = join(rawDir, data.file);
  const broken = (what: string, field?: string): FerBenchError =>
    new FerBenchError("bad-data", what, { file: path, field, remedy: dataset.howToImport });
  if (data.index === undefined) throw broken("the imported pictures have no index");
  const { offset, bytes } = data.index;
  const { files, contents } = await readIndex(path, offset, bytes).catch((cause: unknown) => {
    throw new FerBenchError("bad-data", "the index of the imported pictures cannot be read", {
      file: path,
      remedy: dataset.howToImport,
      cause,
    });
  });
  const parsed = contentsSchema.safeParse(contents);
  if (!parsed.success) throw broken("another version of fer-bench imported these pictures");
  const places = new Map(files.map(([name, start, size]) => [name, [start, size] as const]));
  const handle = await open(path);
  return {
    contents: parsed.data,
    async read(name) {
      const place = places.get(name);
      if (place === undefined) throw broken("a picture is not in the import", name);
      return readAt(handle, place[0], place[1]);
    },
    close: () => handle.close(),
  };
}

async function readIndex(path: string, offset: number, bytes: number) {
  const parts: Buffer[] = [];
  for await (const part of createReadStream(path, { start: offset, end: offset + bytes - 1 }))
    parts.push(part as Buffer);
  return indexSchema.parse(JSON.parse(Buffer.concat(parts).toString("utf8")));
}

async function readAt(handle: FileHandle, start: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  await handle.read(bytes, 0, size, start);
  return bytes;
}

/** What a package noted of its import. Errors as `openPack`. */
export async function packContents<Contents>(
  rawDir: string,
  dataset: Importable,
  contentsSchema: z.ZodType<Contents>,
): Promise<Contents> {
  const pack = await openPack(rawDir, dataset, contentsSchema);
  await pack.close();
  return pack.contents;
}

/** The samples that are planned of a pack's contents, with their pictures decoded, in order. Errors as `openPack`. */
export async function* packedSamples<Contents, T extends { readonly path: string }>(
  rawDir: string,
  dataset: Importable,
  contentsSchema: z.ZodType<Contents>,
  plan: (contents: Contents) => Iterable<T>,
): AsyncGenerator<T & { image: PixelImage }> {
  const pack = await openPack(rawDir, dataset, contentsSchema);
  async function* planned() {
    yield* plan(pack.contents);
  }
  try {
    yield* mapAhead(planned(), AHEAD, async (sample) => ({
      ...sample,
      image: await decodeImage(await pack.read(sample.path), sample.path),
    }));
  } finally {
    await pack.close();
  }
}
