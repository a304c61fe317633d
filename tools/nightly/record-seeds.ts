/**
 * Records what the head of synthetic-efficientnetv2-48-frozen answers for each test picture, trained with 21 seeds, and once
 * with a hundredth of its learning rate: what nights in which nothing got worse, and one in which something did, look like.
 * It needs the benchmark's features (npx nx run synthetic-efficientnetv2-48-frozen:features).
 *
 *   node --conditions=@fer-bench/source --import tsx tools/nightly/record-seeds.ts [<workspace>] > tools/nightly/test/seeds.json
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readParquet, silent } from "@fer-bench/artifacts";
import { parseBenchmark, runEvaluateStage, runTrainStage } from "@fer-bench/train";

const NAME = "synthetic-efficientnetv2-48-frozen";
const root = resolve(process.argv[2] ?? ".");
const file = join(root, "benchmarks", NAME, "benchmark.json");
const configured = JSON.parse(await readFile(file, "utf8"));
const featuresDir = join(root, "artifacts", "benchmarks", NAME, "features");

/** The class of each test picture as a digit, in their order, and what it was taken for. */
async function night(seed: number, learningRate: number): Promise<{ labels: string; answers: string }> {
  const train = { ...configured.train, seed, optimizer: { ...configured.train.optimizer, learningRate } };
  const loaded = parseBenchmark({ ...configured, train }, file);
  if (loaded.kind !== "single") throw new Error("a single benchmark expected");
  const out = await mkdtemp(join(tmpdir(), "fer-bench-seeds-"));
  const shared = { benchmark: loaded.benchmark, name: NAME, featuresDir, threads: 1, progress: silent };
  try {
    const trainDir = join(out, "train");
    await runTrainStage({ ...shared, out: trainDir });
    await runEvaluateStage({ ...shared, trainDir, out: join(out, "evaluate") });
    const { classes } = JSON.parse(await readFile(join(trainDir, "train.json"), "utf8")) as {
      classes: string[];
    };
    const rows = await readParquet(join(out, "evaluate", "synthetic.predictions.parquet"));
    const digits = (field: string) => rows.map((row) => classes.indexOf(String(row[field]))).join("");
    return { labels: digits("label"), answers: digits("predicted") };
  } finally {
    await rm(out, { recursive: true });
  }
}

const { learningRate } = configured.train.optimizer;
const nights = [];
for (let seed = 1; seed <= 21; seed++) nights.push(await night(seed, learningRate));
const worse = await night(1, learningRate / 100);
const { labels } = nights[0]!;
process.stdout.write(
  `${JSON.stringify({ labels, nights: nights.map(({ answers }) => answers), worse: worse.answers }, undefined, 2)}\n`,
);
