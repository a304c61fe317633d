import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createSmallWorkspace,
  type SmallWorkspace,
  smallBenchmark,
  smallGrid,
  smallSyntheticSet,
} from "../test-support/small-workspace.ts";

const B0 = "efficientnet-b0.random";
const B1 = "efficientnet-b1.random";

let workspace: SmallWorkspace;

beforeAll(async () => {
  workspace = await createSmallWorkspace();
  await workspace.writeJson("datasets.manifest.json", { datasets: { small: smallSyntheticSet(1) } });
  await writeSweep(["pixels", B0], 0.01);
});
afterAll(() => workspace.remove());

function writeSweep(backbones: readonly string[], learningRate: number): Promise<void> {
  const sweep = smallGrid("small", { backbone: backbones });
  const train = { head: { hidden: null }, epochs: 2, optimizer: { learningRate } };
  return workspace.writeJson("benchmarks/sweep/benchmark.json", { ...sweep, train });
}

function writeRates(...rates: number[]): Promise<void> {
  const { train: _, ...rest } = smallGrid("small", { "train.optimizer.learningRate": rates });
  return workspace.writeJson("benchmarks/rates/benchmark.json", {
    ...rest,
    train: { head: { hidden: null }, epochs: 2 },
  });
}

const tasks = (project: string, ...stages: string[]) => stages.map((stage) => `${project}:${stage}`);

async function rowsOf(benchmark: string): Promise<Record<string, unknown>[]> {
  const file = `artifacts/benchmarks/${benchmark}/report/tables/accuracy-small.json`;
  return JSON.parse(await workspace.readText(file)).rows;
}

/** One story: each step starts from the caches that the one before left. */
describe("a grid", { timeout: 300_000 }, () => {
  it("runs each stage of each cell once, and reports them together", async () => {
    const { status, output, ran } = await workspace.nx("run", "sweep:report");
    expect(status, output).toBe(0);
    const stages = ["evaluate", "features", "train"];
    expect(ran).toEqual(
      [
        ...tasks("small", "generate", "prepare", "preprocess"),
        ...tasks(`sweep/${B0}`, ...stages),
        ...tasks("sweep/pixels", ...stages),
        "sweep:report",
      ].sort(),
    );
    const rows = await rowsOf("sweep");
    expect(rows.map(({ cell, parameters, features, n }) => [cell, parameters, features, n])).toEqual([
      ["pixels", 0, 48 * 48 * 3, 7],
      // Keras's EfficientNetB0(include_top=False).count_params().
      [B0, 4_049_571, 1280, 7],
      [null, null, null, 7],
    ]);
    const page = await workspace.readText("artifacts/benchmarks/sweep/report/index.html");
    expect(page).toContain(`id="cell-${B0}"`);
    expect(page).toContain("weights are random");
  });

  it("takes all from the cache, and a stage of all cells by the grid's name", async () => {
    const { status, cached } = await workspace.nx("run", "sweep:evaluate");
    expect(status).toBe(0);
    expect(cached).toEqual(
      expect.arrayContaining([`sweep/${B0}:evaluate`, `sweep/${B0}:features`, "sweep/pixels:train"]),
    );
    expect(await workspace.nx("run", "sweep:report")).toMatchObject({ status: 0, ran: [] });
  });

  it("trains and evaluates every cell again after a shared learning rate, and extracts no features", async () => {
    await writeSweep(["pixels", B0], 0.02);
    const { status, output, ran } = await workspace.nx("run", "sweep:report");
    expect(status, output).toBe(0);
    expect(ran).toEqual(
      [
        ...tasks(`sweep/${B0}`, "evaluate", "train"),
        ...tasks("sweep/pixels", "evaluate", "train"),
        "sweep:report",
      ].sort(),
    );
  });

  it("runs only the cell whose backbone has changed, and none where a known one joins", async () => {
    await writeSweep(["pixels", B1], 0.02);
    const changed = await workspace.nx("run", "sweep:report");
    expect(changed.status, changed.output).toBe(0);
    expect(changed.ran).toEqual([...tasks(`sweep/${B1}`, "evaluate", "features", "train"), "sweep:report"]);
    await writeSweep([B0, "pixels", B1], 0.02);
    expect(await workspace.nx("run", "sweep:report")).toMatchObject({ status: 0, ran: ["sweep:report"] });
    expect((await rowsOf("sweep")).map(({ cell }) => cell)).toEqual([B0, "pixels", B1, null]);
  });

  it("leaves of a cell what a benchmark of the same fields leaves", async () => {
    await workspace.writeJson("benchmarks/plain/benchmark.json", smallBenchmark("small", 0.02));
    const { status, output } = await workspace.nx("run", "plain:evaluate");
    expect(status, output).toBe(0);
    for (const stage of ["features", "train", "evaluate"]) {
      const manifest = (name: string) =>
        workspace.readText(`artifacts/benchmarks/${name}/${stage}/artifact.json`);
      expect(await manifest("sweep/pixels")).toBe(await manifest("plain"));
    }
  });

  it("exports a cell under the names of both", async () => {
    const { status, output } = await workspace.nx("run", "sweep/pixels:export");
    expect(status, output).toBe(0);
    const folder = "artifacts/benchmarks/sweep/pixels/export";
    expect(await workspace.readText(`${folder}/sweep-pixels.md`)).toContain("sweep-pixels.onnx");
  });

  it("extracts features once where only the training varies, and none for one rate more", async () => {
    await writeRates(0.01, 0.02);
    const first = await workspace.nx("run", "rates:report");
    expect(first.status, first.output).toBe(0);
    const cell = (rate: number) => tasks(`rates/learningRate-${rate}`, "evaluate", "train");
    expect(first.ran).toEqual([...cell(0.01), ...cell(0.02), "rates/shared:features", "rates:report"]);
    await writeRates(0.03, 0.01, 0.02);
    const second = await workspace.nx("run", "rates:report");
    expect(second.status, second.output).toBe(0);
    expect(second.ran).toEqual([...cell(0.03), "rates:report"]);
    expect((await rowsOf("rates")).map(({ learningRate }) => learningRate)).toEqual([0.03, 0.01, 0.02, null]);
  });

  it("says what is wrong with a grid that has no cells", async () => {
    await writeSweep([], 0.02);
    const { status, output } = await workspace.nx("run", "sweep:report");
    expect(status).not.toBe(0);
    expect(output).toContain("the grid makes no cells");
    expect(output).toMatch(/file:\s+benchmarks\/sweep\/benchmark\.json/);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
