import { setTimeout as sleep } from "node:timers/promises";
import { FerBenchError } from "@fer-bench/artifacts";
import { cancel, readStates, readSubmission, type TaskState } from "@fer-bench/cluster";
import type { CommandContext } from "../context.ts";
import { resubmit } from "./submit.ts";

export interface JobsOptions {
  readonly wait: boolean;
  readonly cancel: boolean;
  readonly resubmit: boolean;
}

/** Slurm's controller serves everybody: it is not asked more often. */
const POLL_MS = 5_000;

/** Shows a submission's tasks, their states and logs; or waits for, cancels or submits again what is not done. */
export async function jobs(
  context: CommandContext,
  id: string | undefined,
  options: JobsOptions,
): Promise<void> {
  const { workspace, print, json } = context;
  const submission = await readSubmission(workspace.root, id);
  let states = await readStates(submission);
  while (options.wait && states.some(isOpen)) {
    await sleep(POLL_MS);
    states = await readStates(submission);
  }
  if (options.cancel || options.resubmit) {
    const cancelled = await cancel(states);
    if (cancelled.length > 0) print(`cancelled ${cancelled.length} jobs`);
  }
  if (options.cancel) return;
  if (options.resubmit) return resubmit(context, submission);
  if (json) print(JSON.stringify({ submission: submission.id, tasks: states }, undefined, 2));
  else for (const line of table(states)) print(line);
  const missed = states.filter(({ state }) => state !== "done");
  if (options.wait && missed.length > 0) {
    throw new FerBenchError(
      "unavailable",
      `${missed.length} of ${states.length} tasks did not come to their end`,
      {
        file: missed[0]!.log,
        remedy: `read the log, then: fer-bench jobs ${submission.id} --resubmit`,
      },
    );
  }
}

function isOpen({ state }: TaskState): boolean {
  return state === "waiting" || state === "running";
}

function table(states: readonly TaskState[]): string[] {
  const lines = [
    ["state", "job", "node", "starts", "task", "log"],
    ...states.map(({ state, reason, job, node, starts, task, log }) => [
      reason && state !== "done" && state !== "running" ? `${state} (${reason})` : state,
      job,
      node ?? "",
      String(starts ?? ""),
      task,
      log,
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
