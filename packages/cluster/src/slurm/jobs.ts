import { stableStringify } from "@fer-bench/artifacts";
import type { PlannedTask } from "../plan.ts";
import type { Resources } from "./settings.ts";

/** A task and what it asks for. */
export interface SizedTask extends PlannedTask {
  readonly resources: Resources;
}

/** What one sbatch submits: a task, or an array of tasks that are alike. */
export interface Job {
  readonly stage: string;
  readonly resources: Resources;
  readonly tasks: readonly [SizedTask, ...SizedTask[]];
  /** What the job waits for: jobs by their place in the list, and of an array perhaps one element. */
  readonly after: readonly JobReference[];
}

export interface JobReference {
  readonly job: number;
  /** Undefined for all of it. */
  readonly element?: number;
}

/** Slurm's own default of MaxArraySize is 1001, and counts from 0. */
const LARGEST_ARRAY = 1000;

/**
 * One job for each task, and one array for those of one stage that wait for the same and ask for the same. Tasks come after
 * those that they wait for, and so do jobs.
 */
export function groupIntoJobs(tasks: readonly SizedTask[]): Job[] {
  const groups = new Map<string, SizedTask[]>();
  for (const task of tasks) {
    const key = stableStringify([task.stage, task.resources, task.after]);
    groups.set(key, [...(groups.get(key) ?? []), task]);
  }
  const arrays = [...groups.values()].flatMap(inPieces);
  const place = new Map<string, Required<JobReference>>();
  arrays.forEach((array, job) => {
    array.forEach(({ id }, element) => void place.set(id, { job, element }));
  });
  return arrays.map((array) => {
    const [{ stage, resources, after }] = array;
    return {
      stage,
      resources,
      tasks: array,
      after: references(
        after.map((id) => place.get(id)!),
        arrays,
      ),
    };
  });
}

function inPieces(group: SizedTask[]): [SizedTask, ...SizedTask[]][] {
  const pieces: [SizedTask, ...SizedTask[]][] = [];
  for (let i = 0; i < group.length; i += LARGEST_ARRAY) {
    const [first, ...others] = group.slice(i, i + LARGEST_ARRAY);
    pieces.push([first!, ...others]);
  }
  return pieces;
}

/** An array of which every element is waited for is waited for as a whole. */
function references(
  places: readonly Required<JobReference>[],
  arrays: readonly (readonly SizedTask[])[],
): JobReference[] {
  const byJob = new Map<number, number[]>();
  for (const { job, element } of places) byJob.set(job, [...(byJob.get(job) ?? []), element]);
  return [...byJob]
    .sort(([a], [b]) => a - b)
    .flatMap(([job, elements]): JobReference[] =>
      elements.length === arrays[job]!.length
        ? [{ job }]
        : elements.sort((a, b) => a - b).map((element) => ({ job, element })),
    );
}
