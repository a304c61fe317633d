import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";

/** Where a workspace says what its cluster is like. */
export const SETTINGS_FILE = "cluster.json";

const resources = {
  /** Cores, and threads to compute with. */
  cpus: z.int().min(1),
  memoryMB: z.int().min(1),
  minutes: z.int().min(1),
  gpus: z.int().min(0),
};
const absolute = z.string().startsWith("/", "a folder is named from the root: /...");

const settingsSchema = z.strictObject({
  partition: z.string().min(1).optional(),
  account: z.string().min(1).optional(),
  qos: z.string().min(1).optional(),
  constraint: z.string().min(1).optional(),
  /** More options of sbatch, each a word of its own, such as `--exclude=n7`. */
  sbatch: z.array(z.string().startsWith("--", "an option begins with --")).default([]),
  /** Of every stage, where neither `stages` nor an earlier run says otherwise. */
  defaults: z
    .strictObject({
      cpus: resources.cpus.default(2),
      memoryMB: resources.memoryMB.default(4000),
      minutes: resources.minutes.default(60),
      gpus: resources.gpus.default(0),
    })
    .prefault({}),
  stages: z.record(z.string(), z.strictObject(resources).partial()).default({}),
  /** Whether nodes see this workspace's folder at the same path. */
  sharedHome: z.boolean().default(true),
  /** A folder of each node's own, where tasks work. */
  workFolder: absolute.default("/tmp"),
  /** Where training keeps what it goes on from; a folder that all nodes see lets it go on on another. */
  progressFolder: absolute.optional(),
  /** `link` the packages installed in this workspace, which takes a shared home, or `install` them with npm in each job. */
  modules: z.enum(["link", "install"]).optional(),
  /** How often a task that failed starts again. */
  retries: z.int().min(0).default(1),
});

export type ClusterSettings = z.output<typeof settingsSchema>;
export type Resources = ClusterSettings["defaults"];

/** The workspace's settings, or what holds where it has none. */
export async function readSettings(root: string): Promise<ClusterSettings> {
  const file = join(root, SETTINGS_FILE);
  return parseConfig(settingsSchema, existsSync(file) ? await readJson(file) : {}, file);
}
