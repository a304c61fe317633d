import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describeChecksum } from "./checksum.ts";
import { type DownloadOptions, download } from "./download.ts";
import { FerBenchError } from "./errors.ts";
import { describePublished, type PublishedFile, problemWith } from "./published-file.ts";

/** Where published files are looked for, and kept. */
export interface FileStores {
  /** A folder of files that came with a package, under their published names: looked in before all others. */
  readonly shipped?: string | undefined;
  /** A folder that holds them under their published names: looked in next, never written to. */
  readonly mirror?: string | undefined;
  /** What an error calls the mirror, as the variable that names it. */
  readonly mirrorName: string;
  /** A folder of ours for what is downloaded, by checksum. */
  readonly cache: string;
  /** True: nothing is downloaded. */
  readonly offline: boolean;
}

/**
 * What the environment says: the mirror by `mirrorName`'s value, the cache by FER_BENCH_CACHE (else XDG_CACHE_HOME's or
 * the user's .cache/fer-bench), and FER_BENCH_OFFLINE=1, as `offline`.
 */
export function storesOf(
  mirrorName: string,
  { offline = false, env = process.env }: { offline?: boolean; env?: NodeJS.ProcessEnv } = {},
): FileStores {
  return {
    mirror: env[mirrorName] || undefined,
    mirrorName,
    cache: env.FER_BENCH_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "fer-bench"),
    offline: offline || env.FER_BENCH_OFFLINE === "1",
  };
}

export interface StoredFile {
  path: string;
  from: "package" | "mirror" | "cache" | "download";
}

/** Parts of the sentence that tells what to do where the file is not to be had. */
export interface Help {
  /** How a person gets it, such as "ask its author"; its address where absent. */
  howToGet?: string | undefined;
  /** What else would do, such as "or name it with --weights FILE". */
  alternative?: string | undefined;
}

/** The published file as one of the stores has it, checked byte for byte; undefined where none does. */
export async function findPublished(
  file: PublishedFile,
  stores: FileStores,
): Promise<StoredFile | undefined> {
  return (await look(file, stores)).found;
}

/**
 * The published file: as a package brought it, from the mirror, from the cache, or downloaded into the cache, checked
 * byte for byte. Errors: FerBenchError ("missing" or "unavailable") that says which file to put where.
 */
export async function obtainPublished(
  file: PublishedFile,
  stores: FileStores,
  { howToGet, alternative, ...options }: DownloadOptions & Help = {},
): Promise<StoredFile> {
  const help = { howToGet, alternative };
  const { found, wrong } = await look(file, stores);
  for (const problem of wrong) options.progress?.note(problem, "warning");
  if (found !== undefined) return found;
  const cached = cachePath(file, stores);
  if (stores.offline || file.urls.length === 0) {
    const why = file.urls.length === 0 ? "it has to be put here by hand" : "downloads are switched off";
    throw new FerBenchError("missing", [`${file.name} is not here, and ${why}.`, ...wrong].join(" "), {
      file: mirrorPath(file, stores) ?? cached,
      remedy: remedyFor(file, stores, help),
    });
  }
  try {
    await download(file, cached, options);
  } catch (error) {
    if (!(error instanceof FerBenchError) || error.code !== "unavailable") throw error;
    throw new FerBenchError("unavailable", [error.message, ...wrong].join(" "), {
      file: cached,
      remedy: `${error.remedy}, or ${remedyFor(file, stores, help)}`,
      cause: error,
    });
  }
  return { path: cached, from: "download" };
}

async function look(file: PublishedFile, stores: FileStores) {
  const places = [
    { from: "package", path: stores.shipped && join(stores.shipped, file.name) },
    { from: "mirror", path: mirrorPath(file, stores) },
    { from: "cache", path: cachePath(file, stores) },
  ] as const;
  const wrong: string[] = [];
  for (const { from, path } of places) {
    if (path === undefined || !(await isFile(path))) continue;
    const problem = await problemWith(file, path);
    if (problem === undefined) return { found: { path, from }, wrong };
    wrong.push(`${path} is not the published file: ${problem}.`);
  }
  return { found: undefined, wrong };
}

function mirrorPath({ name }: PublishedFile, { mirror }: FileStores): string | undefined {
  return mirror === undefined ? undefined : join(mirror, name);
}

/** Where the cache has the file, or would have it. */
export function cachePath({ name, checksum }: PublishedFile, { cache }: FileStores): string {
  return join(cache, "files", describeChecksum(checksum).replace(" ", "-"), name);
}

function remedyFor(file: PublishedFile, stores: FileStores, { howToGet, alternative }: Help): string {
  const place = stores.mirror ?? `a folder, and set ${stores.mirrorName} to it`;
  const [url] = file.urls;
  const source = howToGet ?? (url === undefined ? undefined : `get it from ${url}`);
  return [`put ${describePublished(file)} into ${place}`, alternative, source]
    .filter((part) => part !== undefined)
    .join("; ");
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
