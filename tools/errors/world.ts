import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { sealArtifact } from "../../packages/artifacts/src/artifact.ts";
import { smallBenchmark, smallSyntheticSet } from "../test-support/small-workspace.ts";

/** A workspace of its own: the rendered set `rendered`, the added one `mine`, and a benchmark on each, `b` and `mine-b`. */
export interface World {
  readonly root: string;
  /** Writes a file; gives its whole path. */
  put(path: string, content: string | Uint8Array): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the file holds
  edit(path: string, change: (value: any) => void): Promise<void>;
  remove(path: string): Promise<void>;
  /** Lists a stage's files anew, so that what was changed in them passes for what the stage wrote. */
  seal(dir: string, stage: string): Promise<void>;
}

export function worldAt(root: string): World {
  const put = async (path: string, content: string | Uint8Array) => {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, content);
    return full;
  };
  return {
    root,
    put,
    async edit(path, change) {
      const value: unknown = JSON.parse(await readFile(join(root, path), "utf8"));
      change(value);
      await put(path, JSON.stringify(value, undefined, 2));
    },
    remove: (path) => rm(join(root, path), { recursive: true, force: true }),
    seal: async (dir, stage) => void (await sealArtifact(join(root, dir), stage)),
  };
}

/** The data sets that a user would import, by their packages. */
const TO_IMPORT = ["fer2013", "ferplus", "raf-db", "ck-plus", "muxspace"];

/** Writes the manifest and the benchmarks, and the pictures of `mine` into `in-mine`. */
export async function writeWorld(root: string, repository: string): Promise<void> {
  const { put } = worldAt(root);
  const { datasets } = JSON.parse(await readFile(join(repository, "datasets.manifest.json"), "utf8")) as {
    datasets: Record<string, unknown>;
  };
  const imported = Object.fromEntries(TO_IMPORT.map((name) => [name, datasets[name]]));
  const manifest = { datasets: { ...imported, rendered: smallSyntheticSet(1) } };
  await put("datasets.manifest.json", JSON.stringify(manifest));
  await put("benchmarks/b/benchmark.json", JSON.stringify(smallBenchmark("rendered", 0.01)));
  await put("benchmarks/mine-b/benchmark.json", JSON.stringify(smallBenchmark("mine", 0.01)));
  for (const split of ["train", "validation", "test"]) {
    for (const [i, label] of ["happy", "sad"].entries()) {
      const level = 40 * i + 100 * (split === "test" ? 1 : 0) + (split === "train" ? 20 : 0);
      const picture = sharp({
        create: { width: 48, height: 48, channels: 3, background: { r: level, g: 20, b: 20 } },
      });
      await put(`in-mine/${split}/${label}/${split}-${label}.png`, await picture.png().toBuffer());
    }
  }
}

/** Runs `use` in a copy of the workspace, which it may change. */
export async function inCopy<T>(root: string, use: (world: World) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), "fer-bench-error-"));
  try {
    await cp(root, copy, { recursive: true });
    return await use(worldAt(copy));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
