import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { resourcesOf } from "./resources.ts";
import { readSettings } from "./settings.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-resources-"));
});
afterEach(() => rm(root, { recursive: true }));

const taskAt = (folder: string) => ({
  id: "x",
  project: "x",
  stage: "train",
  outputs: [`artifacts/${folder}`],
  after: [],
});
async function ran(folder: string, wallSeconds: number, megabytes: number, threads: number): Promise<void> {
  const dir = join(root, "artifacts", folder);
  await mkdir(dir, { recursive: true });
  const provenance = { wallSeconds, peakMemoryBytes: megabytes * 1e6, threads };
  await writeFile(join(dir, "provenance.json"), JSON.stringify(provenance));
}

it("asks for what the settings say, else for what an earlier run took and a margin, else for the defaults", async () => {
  const settings = await readSettings(root);
  const task = taskAt("benchmarks/one/train");
  expect(await resourcesOf(root, task, settings)).toEqual(settings.defaults);
  await ran("benchmarks/one/train", 600, 1000, 8);
  // 600 s of 8 threads are 2,400 s of 2: three times as long, and what starting takes.
  expect(await resourcesOf(root, task, settings)).toEqual({ cpus: 2, memoryMB: 2000, minutes: 125, gpus: 0 });
  const configured = { ...settings, stages: { train: { cpus: 8, memoryMB: 64_000, gpus: 1 } } };
  expect(await resourcesOf(root, task, configured)).toEqual({
    cpus: 8,
    memoryMB: 64_000,
    minutes: 35,
    gpus: 1,
  });
});

it("takes a cell that has not run for the largest of its siblings", async () => {
  await ran("benchmarks/grid/a/train", 60, 1000, 2);
  await ran("benchmarks/grid/b/train", 120, 500, 2);
  const asked = await resourcesOf(root, taskAt("benchmarks/grid/c/train"), await readSettings(root));
  expect(asked).toMatchObject({ memoryMB: 2000, minutes: 11 });
});
