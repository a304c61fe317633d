import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { FerBenchError } from "./errors.ts";
import { sha256, sha256File } from "./hash.ts";

/**
 * What a stage left behind. Its identity is of its data alone: `provenance.json` and TensorBoard's event
 * files, which carry times, are beside it and not in it.
 */
export interface Artifact {
  readonly dir: string;
  readonly stage: string;
  /** SHA-256 over the names and checksums of the files. */
  readonly identity: string;
  readonly files: readonly ArtifactFile[];
  /** The path of one of its files, of a sharded array, or an error that says it is not part of it. */
  path(name: string): string;
}

export interface ArtifactFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const ManifestSchema = z.strictObject({
  format: z.literal("fer-bench/artifact"),
  version: z.literal(1),
  stage: z.string(),
  identity: z.string().regex(/^[0-9a-f]{64}$/),
  files: z.array(
    z.strictObject({
      path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/),
      bytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

type Manifest = z.infer<typeof ManifestSchema>;

/** The file that lists an artifact's files and checksums; what runs later depends on it. */
export const ARTIFACT_FILE = "artifact.json";

const outsideIdentity = (path: string): boolean =>
  path === "provenance.json" || path === ARTIFACT_FILE || path.startsWith("tensorboard/");

/** Lists and hashes what is in a folder, writes its `artifact.json` and gives what it says. */
export async function sealArtifact(dir: string, stage: string): Promise<Manifest> {
  const files: ArtifactFile[] = [];
  for (const path of await listFiles(dir)) {
    if (outsideIdentity(path)) continue;
    const full = join(dir, path);
    files.push({ path, bytes: (await stat(full)).size, sha256: await sha256File(full) });
  }
  const manifest: Manifest = {
    format: "fer-bench/artifact",
    version: 1,
    stage,
    identity: identityOf(stage, files),
    files,
  };
  await writeFile(join(dir, ARTIFACT_FILE), `${JSON.stringify(manifest, undefined, 1)}\n`);
  return manifest;
}

/**
 * Opens what a stage wrote; every file's size and checksum are verified unless `verify` is false.
 * Errors: `missing` where the stage has not run, `bad-artifact` naming the file that is not as it was written.
 */
export async function openArtifact(
  dir: string,
  stage: string,
  options: { verify?: boolean } = {},
): Promise<Artifact> {
  const manifestPath = join(dir, ARTIFACT_FILE);
  const text = await readFile(manifestPath, "utf8").catch((cause: unknown) => {
    throw new FerBenchError("missing", `there is no ${stage} result here`, {
      file: dir,
      remedy: `run the ${stage} stage first: npx nx run <project>:${stage} runs it and all before it`,
      cause,
    });
  });
  const manifest = parseManifest(text, manifestPath);
  if (manifest.stage !== stage) {
    throw broken(manifestPath, `it belongs to the ${manifest.stage} stage, not to ${stage}`);
  }
  if (manifest.identity !== identityOf(manifest.stage, manifest.files)) {
    throw broken(manifestPath, "its identity does not fit its list of files");
  }
  if (options.verify !== false) {
    for (const file of manifest.files) await verifyFile(dir, file);
  }
  return artifactAt(dir, manifest);
}

/** The artifact whose `artifact.json` is known, without a look at the folder. */
export function artifactAt(dir: string, manifest: Manifest): Artifact {
  const names = new Set(manifest.files.map((file) => file.path));
  return {
    dir,
    stage: manifest.stage,
    identity: manifest.identity,
    files: manifest.files,
    path(name) {
      if (!names.has(name) && !names.has(name.replace(/\.npy$/, ".00000.npy"))) {
        throw broken(join(dir, ARTIFACT_FILE), `it has no ${name}`);
      }
      return join(dir, name);
    },
  };
}

function parseManifest(text: string, file: string): Manifest {
  try {
    return ManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw broken(file, "it is not an artifact's list of files", cause);
  }
}

async function verifyFile(dir: string, file: ArtifactFile): Promise<void> {
  const full = join(dir, file.path);
  const size = await stat(full).then(
    (s) => s.size,
    () => undefined,
  );
  if (size === undefined) throw broken(full, "it is gone");
  if (size !== file.bytes) throw broken(full, `it has ${size} bytes where ${file.bytes} were written`);
  if ((await sha256File(full)) !== file.sha256)
    throw broken(full, "its contents changed since it was written");
}

function identityOf(stage: string, files: readonly ArtifactFile[]): string {
  const lines = files.map((file) => `${file.sha256}  ${file.path}\n`).sort();
  return sha256(`${stage}\n${lines.join("")}`);
}

function broken(file: string, why: string, cause?: unknown): FerBenchError {
  return new FerBenchError("bad-artifact", `the artifact is not whole: ${why}`, {
    file,
    remedy: "delete the stage's folder and run again; with Nx, add --skip-nx-cache once",
    cause,
  });
}

async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
