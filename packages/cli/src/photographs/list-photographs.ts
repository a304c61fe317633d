import { readdir, stat } from "node:fs/promises";
import { basename, extname, isAbsolute, join, relative, resolve } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import { isLitter } from "@fer-bench/datasets";

/** A photograph to be read. */
export interface ListedPhotograph {
  readonly path: string;
  /** What its results are called, without an ending: unlike any other's, and with folders as they are where it was found. */
  readonly name: string;
}

const ENDINGS = new Set([".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".avif"]);

/**
 * The photographs that are named, and those in the folders that are named and in folders inside, in the order of their
 * names; the folder for results is left out. What is no folder is taken for a photograph: who reads it will see.
 * Errors: `missing` where a folder has none; `bad-config` where results would lie among the photographs.
 */
export async function listPhotographs(paths: readonly string[], out?: string): Promise<ListedPhotograph[]> {
  const found: ListedPhotograph[] = [];
  const taken = new Set<string>();
  const add = (path: string, name: string): void => void found.push({ path, name: unlike(taken, name) });
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (there) => there.isDirectory(),
      () => false,
    );
    if (!isFolder) {
      add(path, withoutEnding(basename(path)));
      continue;
    }
    const inside = await photographsIn(path, out);
    if (inside.length === 0) {
      throw new FerBenchError("missing", "there is no photograph in this folder", {
        file: path,
        remedy: `name a folder with files that end in ${[...ENDINGS].join(", ")}`,
      });
    }
    for (const name of inside) add(join(path, name), withoutEnding(name));
  }
  return found;
}

/** Paths inside the folder. */
async function photographsIn(folder: string, out: string | undefined): Promise<string[]> {
  if (out !== undefined && resolve(out) === resolve(folder)) {
    throw new FerBenchError("bad-config", "results would lie among the photographs", {
      file: folder,
      field: "--out",
      remedy: "name another folder, or one inside",
    });
  }
  const names: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isDirectory() || !ENDINGS.has(extname(name).toLowerCase()) || isLitter(name)) continue;
    if (out === undefined || !isInside(join(folder, name), out)) names.push(name);
  }
  return names.sort();
}

function isInside(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return !way.startsWith("..") && !isAbsolute(way);
}

function withoutEnding(path: string): string {
  return path.slice(0, path.length - extname(path).length).replaceAll("\\", "/");
}

/** Not every file system tells small letters from large ones. */
function unlike(taken: Set<string>, name: string): string {
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? name : `${name}-${copy}`;
    if (taken.has(candidate.toLowerCase())) continue;
    taken.add(candidate.toLowerCase());
    return candidate;
  }
}
