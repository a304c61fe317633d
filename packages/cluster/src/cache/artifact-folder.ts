import { createWriteStream } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { abandonedPaths, temporaryPath } from "@fer-bench/artifacts";

/** What became of an artifact that was to be stored. */
export type Stored = "stored" | "exists" | "incomplete";

/** Artifacts in a folder, a file each, named by their hash; the least recently used go where there are too many. */
export interface ArtifactFolder {
  /** The artifact, open to be read, which counts as a use; undefined where there is none. */
  open(hash: string): Promise<{ file: FileHandle; bytes: number } | undefined>;
  has(hash: string): Promise<boolean>;
  /**
   * Stores what `content` gives, whole or not at all: "incomplete" where these are not `bytes`, "exists" where there is
   * one already, which stays as it is.
   */
  store(hash: string, content: Readable, bytes: number): Promise<Stored>;
}

/** Names that can be files of the folder and nothing else: Nx's are decimal numbers. */
export const isHash = (text: string): boolean => /^[A-Za-z0-9_-]{1,128}$/.test(text);

const UNFINISHED = "upload";

/** Opens a folder, made where there is none, that holds at most `limitBytes`. */
export async function openArtifactFolder(dir: string, limitBytes: number): Promise<ArtifactFolder> {
  await mkdir(dir, { recursive: true });
  for (const path of await abandonedPaths(dir, UNFINISHED)) await rm(path, { force: true });
  let evicting: Promise<void> = evict(dir, limitBytes);
  await evicting;
  return {
    async open(hash) {
      const path = join(dir, hash);
      const file = await open(path).catch(absent);
      if (file === undefined) return undefined;
      const now = new Date();
      // Gone since, it can still be read through the open file.
      await utimes(path, now, now).catch(absent);
      return { file, bytes: (await file.stat()).size };
    },
    has: async (hash) => (await stat(join(dir, hash)).catch(absent)) !== undefined,
    async store(hash, content, bytes) {
      const unfinished = temporaryPath(dir, UNFINISHED);
      try {
        await pipeline(content, createWriteStream(unfinished, { flags: "wx", flush: true }));
        if ((await stat(unfinished)).size !== bytes) return "incomplete";
        // A link fails where the name is taken; a rename would replace what is there.
        await link(unfinished, join(dir, hash));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return "exists";
        throw error;
      } finally {
        await rm(unfinished, { force: true });
      }
      evicting = evicting.then(() => evict(dir, limitBytes));
      await evicting;
      return "stored";
    },
  };
}

/** Removes the least recently used artifacts until what is left fits. */
async function evict(dir: string, limitBytes: number): Promise<void> {
  const names = (await readdir(dir)).filter(isHash);
  const found = await Promise.all(
    names.map(async (name) => {
      const facts = await stat(join(dir, name)).catch(absent);
      return facts && { name, bytes: facts.size, usedAt: facts.mtimeMs };
    }),
  );
  const artifacts = found.filter((one) => one !== undefined).sort((a, b) => a.usedAt - b.usedAt);
  let total = artifacts.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { name, bytes } of artifacts) {
    if (total <= limitBytes) return;
    await rm(join(dir, name), { force: true });
    total -= bytes;
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
