import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FerBenchError, type FileStores, sha256File } from "@fer-bench/artifacts";
import { SHIPPED_FILE } from "./five-points.ts";
import { findLandmarks } from "./obtain-landmarks.ts";
import { PUBLISHED_LANDMARKS } from "./published-landmarks.ts";

/** The name of the five landmarks that come with the package. */
export const SHIPPED_LANDMARKS = "five-points";

/** Landmarks that settings name, as this machine has them. */
export interface NamedLandmarks {
  readonly name: string;
  /** Their file; absent for those of the package. */
  readonly path?: string;
  /** Of the file's bytes. */
  readonly sha256: string;
}

/**
 * The landmarks of that name: `five-points`, a published file of dlib's, or a `.dat` file, relative to `folder`. Nothing
 * is downloaded. Errors: `missing`, with how to get them.
 */
export async function findNamedLandmarks(
  name: string,
  { folder, stores }: { readonly folder: string; readonly stores: FileStores },
): Promise<NamedLandmarks> {
  if (name === SHIPPED_LANDMARKS) return { name, sha256: await sha256File(SHIPPED_FILE) };
  const published = PUBLISHED_LANDMARKS.find((one) => one.name === name);
  if (published === undefined) return ownFile(name, resolve(folder, name));
  const found = await findLandmarks(published, stores);
  if (found !== undefined) return { name, path: found.path, sha256: await sha256File(found.path) };
  throw new FerBenchError("missing", `the landmarks ${name} are not here`, {
    file: published.file.name,
    remedy: `run: fer-bench models fetch ${name}${published.restricted ? " --accept-licence" : ""}`,
  });
}

async function ownFile(name: string, path: string): Promise<NamedLandmarks> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isFile()) return { name, path, sha256: await sha256File(path) };
  const names = [SHIPPED_LANDMARKS, ...PUBLISHED_LANDMARKS.map((one) => one.name)];
  throw new FerBenchError("missing", `there are no landmarks "${name}"`, {
    file: path,
    remedy: `name ${names.join(", ")}, or a .dat file of dlib's shape predictor`,
  });
}
