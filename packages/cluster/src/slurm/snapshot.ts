import { lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FerBenchError, sha256File, stableStringify, temporaryPath } from "@fer-bench/artifacts";
import { runProgram } from "./run-program.ts";

export interface Snapshot {
  readonly path: string;
  readonly sha256: string;
}

/** Digests of the raw data of sets, by set: what stands in for those data where they are not. */
export type RawStates = Readonly<Record<string, string>>;

/** In a snapshot; tools/nx-plugin/raw-state.mjs reads it. */
const RAW_STATES_FILE = "data/raw-states.json";

/**
 * Packs the files of a workspace that version control knows or would take, as they are now: no data, no artifacts. The
 * same files give the same bytes.
 */
export async function packWorkspace(root: string, out: string, rawStates: RawStates): Promise<Snapshot> {
  const names = await filesOf(root);
  await mkdir(dirname(out), { recursive: true });
  const beside = await mkdtemp(join(tmpdir(), "fer-bench-states-"));
  const partial = temporaryPath(dirname(out), "workspace");
  try {
    await mkdir(dirname(join(beside, RAW_STATES_FILE)));
    await writeFile(join(beside, RAW_STATES_FILE), `${stableStringify(rawStates)}\n`);
    const same = ["--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rw,go-w"];
    const list = ["--null", "--no-recursion", "--verbatim-files-from", "--files-from=-"];
    await runProgram(
      "tar",
      [
        "--create",
        "--use-compress-program=gzip -n",
        ...same,
        `--file=${partial}`,
        "-C",
        beside,
        RAW_STATES_FILE,
        "-C",
        root,
        ...list,
      ],
      { input: names.map((name) => `${name}\0`).join("") },
    );
    await rename(partial, out);
  } finally {
    await rm(partial, { force: true });
    await rm(beside, { recursive: true });
  }
  return { path: out, sha256: await sha256File(out) };
}

async function filesOf(root: string): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = await runProgram("git", args, { cwd: root }).catch((cause: unknown) => {
    throw new FerBenchError("missing", "version control does not know this workspace", {
      file: root,
      remedy: "run git init there: git says which files the nodes need",
      cause,
    });
  });
  const names = [...new Set(listed.split("\0").filter((name) => name !== ""))].sort();
  const present = await Promise.all(names.map((name) => lstat(join(root, name)).catch(() => undefined)));
  return names.filter((_, i) => present[i] !== undefined);
}

/** Stores a snapshot in the shared cache, under a name made of what it holds, which it gives. */
export async function shareSnapshot(
  { path, sha256 }: Snapshot,
  server: string,
  token: string,
): Promise<string> {
  const name = `workspace-${sha256}`;
  const refused = (why: string, cause?: unknown) =>
    new FerBenchError("unavailable", `the shared cache at ${server} does not take the workspace: ${why}`, {
      remedy: "start it with fer-bench cache serve, and give a token that may write",
      cause,
    });
  const answer = await fetch(new URL(`/v1/cache/${name}`, server), {
    method: "PUT",
    headers: { authorization: `Bearer ${token}` },
    body: new Uint8Array(await readFile(path)),
  }).catch((cause: Error) => {
    throw refused(String((cause.cause as Error | undefined)?.message ?? cause.message), cause);
  });
  // 409 where the same files were submitted before.
  if (!answer.ok && answer.status !== 409) throw refused(`status ${answer.status}`);
  return name;
}
