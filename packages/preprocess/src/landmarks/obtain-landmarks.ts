import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  cachePath,
  type DownloadOptions,
  explainDisk,
  FerBenchError,
  type FileStores,
  findPublished,
  nearest,
  obtainPublished,
  problemWith,
  type StoredFile,
  storesOf,
  temporaryPath,
} from "@fer-bench/artifacts";
import bunzip2 from "unbzip2-stream";
import { PUBLISHED_LANDMARKS, type PublishedLandmarks } from "./published-landmarks.ts";

/** Where Debian's package libdlib-data has its file. */
const DEBIAN_FOLDER = "/usr/share/dlib";

export interface FoundLandmarks {
  readonly path: string;
  readonly from: StoredFile["from"] | "debian";
}

export interface ObtainLandmarksOptions extends DownloadOptions {
  /** Whether the user has agreed to the terms of a file that has some. */
  readonly acceptLicence?: boolean;
}

/** Where dlib's files are looked for, as the weights of backbones are: FER_BENCH_WEIGHTS_DIR, then the cache. */
export function landmarksStores(options: { offline?: boolean } = {}): FileStores {
  return storesOf("FER_BENCH_WEIGHTS_DIR", options);
}

/** Errors: `bad-config` where there is no such file. */
export function findPublishedLandmarks(name: string): PublishedLandmarks {
  const found = PUBLISHED_LANDMARKS.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = PUBLISHED_LANDMARKS.map((one) => one.name);
  const close = nearest(name, names);
  throw new FerBenchError("bad-config", `there are no landmarks "${name}"`, {
    remedy: close ? `did you mean "${close}"?` : `use one of ${names.join(", ")}`,
  });
}

/** The published `.dat` file as this machine has it, checked byte for byte; undefined where it does not. */
export async function findLandmarks(
  { file }: PublishedLandmarks,
  stores: FileStores,
): Promise<FoundLandmarks | undefined> {
  const stored = await findPublished(file, stores);
  if (stored !== undefined) return stored;
  const debians = join(DEBIAN_FOLDER, file.name);
  const there = await stat(debians).catch(() => undefined);
  if (!there?.isFile() || (await problemWith(file, debians)) !== undefined) return undefined;
  return { path: debians, from: "debian" };
}

/**
 * The published `.dat` file: as this machine has it, or downloaded into the cache, unpacked, and checked byte for byte.
 * Errors: `bad-config` with the licence where it has to be accepted first; `missing` or `unavailable` as of
 * `obtainPublished`; `bad-data` where the unpacked file is not the published one.
 */
export async function obtainLandmarks(
  published: PublishedLandmarks,
  stores: FileStores,
  { acceptLicence = false, ...options }: ObtainLandmarksOptions = {},
): Promise<FoundLandmarks> {
  const found = await findLandmarks(published, stores);
  if (found !== undefined) return found;
  if (published.restricted && !acceptLicence) {
    throw new FerBenchError("bad-config", `${published.name} has terms of use.\n${published.licence}`, {
      file: published.file.name,
      remedy:
        "agree with --accept-licence, or do without it: the landmarks that fer-bench brings are free to use",
    });
  }
  const packed = await obtainPublished(published.packed, stores, {
    ...options,
    alternative: `or ${published.file.name} itself`,
  });
  const path = cachePath(published.file, stores);
  await unpack(packed.path, path, published.file);
  if (packed.from === "cache" || packed.from === "download") await rm(packed.path);
  return { path, from: packed.from };
}

async function unpack(packed: string, path: string, file: PublishedLandmarks["file"]): Promise<void> {
  const unpacked = temporaryPath(dirname(path), basename(path));
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(createReadStream(packed), bunzip2(), createWriteStream(unpacked));
    const problem = await problemWith(file, unpacked);
    if (problem !== undefined) throw new Error(problem);
    await rename(unpacked, path);
  } catch (cause) {
    const explained = explainDisk(cause, path, file.name);
    if (explained !== cause) throw explained;
    throw new FerBenchError("bad-data", `it does not unpack to ${file.name}: ${(cause as Error).message}`, {
      file: packed,
      remedy: "remove it, and fetch it again",
      cause,
    });
  } finally {
    await rm(unpacked, { force: true });
  }
}
