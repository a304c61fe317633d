import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { ARTIFACT_FILE, openArtifact } from "@fer-bench/artifacts";
import { type Program, startStage } from "./stage-process.ts";
import { CONFIGURATION, type StageUnderTest } from "./stages.ts";

/** A small workspace that no fault has touched, and copies of it. */
export interface SmallWorkspaces {
  /** What the undisturbed run of a stage left and took. */
  undisturbed(stage: StageUnderTest): Undisturbed;
  /** A workspace with what stands before a stage. */
  before(stage: StageUnderTest, folder: string): Promise<FaultyWorkspace>;
  /** A new empty folder for one trial. */
  folder(): Promise<string>;
  discard(folder: string): Promise<void>;
  remove(): Promise<void>;
}

export interface Undisturbed {
  readonly identity: string;
  /** Bytes of the artifact. */
  readonly bytes: number;
  /** How long a second run took. */
  readonly milliseconds: number;
  /** Every file of a workspace in which the stage, and what is before it, has run. */
  readonly files: readonly string[];
}

export interface FaultyWorkspace {
  readonly root: string;
  /** Where its processes put temporary files. */
  readonly temporary: string;
  readonly program: Program;
  /** Copies a file or folder from the undisturbed workspace again. */
  restore(path: string): Promise<void>;
  remove(): Promise<void>;
}

/** Runs the stages, and all that they need, twice, and makes sure that both times gave the same bytes. */
export async function createSmallWorkspaces(
  stages: readonly StageUnderTest[],
  program: Program,
): Promise<SmallWorkspaces> {
  const parent = await mkdtemp(join(tmpdir(), "fer-bench-faults-"));
  const reference = join(parent, "reference");
  const found = new Map<string, Undisturbed>();
  const remove = () => rm(parent, { recursive: true, force: true });
  const before = async (stage: StageUnderTest, folder: string): Promise<FaultyWorkspace> => {
    const workspace = await emptyWorkspace(folder, program);
    for (const path of stage.before) await copy(reference, workspace.root, path);
    return { ...workspace, restore: (path) => copy(reference, workspace.root, path) };
  };
  try {
    const first = await emptyWorkspace(reference, program);
    for (const stage of stages) {
      await runOnce(stage, first);
      const { identity, files } = await openArtifact(join(reference, stage.output), stage.stage);
      const again = await before(stage, join(parent, "again"));
      const { milliseconds } = await runOnce(stage, again);
      const second = await openArtifact(join(again.root, stage.output), stage.stage);
      if (second.identity !== identity) throw new Error(`${stage.name} gave other bytes the second time`);
      found.set(stage.name, {
        identity,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        milliseconds,
        files: await filesIn(again.root),
      });
      await again.remove();
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    undisturbed: (stage) => found.get(stage.name)!,
    before,
    folder: () => mkdtemp(join(parent, "trial-")),
    discard: (folder) => rm(folder, { recursive: true, force: true }),
    remove,
  };
}

async function emptyWorkspace(root: string, program: Program): Promise<FaultyWorkspace> {
  for (const [file, value] of Object.entries(CONFIGURATION)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), `${JSON.stringify(value, undefined, 2)}\n`);
  }
  const temporary = join(root, "tmp");
  await mkdir(temporary);
  // tsx keeps what it compiled in a folder of this name: without it, every process would compile everything anew.
  const compiled = `tsx-${process.getuid?.() ?? 0}`;
  await mkdir(join(tmpdir(), compiled), { recursive: true });
  await symlink(join(tmpdir(), compiled), join(temporary, compiled));
  return {
    root,
    temporary,
    program,
    restore: async () => {},
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function copy(from: string, to: string, path: string): Promise<void> {
  await rm(join(to, path), { recursive: true, force: true });
  await cp(join(from, path), join(to, path), { recursive: true, preserveTimestamps: true });
}

async function runOnce(stage: StageUnderTest, workspace: FaultyWorkspace): Promise<{ milliseconds: number }> {
  const ending = await startStage(stage, workspace).ended;
  if (ending.status === 0) return ending;
  throw new Error(`${stage.name} does not run by itself:\n${ending.output}`);
}

/** Every file and folder of a workspace, but links, sorted. What is in artifacts is told by their list of files. */
export async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** The files of an artifact that its list has, relative to the workspace, and the list itself. */
export async function filesOfArtifact(root: string, folder: string): Promise<string[]> {
  const { files } = JSON.parse(await readFile(join(root, folder, ARTIFACT_FILE), "utf8")) as {
    files: { path: string }[];
  };
  return [join(folder, ARTIFACT_FILE), ...files.map(({ path }) => join(folder, path))];
}
