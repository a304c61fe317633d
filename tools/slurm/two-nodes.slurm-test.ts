import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CacheProcess, startCache } from "../test-support/cache-server.ts";
import {
  createSmallWorkspace,
  type SmallWorkspace,
  smallSyntheticSet,
} from "../test-support/small-workspace.ts";

const exec = promisify(execFile);
const cluster = fileURLToPath(new URL("./two-nodes.sh", import.meta.url));
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const cells = SEEDS.map((seed) => `grid/seed-${seed}`);

let dir: string;
let cache: CacheProcess;
/** What a user of the cluster has in the environment. */
let env: Record<string, string>;
const workspaces: SmallWorkspace[] = [];

interface Task {
  task: string;
  job: string;
  state: string;
  node: string | null;
  log: string;
  starts: number | null;
}

beforeAll(async () => {
  const missing = ["slurmctld", "slurmd", "sbatch", "munged"].filter(
    (name) => spawnSync("which", [name]).status !== 0,
  );
  if (missing.length > 0 || process.getuid?.() !== 0) {
    throw new Error(
      `this test starts a Slurm of its own, as root${missing.length > 0 ? `; ${missing.join(", ")} is missing` : ""}. ` +
        "On Debian and Ubuntu: apt-get install slurm-wlm munge",
    );
  }
  dir = await mkdtemp(join(tmpdir(), "fer-bench-slurm-"));
  // Munge runs as a user of its own.
  await chmod(dir, 0o711);
  await exec(cluster, ["start", join(dir, "slurm")]);
  cache = await startCache(dir);
  env = { ...cache.env, SLURM_CONF: join(dir, "slurm", "slurm.conf"), FER_BENCH_THREADS: "1" };
});
afterAll(async () => {
  await exec(cluster, ["stop", join(dir, "slurm")]);
  await cache?.end();
  for (const workspace of workspaces) await workspace.remove();
  await rm(dir, { recursive: true, force: true });
});

/** The same small grid in every workspace: a network trained with eight seeds on 14 pictures. */
async function checkout(settings?: Record<string, unknown>): Promise<SmallWorkspace> {
  const workspace = await createSmallWorkspace();
  workspaces.push(workspace);
  const set = smallSyntheticSet(1);
  await workspace.writeJson("datasets.manifest.json", { datasets: { small: set } });
  await workspace.writeJson("benchmarks/grid/benchmark.json", {
    title: "Seeds",
    source: "small",
    targets: ["small"],
    backbone: "efficientnetv2-48.random",
    train: { mode: "finetune", epochs: 16, batchSize: 7 },
    report: { tsne: { points: 7, perplexity: 2 }, umap: { points: 7, neighbours: 3 } },
    grid: { "train.seed": SEEDS },
  });
  await exec("git", ["init", "--quiet"], { cwd: workspace.root });
  // Here, packages' own libraries are links, which the pattern with a slash at its end does not match.
  await workspace.writeText(".git/info/exclude", "node_modules\n");
  if (settings) await workspace.writeJson("cluster.json", settings);
  return workspace;
}

/** Without retries, so that a job that is killed stays so. */
const SMALL = { defaults: { cpus: 1, memoryMB: 1900, minutes: 30 }, retries: 0 };

async function tasksOf(workspace: SmallWorkspace): Promise<Task[]> {
  const { output } = await workspace.fer(env, "--json", "jobs");
  return JSON.parse(output).tasks;
}

const slurm = (command: string, ...args: string[]) =>
  exec(command, args, { env: { ...process.env, ...env } });

/** The files of a finished grid that say what it came to; provenance and events hold times. */
async function results(workspace: SmallWorkspace): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const folders = [...cells.flatMap((cell) => [`${cell}/train`, `${cell}/evaluate`]), "grid/report/tables"];
  for (const folder of folders) {
    const path = join(workspace.root, "artifacts", "benchmarks", folder);
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      const isResult = entry.isFile() && !file.includes("tensorboard") && entry.name !== "provenance.json";
      if (isResult) found.set(file.slice(workspace.root.length), await readFile(file));
    }
  }
  return found;
}

describe("a grid on a Slurm of two nodes", () => {
  let submitted: SmallWorkspace;
  let local: SmallWorkspace;

  it("prints what it would submit, and submits nothing", async () => {
    submitted = await checkout(SMALL);
    const { status, output } = await submitted.fer(env, "submit", "grid", "--dry-run", "--partition", "main");
    expect(status, output).toBe(0);
    expect(output).toContain("# job 1 of ");
    expect(output).toMatch(
      /^sbatch --parsable --job-name=grid:train .*--array=0-7 '--dependency=afterok:<job 3>' /m,
    );
    expect(output).toContain("--partition=main");
    expect(existsSync(join(submitted.root, "jobs"))).toBe(false);
    expect((await slurm("squeue", "--noheader")).stdout).toBe("");
  });

  it("runs it on both, goes on from the checkpoint of a job that was killed, and after a preemption", async () => {
    const { status, output } = await submitted.fer(env, "submit", "grid");
    expect(status, output).toBe(0);
    const progress = join(submitted.root, "jobs", "progress");
    /** The first training that has something to go on from, of any other than one. */
    const underWay = async (other?: Task): Promise<Task> => {
      for (;;) {
        const names = await readdir(progress).catch(() => []);
        const found = names
          .filter((name) => !name.startsWith("."))
          .map((name) => `${decodeURIComponent(name.replace(".resume.safetensors", ""))}:train`)
          .find((name) => name !== other?.task);
        if (found !== undefined) return tasks.find(({ task }) => task === found)!;
        await sleep(100);
      }
    };
    // Read at once: `fer-bench jobs` takes longer than the training.
    const [id] = (await readdir(join(submitted.root, "jobs"))).filter((name) => name !== "progress");
    const { tasks } = JSON.parse(await submitted.readText(`jobs/${id}/submission.json`)) as { tasks: Task[] };

    const killed = await underWay();
    await slurm("scancel", "--signal=KILL", "--full", killed.job);
    const preempted = await underWay(killed);
    await slurm("scontrol", "requeue", preempted.job);

    const waited = await submitted.fer(env, "jobs", "--wait");
    expect(waited.status, waited.output).toBe(69);
    const first = await tasksOf(submitted);
    const ofCell = ({ task }: Task) => task.startsWith(killed.task.split(":")[0]!);
    const undone = first.filter(({ state }) => state !== "done");
    expect(undone.map(({ task }) => task).sort()).toEqual(
      [...first.filter(ofCell).map(({ task }) => task), "grid:report"].sort(),
    );
    // Slurm forgets a job five minutes after its end.
    expect(first.find(({ task }) => task === killed.task)!.state).toMatch(/^(failed|cancelled|lost)$/);
    expect(first.find(({ task }) => task === preempted.task)!.starts).toBe(2);
    expect(new Set(first.map(({ node }) => node).filter(Boolean))).toEqual(new Set(["n1", "n2"]));

    const again = await submitted.fer(env, "jobs", "--resubmit");
    expect(again.status, again.output).toBe(0);
    const rest = await submitted.fer(env, "jobs", "--wait");
    expect(rest.status, rest.output).toBe(0);
    const second = await tasksOf(submitted);
    expect(second.map(({ task }) => task).sort()).toEqual(undone.map(({ task }) => task).sort());
    const trained = second.find(({ task }) => task === killed.task)!;
    expect(await readFile(trained.log, "utf8")).toContain("goes on at epoch");
    expect(await readFile(preempted.log, "utf8")).toContain("goes on at epoch");

    const restored = await submitted.nxWith(env, "run", "grid:report");
    expect(restored, restored.output).toMatchObject({ status: 0, ran: [] });
    expect((await submitted.fer(env, "submit", "grid")).output).toContain("nothing to run");
  });

  it("leaves the very bytes of the same grid on one machine", async () => {
    local = await checkout();
    const { status, output } = await local.nxWith({ FER_BENCH_THREADS: "1" }, "run", "grid:report");
    expect(status, output).toBe(0);
    const [there, here] = [await results(submitted), await results(local)];
    expect([...there.keys()].sort()).toEqual([...here.keys()].sort());
    expect(there.size).toBeGreaterThan(8 * 6);
    const different = [...there]
      .filter(([file, bytes]) => !bytes.equals(here.get(file)!))
      .map(([file]) => file);
    expect(different).toEqual([]);
  });

  it("leaves nothing half-written where it is cancelled", async () => {
    const workFolder = join(dir, "scratch");
    await mkdir(workFolder);
    const workspace = await checkout({ ...SMALL, workFolder });
    await workspace.writeText("packages/train/src/more.ts", "export {};\n");
    const { status, output } = await workspace.fer(env, "submit", "grid", "--target", "train");
    expect(status, output).toBe(0);
    await expect
      .poll(async () => (await tasksOf(workspace)).some(({ state }) => state === "running"), {
        timeout: 600_000,
      })
      .toBe(true);
    await workspace.fer(env, "jobs", "--cancel");
    await expect
      .poll(
        async () =>
          (await tasksOf(workspace)).every(({ state }) => state !== "running" && state !== "waiting"),
        { timeout: 120_000 },
      )
      .toBe(true);
    expect((await slurm("squeue", "--noheader")).stdout).toBe("");
    expect(await readdir(workFolder)).toEqual([]);
    const uploads = await readdir(join(dir, "cache"));
    expect(uploads.filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("needs no folder that all nodes see", async () => {
    const workFolder = join(dir, "nodes");
    await mkdir(workFolder);
    // Installed at the same path on every node.
    const workspace = await checkout({ ...SMALL, sharedHome: false, modules: "link", workFolder });
    await workspace.writeJson("benchmarks/other/benchmark.json", {
      title: "Pixels",
      source: "small",
      targets: ["small"],
      backbone: "pixels",
      train: { head: { hidden: null }, epochs: 2 },
    });
    const prepared = await workspace.nxWith(env, "run", "small:preprocess");
    expect(prepared.status, prepared.output).toBe(0);
    const { status, output } = await workspace.fer(env, "submit", "other", "--target", "evaluate");
    expect(status, output).toBe(0);
    expect((await workspace.fer(env, "jobs", "--wait")).status).toBe(0);
    const tasks = await tasksOf(workspace);
    expect(tasks.map(({ task }) => task)).toEqual(
      ["features", "train", "evaluate"].map((stage) => `other:${stage}`),
    );
    expect(tasks.every(({ log }) => log.startsWith(workFolder))).toBe(true);
    expect(existsSync(join(workspace.root, "artifacts", "benchmarks"))).toBe(false);
    expect(await workspace.nxWith(env, "run", "other:evaluate")).toMatchObject({ status: 0, ran: [] });
  });
});
