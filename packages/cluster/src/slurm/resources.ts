import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { PlannedTask } from "../plan.ts";
import type { ClusterSettings, Resources } from "./settings.ts";

/** Of a stage's provenance.json, what says how much it takes. */
const provenanceSchema = z.object({
  wallSeconds: z.number().nonnegative(),
  peakMemoryBytes: z.number().positive(),
  threads: z.number().positive().optional(),
});
type Measured = z.output<typeof provenanceSchema>;

/** An earlier run may have had a faster machine, and little else beside it. */
const TIME_MARGIN = 3;
const MEMORY_MARGIN = 1.5;
/** Restoring inputs, starting Nx. */
const OVERHEAD_MINUTES = 5;
const OVERHEAD_MB = 500;

/**
 * What a task asks for: as the settings say of its stage, else estimated from earlier runs of it, or of the same stage in
 * another cell of its grid, else the settings' defaults.
 */
export async function resourcesOf(
  root: string,
  task: PlannedTask,
  { defaults, stages }: ClusterSettings,
): Promise<Resources> {
  const configured = stages[task.stage] ?? {};
  const measured = await earlierRuns(root, task);
  const cpus = configured.cpus ?? defaults.cpus;
  return { ...defaults, ...(measured && estimate(measured, cpus)), ...configured };
}

/** Memory as much as the largest took, time as long as the longest, were its threads' work done by `cpus`. */
function estimate(measured: readonly Measured[], cpus: number): Pick<Resources, "memoryMB" | "minutes"> {
  const seconds = measured.map(
    ({ wallSeconds, threads = 1 }) => (wallSeconds * Math.max(threads, cpus)) / cpus,
  );
  const megabytes = measured.map(({ peakMemoryBytes }) => peakMemoryBytes / 1e6);
  return {
    memoryMB: Math.ceil((MEMORY_MARGIN * Math.max(...megabytes) + OVERHEAD_MB) / 100) * 100,
    minutes: Math.ceil((TIME_MARGIN * Math.max(...seconds)) / 60) + OVERHEAD_MINUTES,
  };
}

/** Provenance of the task itself, else of all its siblings; undefined where there is none. */
async function earlierRuns(root: string, { outputs }: PlannedTask): Promise<Measured[] | undefined> {
  const [output] = outputs;
  if (output === undefined) return undefined;
  const own = await readProvenance(join(root, output));
  if (own) return [own];
  const [top, kind, benchmark, cell, stage] = output.split("/");
  if (stage === undefined) return undefined;
  const siblings = await readdir(join(root, top!, kind!, benchmark!)).catch(() => []);
  const found = await Promise.all(
    siblings
      .filter((name) => name !== cell)
      .map((name) => readProvenance(join(root, top!, kind!, benchmark!, name, stage))),
  );
  const measured = found.filter((one) => one !== undefined);
  return measured.length > 0 ? measured : undefined;
}

async function readProvenance(dir: string): Promise<Measured | undefined> {
  const text = await readFile(join(dir, "provenance.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return provenanceSchema.safeParse(JSON.parse(text)).data;
}
