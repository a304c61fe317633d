import { existsSync } from "node:fs";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FerBenchError, parseConfig, readJson, temporaryPath } from "@fer-bench/artifacts";
import { z } from "zod";

/*
 * What was submitted: jobs/<id>/submission.json says which task is which job of Slurm's, and where its log is; beside it
 * lie the snapshot and, where nodes see the folder, logs and states.
 */

const submissionSchema = z.object({
  format: z.literal("fer-bench/submission"),
  version: z.literal(1),
  id: z.string(),
  /** ISO 8601 */
  submittedAt: z.string(),
  benchmarks: z.array(z.string()),
  /** The stage that was asked of them. */
  target: z.string(),
  options: z.array(z.string()),
  tasks: z.array(
    z.object({
      task: z.string(),
      after: z.array(z.string()),
      /** `<id>`, or of an array `<id>_<element>`. */
      job: z.string(),
      /** On its node, where that is no folder of this machine's. */
      log: z.string(),
      /** Null where no node can write it. */
      stateFile: z.string().nullable(),
    }),
  ),
});

export type Submission = z.output<typeof submissionSchema>;
export type SubmittedTask = Submission["tasks"][number];

export const submissionsDir = (root: string): string => join(root, "jobs");

/** A name that sorts by time, and that nobody else has: from its time, and letters of chance. */
export async function createSubmissionDir(root: string): Promise<{ id: string; dir: string }> {
  await mkdir(submissionsDir(root), { recursive: true });
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  for (let n = 1; ; n++) {
    const id = n === 1 ? stamp : `${stamp}-${n}`;
    const dir = join(submissionsDir(root), id);
    const made = await mkdir(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return error;
    });
    if (made === undefined) return { id, dir };
  }
}

export async function writeSubmission(dir: string, submission: Submission): Promise<void> {
  const partial = temporaryPath(dir, "submission.json");
  await writeFile(partial, `${JSON.stringify(submission, undefined, 2)}\n`);
  await rename(partial, join(dir, "submission.json"));
}

/** The submissions of a workspace, oldest first. */
export async function listSubmissions(root: string): Promise<string[]> {
  const names = await readdir(submissionsDir(root)).catch(() => []);
  return names.filter((name) => existsSync(join(submissionsDir(root), name, "submission.json"))).sort();
}

/** A submission by its name, or the last. Errors: `missing` where there is none. */
export async function readSubmission(root: string, id?: string): Promise<Submission> {
  const known = await listSubmissions(root);
  const chosen = id ?? known.at(-1);
  if (chosen === undefined || !known.includes(chosen)) {
    const what =
      id === undefined ? "nothing was submitted from this workspace" : `there is no submission "${id}"`;
    throw new FerBenchError("missing", what, {
      file: submissionsDir(root),
      remedy:
        known.length > 0 ? `known: ${known.join(", ")}` : "submit a benchmark: fer-bench submit <benchmark>",
    });
  }
  const file = join(submissionsDir(root), chosen, "submission.json");
  return parseConfig(submissionSchema, await readJson(file), file);
}
