import { readFile } from "node:fs/promises";
import { runProgram } from "./run-program.ts";
import type { Submission, SubmittedTask } from "./submission.ts";

/** `lost`: Slurm has forgotten it, and it left no word of its end. */
export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled" | "lost";

export interface TaskState extends SubmittedTask {
  readonly state: JobState;
  readonly node: string | null;
  /** In Slurm's word, why it waits or how it ended. */
  readonly reason: string | null;
  /** How often it has begun; null where its node does not say. */
  readonly starts: number | null;
}

interface Told {
  readonly state: JobState;
  readonly node: string;
  readonly reason: string;
}

/** What Slurm and the tasks themselves say of a submission. */
export async function readStates({ tasks }: Submission): Promise<TaskState[]> {
  const queued = parseQueue(
    await runProgram("squeue", ["--me", "--noheader", "--array", "--states=all", "--format=%i|%T|%N|%r"]),
  );
  const unknown = tasks.filter(({ job }) => !queued.has(job));
  const accounted = unknown.length > 0 ? await readAccounting(unknown) : new Map<string, Told>();
  return Promise.all(
    tasks.map(async (task) => {
      const words = await readWords(task);
      const told = queued.get(task.job) ?? accounted.get(task.job);
      const state =
        told?.state ?? (words?.last === "done" ? "done" : words?.last === "failed" ? "failed" : "lost");
      return {
        ...task,
        state,
        node: told?.node || words?.node || null,
        reason: told?.reason || null,
        starts: words?.starts ?? (task.stateFile === null ? null : 0),
      };
    }),
  );
}

/** Lines of `id|STATE|nodes|reason`. */
export function parseQueue(text: string): Map<string, Told> {
  return new Map(
    text
      .split("\n")
      .filter((line) => line.includes("|"))
      .map((line) => {
        const [id = "", word = "", node = "", reason = ""] = line.split("|");
        return [id.trim(), { state: stateOf(word), node, reason: reason === "None" ? "" : reason }];
      }),
  );
}

/** Slurm's words for the states of jobs (squeue's manual, JOB STATE CODES). */
function stateOf(word: string): JobState {
  switch (word.trim().split(" ")[0]) {
    case "COMPLETED":
      return "done";
    case "CANCELLED":
      return "cancelled";
    case "PENDING":
    case "REQUEUED":
    case "REQUEUE_HOLD":
    case "REQUEUE_FED":
    case "SPECIAL_EXIT":
    case "SUSPENDED":
    case "PREEMPTED":
      return "waiting";
    case "RUNNING":
    case "CONFIGURING":
    case "COMPLETING":
    case "STAGE_OUT":
    case "SIGNALING":
    case "RESIZING":
    case "STOPPED":
      return "running";
    default:
      return "failed";
  }
}

/** A cluster without accounting has none to ask. */
async function readAccounting(tasks: readonly SubmittedTask[]): Promise<Map<string, Told>> {
  const ids = tasks.map(({ job }) => job).join(",");
  const args = [
    "--noheader",
    "--parsable2",
    "--allocations",
    `--jobs=${ids}`,
    "--format=JobID,State,NodeList,Reason",
  ];
  return parseQueue(await runProgram("sacct", args).catch(() => ""));
}

async function readWords({
  stateFile,
}: SubmittedTask): Promise<{ last: string; node: string; starts: number } | undefined> {
  const text = stateFile && (await readFile(stateFile, "utf8").catch(() => undefined));
  if (!text) return undefined;
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const [, node = "", last = ""] = lines.at(-1)!;
  return { last, node, starts: lines.filter(([, , word]) => word === "started").length };
}

/** Takes back what has not come to its end. */
export async function cancel(states: readonly TaskState[]): Promise<TaskState[]> {
  const open = states.filter(({ state }) => state === "waiting" || state === "running");
  if (open.length > 0)
    await runProgram(
      "scancel",
      open.map(({ job }) => job),
    );
  return open;
}
