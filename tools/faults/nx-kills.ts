import { existsSync, type FSWatcher, watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createRandom, openArtifact, type Random, randomInt } from "@fer-bench/artifacts";
import {
  createSmallWorkspace,
  type NxRun,
  type SmallWorkspace,
  smallSyntheticSet,
} from "../test-support/small-workspace.ts";
import type { Part, PartOptions, PartResult } from "./part.ts";

const RUNS = 40;
const SET = "tiny";
const TASK = `${SET}:preprocess`;
const STAGES = ["generate", "prepare", "preprocess"] as const;
const CACHE = join(".nx", "cache");

/**
 * Nx killed at any moment of a chain of stages, among them those at which it writes its cache: the next run gives the
 * bytes of an undisturbed one, and so does one after it that has nothing but the cache.
 */
export const nxKills: Part = { name: "nx", run: killNx };

async function killNx({ runs = RUNS, seed, print }: PartOptions): Promise<PartResult> {
  const workspace = await createSmallWorkspace();
  const wrong: string[] = [];
  const counts = { killed: 0, finished: 0 };
  try {
    await workspace.writeJson("datasets.manifest.json", { datasets: { [SET]: smallSyntheticSet(1) } });
    const started = performance.now();
    mustFinish(await workspace.nx("run", TASK));
    const milliseconds = performance.now() - started;
    const right = await identities(workspace);
    for (let run = 0; run < runs; run++) {
      const random = createRandom("nx kills", seed, run);
      const { how, killed } = await disturb(workspace, random, milliseconds);
      counts[killed ? "killed" : "finished"] += 1;
      const name = `nx, ${run} of seed ${seed} (${how})`;
      const check = async (when: string, { status, output }: NxRun): Promise<void> => {
        const found = status === 0 ? await identities(workspace) : `status ${status}\n${output}`;
        if (found !== right) wrong.push(`${name}: ${when}, ${found}`);
      };
      await check("the next run", await workspace.nx("run", TASK));
      await workspace.removeFolder("artifacts");
      await check("from the cache", await workspace.nx("run", TASK));
      if (run % 5 === 4) print(`nx: ${run + 1} of ${runs} kills`);
    }
  } finally {
    await workspace.remove();
  }
  return {
    title: `Nx killed, seed ${seed}`,
    rows: [
      {
        fault: "SIGKILL of Nx, or of it and its tasks",
        runs,
        killed: counts.killed,
        "finished before": counts.finished,
        "right bytes": runs - new Set(wrong.map((line) => line.split(":")[0])).size,
        WRONG: wrong.length,
      },
    ],
    wrong,
  };
}

function mustFinish({ status, output }: NxRun): void {
  if (status !== 0) throw new Error(`Nx does not run by itself:\n${output}`);
}

/** Runs the chain from nothing and kills it on the way. */
async function disturb(
  workspace: SmallWorkspace,
  random: Random,
  milliseconds: number,
): Promise<{ how: string; killed: boolean }> {
  for (const folder of ["artifacts", ".nx"]) {
    if (existsSync(join(workspace.root, folder))) await workspace.removeFolder(folder);
  }
  const alone = random.next() < 0.4;
  const atWrite = random.next() < 0.6 ? 1 + randomInt(random, 6) : undefined;
  const time = random.next() * milliseconds;
  const { moment, stop } = await momentOf(workspace, atWrite, time);
  const { child, finished } = workspace.startNx("run", TASK);
  await Promise.race([moment, finished]);
  stop();
  const killed = child.exitCode === null;
  if (killed) process.kill(alone ? child.pid! : -child.pid!, "SIGKILL");
  await finished;
  const when = atWrite === undefined ? `after ${Math.round(time)} ms` : `at change ${atWrite} of its cache`;
  return { how: `${alone ? "Nx alone" : "Nx and its tasks"} killed ${when}`, killed };
}

async function momentOf(
  { root }: SmallWorkspace,
  atWrite: number | undefined,
  time: number,
): Promise<{ moment: Promise<void>; stop: () => void }> {
  if (atWrite === undefined) return { moment: wait(time), stop: () => {} };
  const cache = join(root, CACHE);
  await mkdir(cache, { recursive: true });
  let watcher: FSWatcher | undefined;
  const moment = new Promise<void>((done) => {
    let seen = 0;
    watcher = watch(cache, () => {
      seen += 1;
      if (seen === atWrite) done();
    });
  });
  return { moment, stop: () => watcher?.close() };
}

/** Of every stage, verified file by file. */
async function identities({ root }: SmallWorkspace): Promise<string> {
  const found: string[] = [];
  for (const stage of STAGES) {
    const dir = join(root, "artifacts", "datasets", SET, stage);
    const { identity } = await openArtifact(dir, stage).catch((error: Error) => ({
      identity: error.message,
    }));
    found.push(`${stage}: ${identity}`);
  }
  return found.join(", ");
}
