import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Artifact, artifactAt, openArtifact, sealArtifact } from "./artifact.ts";
import { stableStringify } from "./config.ts";
import { explainDisk } from "./disk-error.ts";
import { FerBenchError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import { describeMachine, libraryVersion } from "./machine.ts";
import { abandonedPaths, temporaryPath } from "./temporary-name.ts";
import { settled, unfinished } from "./unfinished.ts";

export interface StageRequest {
  /** The stage's word: prepare, preprocess, features, train, evaluate, report. */
  readonly stage: string;
  /** The folder that holds the finished artifact. */
  readonly dir: string;
  /** What decides the result besides the inputs; written to provenance. */
  readonly config: unknown;
  /** Upstream artifacts by name: their folder and the stage that wrote them. Verified before work starts. */
  readonly inputs?: Readonly<Record<string, { readonly dir: string; readonly stage: string }>>;
  readonly seed?: number;
  readonly engine?: string;
  readonly device?: string;
  readonly threads?: number;
  /** Libraries whose versions belong in provenance, as seen from the module at `from` (its import.meta.url). */
  readonly libraries?: { readonly names: readonly string[]; readonly from: string };
}

export interface StageContext {
  /** The verified inputs, by the request's names. */
  readonly inputs: Readonly<Record<string, Artifact>>;
  /** Adds to `provenance.json`: timings, rates, what was decided on the way. */
  note(key: string, value: unknown): void;
}

/**
 * Runs a stage so that its folder is either whole or not there: `work` writes into a temporary folder
 * beside it, which is sealed (`artifact.json`, `provenance.json`) and renamed once everything is written.
 * An error removes the temporary folder; one left by a killed process is removed by the next run.
 */
export async function runStage(
  request: StageRequest,
  work: (out: string, context: StageContext) => Promise<void>,
): Promise<Artifact> {
  const started = new Date();
  const clock = performance.now();
  const inputs: Record<string, Artifact> = {};
  for (const [name, { dir, stage }] of Object.entries(request.inputs ?? {})) {
    inputs[name] = await openArtifact(dir, stage);
  }
  const out = await makeFolder(request.dir).catch((error: unknown) => {
    throw explainDisk(error, request.dir, "the stage");
  });
  const notes: Record<string, unknown> = {};
  const context: StageContext = {
    inputs,
    note(key, value) {
      notes[key] = value;
    },
  };
  try {
    await work(out, context);
    for (const [name, { dir, stage }] of Object.entries(request.inputs ?? {})) {
      await checkUnchanged(inputs[name]!, dir, stage);
    }
    const manifest = await sealArtifact(out, request.stage);
    const provenance = {
      stage: request.stage,
      config: request.config,
      seed: request.seed,
      engine: request.engine,
      device: request.device,
      threads: request.threads,
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.identity])),
      versions: versionsOf(request.libraries),
      machine: describeMachine(),
      startedAt: started.toISOString(),
      wallSeconds: Math.round(performance.now() - clock) / 1000,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      ...notes,
    };
    await writeFile(join(out, "provenance.json"), `${JSON.stringify(provenance, undefined, 2)}\n`);
    await replaceFolder(out, request.dir);
    return artifactAt(request.dir, manifest);
  } catch (error) {
    await rm(out, { recursive: true, force: true });
    throw explainDisk(explainGone(error, inputs), request.dir, "the stage");
  } finally {
    settled(out);
  }
}

/** A folder beside the one that is to be; what killed processes left of theirs goes first. */
async function makeFolder(dir: string): Promise<string> {
  const parent = dirname(dir);
  await mkdir(parent, { recursive: true });
  for (const path of await abandonedPaths(parent, basename(dir))) {
    await rm(path, { recursive: true, force: true });
  }
  const out = temporaryPath(parent, basename(dir));
  unfinished(out);
  await mkdir(out);
  return out;
}

/** What was verified at first may be replaced while it is read: then the result would be of neither. */
async function checkUnchanged(input: Artifact, dir: string, stage: string): Promise<void> {
  const now = await openArtifact(dir, stage, { verify: false });
  if (now.identity === input.identity) return;
  throw new FerBenchError("bad-artifact", `the ${stage} result was replaced while it was read`, {
    file: dir,
    remedy: "run the command again, once nothing else writes there",
  });
}

/** A file of an input that is no longer where it was when it was verified, as a user's error. */
function explainGone(error: unknown, inputs: Readonly<Record<string, Artifact>>): unknown {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== "ENOENT" || path === undefined || error instanceof FerBenchError) return error;
  if (!Object.values(inputs).some(({ dir }) => path.startsWith(dir))) return error;
  return new FerBenchError("bad-artifact", "a file of an earlier stage vanished while it was needed", {
    file: path,
    remedy: "run that stage again, and then this one",
    cause: error,
  });
}

/** Identifies a configuration: SHA-256 of its JSON with sorted keys. */
export function configHash(config: unknown): string {
  return sha256(stableStringify(config));
}

/**
 * A folder that is not empty cannot be renamed onto, so the old one steps aside first. Two processes may
 * do this at once: whoever finds the place taken again moves that one aside, too; each is a whole artifact.
 */
async function replaceFolder(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const aside = `${from}-old${attempt}`;
    const moved = await rename(to, aside).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if ((code !== "ENOTEMPTY" && code !== "EEXIST") || attempt === 20) throw error;
    } finally {
      if (moved) await rm(aside, { recursive: true, force: true });
    }
  }
}

function versionsOf(libraries: StageRequest["libraries"]): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const name of libraries?.names ?? []) {
    const version = libraryVersion(name, libraries!.from);
    if (version !== undefined) versions[name] = version;
  }
  return versions;
}
