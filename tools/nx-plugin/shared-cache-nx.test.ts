import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CacheProcess, startCache } from "../test-support/cache-server.ts";
import {
  createSmallWorkspace,
  type SmallWorkspace,
  smallBenchmark,
  smallSyntheticSet,
} from "../test-support/small-workspace.ts";

const load = (file: string) => import(new URL(file, import.meta.url).href);
const { licences } = await load("./shared-cache.mjs");
let dir: string;

/** A clean checkout: a set that may be passed on, one that may not, a benchmark on each, one that trains on both. */
async function checkout(): Promise<SmallWorkspace> {
  const workspace = await createSmallWorkspace();
  const licensed = { ...smallSyntheticSet(2), licence: { name: "Ask", redistributable: false } };
  await workspace.writeJson("datasets.manifest.json", { datasets: { free: smallSyntheticSet(1), licensed } });
  await workspace.writeJson("benchmarks/free-pixels/benchmark.json", smallBenchmark("free", 0.01));
  const cross = { ...smallBenchmark("free", 0.01), targets: ["free", "licensed"] };
  await workspace.writeJson("benchmarks/cross-pixels/benchmark.json", cross);
  return workspace;
}

const FREE = ["evaluate", "features", "report", "train"]
  .map((stage) => `free-pixels:${stage}`)
  .concat(["generate", "prepare", "preprocess"].map((stage) => `free:${stage}`));

const LICENSED = ["generate", "prepare", "preprocess"].map((stage) => `licensed:${stage}`);

describe("clean checkouts and one cache", { timeout: 300_000 }, () => {
  const workspaces: SmallWorkspace[] = [];
  let server: CacheProcess;
  const another = async () => {
    const workspace = await checkout();
    workspaces.push(workspace);
    return workspace;
  };
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "fer-bench-shared-"));
    server = await startCache(dir);
  });
  afterAll(async () => {
    await server.end();
    for (const workspace of workspaces) await workspace.remove();
    await rm(dir, { recursive: true });
  });

  it("computes nothing in the second", async () => {
    const first = await (await another()).nxWith(server.env, "run", "free-pixels:report");
    expect(first.status, first.output).toBe(0);
    expect(first.ran).toEqual(FREE);
    const second = await another();
    // Nx runs the plugin in a process of its own where it is not told otherwise.
    const restored = await second.nxWith(
      { ...server.env, NX_ISOLATE_PLUGINS: "true" },
      "run",
      "free-pixels:report",
    );
    expect(restored.status, restored.output).toBe(0);
    expect(restored).toMatchObject({ ran: [], cached: FREE });
    for (const file of ["free-pixels/evaluate/metrics.json", "free-pixels/report/index.html"]) {
      const [a, b] = await Promise.all(workspaces.map((one) => one.readText(`artifacts/benchmarks/${file}`)));
      expect(a).toBe(b);
    }
  });

  it("ends right where the server is killed in the middle of a run", async () => {
    const [workspace] = workspaces;
    await workspace!.writeJson("benchmarks/free-pixels/benchmark.json", smallBenchmark("free", 0.02));
    const before = (await server.kept()).length;
    const run = workspace!.nxWith(server.env, "run", "free-pixels:report");
    await expect.poll(async () => (await server.kept()).length, { timeout: 60_000 }).toBe(before + 1);
    await server.end("SIGKILL");
    const { status, output, ran } = await run;
    expect(status, output).toBe(0);
    expect(ran).toEqual(["evaluate", "report", "train"].map((stage) => `free-pixels:${stage}`));
    expect(output.match(/warning: the shared cache at .* is out of order/g)).toHaveLength(1);
    server = await startCache(dir);
  });

  it("keeps what is made of a licensed set on its machine, unless the cache is marked private", async () => {
    const before = await server.kept();
    const workspace = await another();
    const own = await workspace.nxWith(server.env, "run", "licensed:preprocess");
    expect(own.status, own.output).toBe(0);
    expect(own.ran).toEqual(LICENSED);
    expect(await server.kept()).toEqual(before);

    const env = { ...server.env, FER_BENCH_PRIVATE_CACHE: server.env.NX_SELF_HOSTED_REMOTE_CACHE_SERVER! };
    const trusted = await (await another()).nxWith(env, "run", "licensed:preprocess");
    expect(trusted.ran).toEqual(LICENSED);
    expect(await server.kept()).toHaveLength(before.length + LICENSED.length);
  });

  it("knows what may leave by the path", async () => {
    const mayLeave = licences(workspaces[0]!.root, "datasets.manifest.json");
    const paths = ["datasets/free/preprocess/faces.npy", "benchmarks/free-pixels/report/index.html"];
    const kept = [
      "datasets/licensed/prepare/records.parquet",
      "datasets/unknown/x",
      "benchmarks/cross-pixels/features/free.npy",
      "benchmarks/unknown/x",
    ];
    for (const path of paths) expect([path, mayLeave(`artifacts/${path}`)]).toEqual([path, true]);
    for (const path of kept) expect([path, mayLeave(`artifacts/${path}`)]).toEqual([path, false]);
    expect(mayLeave("data/raw/x")).toBe(false);
  });
});
