/*
 * npm run bench:scale -- [--sizes 10000,100000,1000000] [--folder data/scale] [--out docs]
 *
 * Runs every stage on data sets of these sizes, each as a process of its own, and measures its processor time (all
 * threads together: other work on the machine does not count) and its peak memory. Results go to <out>/scale.json as
 * each size is done, beside those of other sizes that are there; the curve to <out>/scale.svg. A million samples take
 * 15 GB in the folder, which is emptied afterwards.
 */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine, openArtifact } from "@fer-bench/artifacts";
import { type ScaleResult, type StageCost, scaleFigure } from "./scale-figure.ts";
import { CLASSES, labelOf, repeatedImages, splitOf } from "./stream-set.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "10000,100000,1000000" },
    folder: { type: "string", default: join("data", "scale") },
    out: { type: "string", default: "docs" },
  },
});
const SET = "stream";
const BENCHMARK = "head";
const STAGES = [
  ...(["generate", "prepare", "preprocess", "describe"] as const).map((stage) => [stage, SET] as const),
  ...(["features", "train", "evaluate", "report"] as const).map((stage) => [stage, BENCHMARK] as const),
];
const main = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const here = (name: string) => new URL(name, import.meta.url).href;

await mkdir(values.out, { recursive: true });
const resultsFile = join(values.out, "scale.json");
for (const size of values.sizes.split(",").map(Number)) {
  const result = await measure(size);
  const others = (await readResults()).filter((other) => other.samples !== size);
  const all = [...others, result].sort((a, b) => a.samples - b.samples);
  await writeFile(resultsFile, `${JSON.stringify(all, undefined, 2)}\n`);
  const { svg } = await scaleFigure(all);
  await writeFile(join(values.out, "scale.svg"), svg);
}

async function readResults(): Promise<ScaleResult[]> {
  return JSON.parse(await readFile(resultsFile, "utf8").catch(() => "[]")) as ScaleResult[];
}

async function measure(samples: number): Promise<ScaleResult> {
  const root = resolve(values.folder, `${samples}`);
  await writeWorkspace(root, samples);
  const stages: StageCost[] = [];
  for (const [stage, of] of STAGES) {
    const usage = join(root, "usage.json");
    const flags = ["--conditions=@fer-bench/source", "--import", import.meta.resolve("tsx")];
    const program = [...flags, "--import", here("report-usage.mjs"), main, "--quiet", "--threads", "2"];
    const { status } = spawnSync(process.execPath, [...program, "--workspace", root, stage, of], {
      env: { ...process.env, FER_BENCH_USAGE: usage },
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`${stage} of ${samples} samples ended with ${status}`);
    const cost = { stage, ...(JSON.parse(await readFile(usage, "utf8")) as Omit<StageCost, "stage">) };
    stages.push(cost);
    process.stderr.write(
      `${samples} ${stage}: ${cost.cpuSeconds.toFixed(1)} s, ${Math.round(cost.peakBytes / 1e6)} MB\n`,
    );
  }
  await checkRepeats(root, samples);
  const { cpu, cores, node } = describeMachine();
  const largest = await largestFile(root);
  await rm(root, { recursive: true });
  return { samples, machine: `${cpu}, ${cores} cores, Node ${node}`, largestFileBytes: largest, stages };
}

async function writeWorkspace(root: string, samples: number): Promise<void> {
  const counts: Record<string, Record<string, number>> = {};
  for (const split of ["train", "validation", "test"]) {
    counts[split] = Object.fromEntries(CLASSES.map((label) => [label, 0]));
  }
  for (let i = 0; i < samples; i++) counts[splitOf(i)]![labelOf(i)]! += 1;
  const manifest = {
    datasets: {
      [SET]: {
        package: here("stream-set.ts"),
        title: "A stream of pictures",
        licence: { name: "MIT", redistributable: true },
        citation: "Computed.",
        source: { howToGet: "Computed by its package." },
        generated: true,
        classes: CLASSES,
        channels: 1,
        options: { count: samples },
        face: { kind: "whole" },
        expected: { counts },
      },
    },
  };
  const benchmark = {
    title: "A head on pixels",
    source: SET,
    targets: [SET],
    backbone: "pixels",
    train: { head: { hidden: 16 }, epochs: 1, batchSize: 256 },
  };
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, "benchmarks", BENCHMARK), { recursive: true });
  await writeFile(join(root, "datasets.manifest.json"), JSON.stringify(manifest));
  await writeFile(join(root, "benchmarks", BENCHMARK, "benchmark.json"), JSON.stringify(benchmark));
}

/** Speed is worth nothing where copies are missed. */
async function checkRepeats(root: string, samples: number): Promise<void> {
  const prepared = await openArtifact(join(root, "artifacts", "datasets", SET, "prepare"), "prepare", {
    verify: false,
  });
  const { nearDuplicates } = JSON.parse(await readFile(prepared.path("dataset.json"), "utf8")) as {
    nearDuplicates: { images: number };
  };
  const planted = repeatedImages(samples);
  process.stderr.write(`${samples}: ${nearDuplicates.images} images repeat, ${planted} were planted\n`);
  if (nearDuplicates.images < planted) throw new Error("copies were missed");
}

async function largestFile(root: string): Promise<number> {
  const entries = await readdir(join(root, "artifacts"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Math.max(
    ...(await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size))),
  );
}
