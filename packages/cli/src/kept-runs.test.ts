import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStage, silent, writeParquet } from "@fer-bench/artifacts";
import { evaluatePredictions, majorityBaseline } from "@fer-bench/metrics";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compare } from "./commands/compare.ts";
import { findRuns, keepRun, readResults } from "./kept-runs.ts";
import { loadRun } from "./load-benchmark.ts";
import { findWorkspace, type Workspace } from "./workspace.ts";

const classes = ["angry", "happy"];
let root: string;
let workspace: Workspace;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "fer-bench-runs-"));
  writeFileSync(join(root, "datasets.manifest.json"), "{}");
  workspace = findWorkspace(root);
  writeBenchmark(0.1);
  await stage(workspace.datasetDir("faces", "prepare"), "prepare", {
    "dataset.json": JSON.stringify({ checksums: { test: "feed" } }),
  });
  for (const name of ["features", "train"] as const) {
    await stage(workspace.benchmarkDir("b", name), name, { "data.txt": name });
  }
  await writeEvaluation([0, 0, 1, 1]);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeBenchmark(learningRate: number): void {
  mkdirSync(join(root, "benchmarks", "b"), { recursive: true });
  writeFileSync(
    workspace.benchmarkFile("b"),
    JSON.stringify({
      title: "B",
      source: "faces",
      targets: ["faces"],
      backbone: "pixels",
      train: { optimizer: { learningRate } },
    }),
  );
}

function stage(dir: string, name: string, files: Record<string, string>) {
  return runStage({ stage: name, dir, config: {}, threads: 1 }, async (out) => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(out, file), text);
  });
}

/** An evaluate stage that took four samples, of classes 0 0 1 1, for these. */
async function writeEvaluation(predicted: readonly number[]): Promise<void> {
  const labels = [0, 0, 1, 1];
  const probabilities = predicted.flatMap((c) => (c === 0 ? [0.75, 0.25] : [0.25, 0.75]));
  await runStage(
    { stage: "evaluate", dir: workspace.benchmarkDir("b", "evaluate"), config: {}, threads: 1 },
    async (out) => {
      const metrics = evaluatePredictions({ labels, probabilities, classes });
      const majority = majorityBaseline({ trainLabels: [0], testLabels: labels, classes });
      const targets = [{ target: "faces", split: "test", metrics, majority }];
      writeFileSync(join(out, "metrics.json"), JSON.stringify({ targets }));
      writeFileSync(join(out, "faces.test-features.npy"), "large");
      const columns = ["id", "label", "predicted"].map((name) => ({ name, type: "string" as const }));
      await writeParquet(
        join(out, "faces.predictions.parquet"),
        [
          ...columns,
          { name: "index", type: "int32" },
          ...classes.map((c) => ({ name: `p_${c}`, type: "float" as const })),
        ],
        labels.map((label, i) => ({
          id: `face-${i}`,
          index: i,
          label: classes[label],
          predicted: classes[predicted[i]!],
          p_angry: probabilities[2 * i],
          p_happy: probabilities[2 * i + 1],
        })),
      );
    },
  );
}

async function keep() {
  return keepRun(workspace, await loadRun(workspace, "b"));
}

async function compared(...words: string[]) {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  await compare({ workspace, progress: silent, offline: true, threads: 1, json: true, print }, words);
  return JSON.parse(lines.join("\n"));
}

describe("keepRun", () => {
  test("keeps metrics, predictions and what made them, not the test features", async () => {
    const kept = await keep();
    expect(kept.dir).toBe(join(root, "runs", "b", kept.hash));
    expect(kept.facts.data).toEqual({ faces: { checksums: { test: "feed" } } });
    expect(kept.facts.configuration).toMatchObject({ train: { optimizer: { learningRate: 0.1 } } });
    expect(kept.facts.configuration).not.toHaveProperty("title");
    expect(JSON.parse(readFileSync(join(kept.dir, "metrics.json"), "utf8")).targets).toHaveLength(1);
    expect(() => readFileSync(join(kept.dir, "faces.test-features.npy"))).toThrow();
  });

  test("keeps the same run once, and adds a line to the results for each that is new", async () => {
    const first = await keep();
    expect(await keep()).toEqual(first);
    expect(await readResults(workspace)).toHaveLength(1);
    await writeEvaluation([0, 1, 1, 1]);
    const second = await keep();
    expect(second.hash).not.toBe(first.hash);
    expect(await readResults(workspace)).toMatchObject([
      { benchmark: "b", hash: first.hash, target: "faces", n: 4, accuracy: 1 },
      { benchmark: "b", hash: second.hash, accuracy: 0.75 },
    ]);
    expect(await findRuns(workspace, first.hash.slice(0, 5))).toEqual([first.dir]);
  });

  test("a run that comes back is a line again, and nothing that stood there is changed", async () => {
    await keep();
    await writeEvaluation([0, 1, 1, 1]);
    await keep();
    const before = readFileSync(join(root, "runs", "results.jsonl"), "utf8");
    await writeEvaluation([0, 0, 1, 1]);
    await keep();
    const after = readFileSync(join(root, "runs", "results.jsonl"), "utf8");
    expect(after.startsWith(before)).toBe(true);
    expect((await readResults(workspace)).map(({ accuracy }) => accuracy)).toEqual([1, 0.75, 1]);
  });

  test("names a line of the results that is none", async () => {
    await keep();
    writeFileSync(join(root, "runs", "results.jsonl"), "{}\n");
    await expect(readResults(workspace)).rejects.toMatchObject({ code: "bad-artifact", field: "line 1" });
  });
});

describe("compare", () => {
  test("one benchmark alone with the run before it", async () => {
    const first = await keep();
    writeBenchmark(0.2);
    await writeEvaluation([0, 1, 1, 1]);
    const [comparison] = await compared("b");
    expect(comparison.first).toBe(`b ${first.hash}`);
    expect(comparison.targets[0].mcnemar).toMatchObject({ onlyFirst: 1, onlySecond: 0 });
    expect(comparison.targets[0].flipped).toMatchObject([{ id: "face-1", right: "first" }]);
    const fields = comparison.differences.map(({ field }: { field: string }) => field);
    expect(fields).toContain("configuration.train.optimizer.learningRate");
    const [turned] = await compared("b", "previous");
    expect(turned.second).toBe(`b ${first.hash}`);
    const [byHash] = await compared(first.hash.slice(0, 6), "b");
    expect(byHash).toEqual(comparison);
  });

  test("an older run with the one before it, not with a later one", async () => {
    const first = await keep();
    await writeEvaluation([0, 1, 1, 1]);
    const second = await keep();
    await writeEvaluation([0, 1, 0, 1]);
    await keep();
    const [comparison] = await compared(second.hash);
    expect(comparison).toMatchObject({ first: `b ${first.hash}`, second: `b ${second.hash}` });
    await expect(compared(first.hash)).rejects.toMatchObject({
      code: "missing",
      message: `no run of b is kept from before ${first.hash}`,
    });
  });

  test("says what to do where there is no run before", async () => {
    await expect(compared("b")).rejects.toMatchObject({
      code: "missing",
      message: /no run of b is kept but/,
    });
    await expect(compared("previous", "previous")).rejects.toMatchObject({ code: "missing" });
  });
});
