import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { FerBenchError } from "@fer-bench/artifacts";
import {
  type ClusterSettings,
  describeSubmission,
  type PlannedTask,
  planTasks,
  type RawStates,
  readSettings,
  type Submission,
  submit as submitPlan,
} from "@fer-bench/cluster";
import { readManifest } from "@fer-bench/datasets";
import type { CommandContext } from "../context.ts";
import { loadBenchmark } from "../load-benchmark.ts";
import { rawDirOf } from "../load-dataset.ts";
import type { Workspace } from "../workspace.ts";

export interface SubmitOptions {
  readonly target: string;
  readonly dryRun: boolean;
  readonly partition?: string;
  readonly account?: string;
  /** More options of sbatch. */
  readonly sbatch: readonly string[];
}

const NOTHING = "nothing to run: all of it was in the cache, and is here now";

/** Submits to Slurm what Nx would run for some benchmarks. */
export async function submit(
  context: CommandContext,
  benchmarks: readonly string[],
  options: SubmitOptions,
): Promise<void> {
  const { workspace, print, json } = context;
  const words = [
    ...Object.entries({ partition: options.partition, account: options.account })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `--${name}=${value}`),
    ...options.sbatch,
  ];
  const request = await requestFor(workspace, options.target, benchmarks, words);
  if (request.plan.length === 0) {
    print(json ? JSON.stringify({ tasks: [] }) : NOTHING);
    return;
  }
  if (options.dryRun) print(await describeSubmission(request));
  else printSubmission(context, await submitPlan(request));
}

/** Submits what a submission still lacks, in a submission of its own; training goes on where it was interrupted. */
export async function resubmit(
  context: CommandContext,
  { benchmarks, target, options }: Submission,
): Promise<void> {
  const request = await requestFor(context.workspace, target, benchmarks, options);
  if (request.plan.length === 0) context.print(NOTHING);
  else printSubmission(context, await submitPlan(request));
}

async function requestFor(
  workspace: Workspace,
  target: string,
  benchmarks: readonly string[],
  options: readonly string[],
) {
  const { root } = workspace;
  for (const name of benchmarks) await loadBenchmark(workspace, name);
  const settings = await readSettings(root);
  const plan = await planTasks(root, target, benchmarks);
  const rawStates = await requireRawData(workspace, plan, settings);
  return { root, target, benchmarks, plan, settings, options, rawStates };
}

/**
 * The digests of the raw data that are here. Errors: `missing` where a planned task reads such data, and nodes do not see
 * them.
 */
async function requireRawData(
  workspace: Workspace,
  plan: readonly PlannedTask[],
  { sharedHome }: ClusterSettings,
): Promise<RawStates> {
  const { datasets } = await readManifest(workspace.manifest);
  const imported = Object.entries(datasets).filter(([, entry]) => !entry.generated);
  const unseen = plan.find(({ project }) => imported.some(([name]) => name === project));
  if (unseen && !sharedHome) {
    throw new FerBenchError("missing", `${unseen.id} reads raw data, which the nodes do not see`, {
      field: "sharedHome",
      remedy: `run it here first: npx nx run ${unseen.project}:preprocess`,
    });
  }
  const here = imported.map(([name, entry]) => [name, rawDirOf(workspace, name, entry)] as const);
  return Object.fromEntries(
    here
      .filter(([name, dir]) => dir === workspace.rawDir(name) && existsSync(dir))
      .map(([name]) => [name, rawState(workspace.root, name)]),
  );
}

/** As Nx has it worked out, for its hash of a task. */
function rawState(root: string, set: string): string {
  const args = ["tools/nx-plugin/raw-state.mjs", set];
  return execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }).trim();
}

function printSubmission({ print, json }: CommandContext, { id, tasks }: Submission): void {
  if (json) {
    print(JSON.stringify({ submission: id, tasks }, undefined, 2));
    return;
  }
  for (const { task, job } of tasks) print(`${job}\t${task}`);
  print(`submitted ${tasks.length} tasks as ${id}: fer-bench jobs ${id}`);
}
