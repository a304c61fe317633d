import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import type { PlannedTask } from "../plan.ts";
import { jobScript, type SnapshotPlace } from "./job-script.ts";
import { groupIntoJobs, type Job, type SizedTask } from "./jobs.ts";
import { resourcesOf } from "./resources.ts";
import { runProgram } from "./run-program.ts";
import type { ClusterSettings, Resources } from "./settings.ts";
import { quote } from "./shell.ts";
import { packWorkspace, type RawStates, shareSnapshot } from "./snapshot.ts";
import {
  createSubmissionDir,
  type Submission,
  type SubmittedTask,
  submissionsDir,
  writeSubmission,
} from "./submission.ts";

export interface SubmitRequest {
  readonly root: string;
  readonly benchmarks: readonly string[];
  /** The stage that is asked of them. */
  readonly target: string;
  readonly plan: readonly PlannedTask[];
  readonly settings: ClusterSettings;
  /** More options of sbatch, after those of the settings. */
  readonly options: readonly string[];
  readonly rawStates: RawStates;
}

const SERVER = "NX_SELF_HOSTED_REMOTE_CACHE_SERVER";
const TOKEN = "NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN";

/** What jobs get of the submitter's environment; values are not in the command, where others could read them. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "LANG",
  SERVER,
  TOKEN,
  "FER_BENCH_PRIVATE_CACHE",
  "FER_BENCH_CACHE",
  "FER_BENCH_DOWNLOADS_DIR",
  "FER_BENCH_WEIGHTS_DIR",
  "XDG_CACHE_HOME",
  "HTTPS_PROXY",
  "NO_PROXY",
];

/**
 * Submits a job for each planned task. Errors: `missing` without a shared cache; where sbatch refuses one, those before it
 * are taken back.
 */
export async function submit(request: SubmitRequest): Promise<Submission> {
  const { root, benchmarks, target, options } = request;
  const { server, token } = sharedCache();
  const jobs = groupIntoJobs(await sized(request));
  const { id, dir } = await createSubmissionDir(root);
  const ids: string[] = [];
  try {
    const snapshot = await placeSnapshot(request, join(dir, "workspace.tgz"), server, token);
    for (const folder of ["logs", "states"]) await mkdir(join(dir, folder));
    await mkdir(progressFolder(request), { recursive: true }).catch(() => {});
    for (const place of jobs.keys()) {
      const { args, script } = describeJob(request, { id, dir, jobs, place, ids, snapshot });
      await writeFile(join(dir, `job-${place + 1}.sh`), script);
      ids.push((await runProgram("sbatch", args, { input: script })).trim().split(";")[0]!);
    }
    const submission: Submission = {
      format: "fer-bench/submission",
      version: 1,
      id,
      submittedAt: new Date().toISOString(),
      benchmarks: [...benchmarks],
      target,
      options: [...options],
      tasks: jobs.flatMap((job, place) =>
        submittedTasks(request, { id, dir, job, place, slurmId: ids[place]! }),
      ),
    };
    await writeSubmission(dir, submission);
    return submission;
  } catch (error) {
    if (ids.length > 0) await runProgram("scancel", ids).catch(() => {});
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** The commands and scripts that would be submitted, as a shell would take them. */
export async function describeSubmission(request: SubmitRequest): Promise<string> {
  const jobs = groupIntoJobs(await sized(request));
  const id = "<submission>";
  const dir = join(submissionsDir(request.root), id);
  const ids = jobs.map((_, place) => `<job ${place + 1}>`);
  const sha256 = "<sha256>";
  const snapshot: SnapshotPlace = request.settings.sharedHome
    ? { kind: "file", path: join(dir, "workspace.tgz"), sha256 }
    : { kind: "cache", name: "workspace-<sha256>", sha256 };
  return jobs
    .map((job, place) => {
      const { args, script } = describeJob(request, { id, dir, jobs, place, ids, snapshot });
      const count = job.tasks.length > 1 ? `array of ${job.tasks.length}` : "a task";
      return `# job ${place + 1} of ${jobs.length}: ${job.stage}, ${count}\nsbatch ${args.map(quote).join(" ")} <<'END'\n${script}END\n`;
    })
    .join("\n");
}

function sharedCache(): { server: string; token: string } {
  const server = process.env[SERVER];
  if (server) return { server, token: process.env[TOKEN] ?? "" };
  throw new FerBenchError("missing", "jobs share their results through a cache, and none is named", {
    field: SERVER,
    remedy: "start one that all nodes can reach with fer-bench cache serve, and set what it prints",
  });
}

/** What tasks ask for; those of one stage of a benchmark's cells the same, so that they can be one array. */
async function sized({ root, plan, settings }: SubmitRequest): Promise<SizedTask[]> {
  const asked = await Promise.all(plan.map((task) => resourcesOf(root, task, settings)));
  const kindOf = ({ project, stage }: PlannedTask) => `${project.split("/")[0]}:${stage}`;
  const largest = new Map<string, Resources>();
  plan.forEach((task, i) => {
    const one = asked[i]!;
    const before = largest.get(kindOf(task)) ?? one;
    largest.set(kindOf(task), {
      ...one,
      memoryMB: Math.max(one.memoryMB, before.memoryMB),
      minutes: Math.max(one.minutes, before.minutes),
    });
  });
  return plan.map((task) => ({ ...task, resources: largest.get(kindOf(task))! }));
}

async function placeSnapshot(
  { root, settings, rawStates }: SubmitRequest,
  path: string,
  server: string,
  token: string,
): Promise<SnapshotPlace> {
  const snapshot = await packWorkspace(root, path, rawStates);
  if (settings.sharedHome) return { kind: "file", ...snapshot };
  return { kind: "cache", name: await shareSnapshot(snapshot, server, token), sha256: snapshot.sha256 };
}

interface Placed {
  readonly id: string;
  readonly dir: string;
  readonly jobs: readonly Job[];
  readonly place: number;
  /** Slurm's names of the jobs before. */
  readonly ids: readonly string[];
  readonly snapshot: SnapshotPlace;
}

function describeJob(
  request: SubmitRequest,
  { id, dir, jobs, place, ids, snapshot }: Placed,
): { args: string[]; script: string } {
  const { root, settings, options } = request;
  const job = jobs[place]!;
  const { cpus, memoryMB, minutes, gpus } = job.resources;
  const after = job.after.map(({ job: other, element }) =>
    element === undefined ? ids[other]! : `${ids[other]}_${element}`,
  );
  const { partition, account, qos, constraint } = settings;
  const named = Object.entries({ partition, account, qos, constraint }).filter(
    ([, value]) => value !== undefined,
  );
  const passed = PASSED_ON.filter((name) => process.env[name] !== undefined);
  const args = [
    "--parsable",
    `--job-name=${jobName(request.benchmarks, job)}`,
    "--nodes=1",
    "--ntasks=1",
    `--cpus-per-task=${cpus}`,
    `--mem=${memoryMB}M`,
    `--time=${minutes}`,
    ...(gpus > 0 ? [`--gpus=${gpus}`] : []),
    ...(job.tasks.length > 1 ? [`--array=0-${job.tasks.length - 1}`] : []),
    ...(after.length > 0 ? [`--dependency=afterok:${after.join(":")}`, "--kill-on-invalid-dep=yes"] : []),
    "--requeue",
    "--open-mode=append",
    "--chdir=/",
    `--output=${logPattern(request, dir, place, job)}`,
    `--export=${passed.join(",")}`,
    ...named.map(([option, value]) => `--${option}=${value}`),
    ...settings.sbatch,
    ...options,
  ];
  const script = jobScript({
    submission: id,
    job,
    snapshot,
    settings,
    root,
    progressFolder: progressFolder(request),
    stateFiles: settings.sharedHome
      ? job.tasks.map((_, element) => stateFile(dir, place, element))
      : undefined,
  });
  return { args, script };
}

function submittedTasks(
  request: SubmitRequest,
  { dir, job, place, slurmId }: { id: string; dir: string; job: Job; place: number; slurmId: string },
): SubmittedTask[] {
  return job.tasks.map(({ id, after }, element) => ({
    task: id,
    after: [...after],
    job: job.tasks.length > 1 ? `${slurmId}_${element}` : slurmId,
    log: logPattern(request, dir, place, job)
      .replaceAll("%A", slurmId)
      .replaceAll("%j", slurmId)
      .replaceAll("%a", String(element))
      .replaceAll("%%", "%"),
    stateFile: request.settings.sharedHome ? stateFile(dir, place, element) : null,
  }));
}

/** Slurm replaces what follows a % in it. */
function logPattern({ settings }: SubmitRequest, dir: string, place: number, job: Job): string {
  const literal = (text: string) => text.replaceAll("%", "%%");
  const name = job.tasks.length > 1 ? "%A_%a" : "%j";
  return settings.sharedHome
    ? literal(join(dir, "logs", `job-${place + 1}-`)).concat(`${name}.log`)
    : literal(join(settings.workFolder, "fer-bench-")).concat(`${name}.log`);
}

const stateFile = (dir: string, place: number, element: number) =>
  join(dir, "states", `job-${place + 1}-${element}`);

function progressFolder({ root, settings }: SubmitRequest): string {
  if (settings.progressFolder !== undefined) return settings.progressFolder;
  return settings.sharedHome
    ? join(submissionsDir(root), "progress")
    : join(settings.workFolder, "fer-bench-progress");
}

/** Words that no list of jobs can take amiss. */
function jobName(benchmarks: readonly string[], { stage, tasks: [first] }: Job): string {
  const of = first.project.split("/")[0] ?? benchmarks[0];
  return `${of}:${stage}`.replaceAll(/[^A-Za-z0-9._:-]/g, "_");
}
