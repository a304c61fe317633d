/**
 * Speed and quality of t-SNE and UMAP, t-SNE next to scikit-learn's on the same features (ours on one thread, its on
 * `--threads`): rounds alternate between the two. Trustworthiness of both maps is scikit-learn's, at 5 neighbours.
 * Processor time stands beside the time that passed: it tells less of what else the machine does. Without a python3 that
 * has scikit-learn (Debian's python3-sklearn), it measures itself alone and says so.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/tsne.bench.ts [--json]
 *        [--features <npy>] [--samples 3589] [--rounds 3] [--iterations 1000] [--threads N] [--python /usr/bin/python3]
 *
 * Without --features, they are drawn: FER-2013's number of test images, B0's number of features, seven groups.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, normal, openNpy, writeNpy } from "@fer-bench/artifacts";
import type { Matrix } from "../../packages/report/src/matrix.ts";
import { trustworthiness } from "../../packages/report/src/trustworthiness.ts";
import { tsne } from "../../packages/report/src/tsne.ts";
import { umap } from "../../packages/report/src/umap.ts";
import { flags, numberFlag } from "./flags.ts";
import { median, peakMemoryMegabytes, seconds } from "./measure.ts";
import { startPython } from "./start-python.ts";

const [samples, rounds] = [numberFlag("samples", 3589), numberFlag("rounds", 3)];
const iterations = numberFlag("iterations", 1000);
const threads = numberFlag("threads", availableParallelism());
const PERPLEXITY = 30;
const WIDTH = 1280;

const folder = mkdtempSync(join(tmpdir(), "fer-bench-tsne-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const file = join(folder, "features.npy");
const features = flags.features === undefined ? drawnFeatures() : await readFeatures(flags.features);
await writeNpy(file, Float32Array.from(features.data), [features.rows, features.columns]);

const sklearn = await startSklearn();
const times = { ours: [] as number[], sklearn: [] as number[] };
const processor = { ours: [] as number[], sklearn: [] as number[] };
let [divergence, theirDivergence, theirTrust] = [0, Number.NaN, Number.NaN];
let map: Matrix = features;
for (let round = 0; round < rounds; round++) {
  const before = process.cpuUsage();
  times.ours.push(
    await seconds(async () => {
      const embedding = tsne(features, { perplexity: PERPLEXITY, seed: 1, iterations });
      divergence = embedding.klDivergence;
      map = embedding.points;
    }),
  );
  const { user, system } = process.cpuUsage(before);
  processor.ours.push((user + system) / 1e6);
  if (sklearn) {
    const [time, processorTime, kl, trust] = (await sklearn.ask("run")).split(" ").map(Number);
    times.sklearn.push(time!);
    processor.sklearn.push(processorTime!);
    [theirDivergence, theirTrust] = [kl!, trust!];
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}
let umapMap: Matrix = features;
const beforeUmap = process.cpuUsage();
const umapSeconds = await seconds(async () => {
  umapMap = umap(features, { neighbours: 15, minDistance: 0.1, seed: 1 });
});
const ofUmap = process.cpuUsage(beforeUmap);
const trust = sklearn
  ? Number(await sklearn.ask(`map ${written(map)}`))
  : trustworthiness(features, [map], 5)[0]!;
sklearn?.close();

const result = {
  features: `${features.rows} x ${features.columns}${flags.features === undefined ? ", drawn" : `, ${flags.features}`}`,
  iterations,
  perplexity: PERPLEXITY,
  cpu: cpus()[0]?.model ?? "unknown",
  threads,
  ours: {
    seconds: times.ours,
    processorSeconds: processor.ours,
    klDivergence: divergence,
    trustworthiness: trust,
  },
  sklearn: sklearn && {
    version: sklearn.version,
    seconds: times.sklearn,
    processorSeconds: processor.sklearn,
    klDivergence: theirDivergence,
    trustworthiness: theirTrust,
    ratio: median(times.sklearn.map((time, i) => time / times.ours[i]!)),
  },
  umap: {
    seconds: umapSeconds,
    processorSeconds: (ofUmap.user + ofUmap.system) / 1e6,
    trustworthiness: trustworthiness(features, [umapMap], 5)[0]!,
  },
  peakMemoryMegabytes: Math.round(peakMemoryMegabytes()),
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

function drawnFeatures(): Matrix<Float64Array> {
  const random = createRandom("tsne.bench");
  const centres = Float64Array.from({ length: 7 * WIDTH }, () => 0.5 * normal(random));
  const data = Float64Array.from({ length: samples * WIDTH }, (_, i) => {
    const group = Math.floor(i / WIDTH) % 7;
    return centres[group * WIDTH + (i % WIDTH)]! + normal(random);
  });
  return { rows: samples, columns: WIDTH, data };
}

async function readFeatures(path: string): Promise<Matrix<Float64Array>> {
  const array = await openNpy(path);
  const [rows = 0, columns = 0] = array.shape;
  const data = Float64Array.from(await array.readRows(0, Math.min(rows, samples)));
  await array.close();
  return { rows: data.length / columns, columns, data };
}

function written({ data }: Matrix): string {
  const path = join(folder, "map.f64");
  writeFileSync(path, new Uint8Array(data.buffer));
  return path;
}

function startSklearn() {
  return startPython("./sklearn_tsne.py", [file, PERPLEXITY, iterations, threads], {
    threads,
    missing: "scikit-learn is not measured: no python3 here that has it",
  });
}

function table(): string {
  const { ours, sklearn: theirs, umap: other } = result;
  const cells = (...seconds: number[]) => seconds.map((value) => value.toFixed(1).padStart(11)).join("");
  const row = (name: string, times: readonly number[], processorTimes: readonly number[], quality: string) =>
    `${name.padEnd(24)}${cells(median(times), Math.min(...times), median(processorTimes))}  ${quality}`;
  const quality = (kl: number, trust: number) => `KL ${kl.toFixed(3)}, trustworthiness ${trust.toFixed(4)}`;
  return [
    `features ${result.features}, perplexity ${PERPLEXITY}, ${iterations} iterations`,
    `${result.cpu}, ${threads} threads`,
    `${"seconds".padEnd(24)}${["median", `best of ${rounds}`, "processor"].map((title) => title.padStart(11)).join("")}`,
    row("t-SNE", ours.seconds, ours.processorSeconds, quality(ours.klDivergence, ours.trustworthiness)),
    ...(theirs
      ? [
          row(
            theirs.version,
            theirs.seconds,
            theirs.processorSeconds,
            quality(theirs.klDivergence, theirs.trustworthiness),
          ),
          `${theirs.ratio.toFixed(2)} times as fast as scikit-learn, median of the rounds`,
        ]
      : []),
    row(
      "UMAP",
      [other.seconds],
      [other.processorSeconds],
      `trustworthiness ${other.trustworthiness.toFixed(4)}`,
    ),
    `peak memory ${result.peakMemoryMegabytes} MB`,
    "",
  ].join("\n");
}
