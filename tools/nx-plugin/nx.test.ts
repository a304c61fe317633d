import { spawnSync } from "node:child_process";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeSafetensors, sha256, type Tensor } from "@fer-bench/artifacts";
import { efficientnet, randomWeights } from "@fer-bench/models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createSmallWorkspace,
  type SmallWorkspace,
  smallBenchmark,
  smallSyntheticSet,
} from "../test-support/small-workspace.ts";

const stages = (project: string, ...names: string[]) => names.map((name) => `${project}:${name}`);
const chainOf = (set: string) => [
  ...stages(`${set}-pixels`, "evaluate", "features", "report", "train"),
  ...stages(set, "generate", "prepare", "preprocess"),
];
const everything = [...chainOf("other"), ...chainOf("small")].sort();

let workspace: SmallWorkspace;
const reports = () => workspace.nx("run-many", "-t", "report");
const writeManifest = (seed: number) =>
  workspace.writeJson("datasets.manifest.json", {
    datasets: { small: smallSyntheticSet(seed), other: smallSyntheticSet(2) },
  });
const writeBenchmark = (set: string, learningRate: number) =>
  workspace.writeJson(`benchmarks/${set}-pixels/benchmark.json`, smallBenchmark(set, learningRate));

beforeAll(async () => {
  workspace = await createSmallWorkspace();
  await writeManifest(1);
  await writeBenchmark("small", 0.01);
  await writeBenchmark("other", 0.01);
});
afterAll(() => workspace.remove());

/** One story: each step starts from the caches that the one before left. */
describe("what Nx runs again", { timeout: 300_000 }, () => {
  it("runs every stage once, then none", async () => {
    const first = await reports();
    expect(first.status, first.output).toBe(0);
    expect(first.ran).toEqual(everything);

    const second = await reports();
    expect(second).toMatchObject({ status: 0, ran: [], cached: everything });
  });

  it("trains, evaluates and reports again after a changed learning rate", async () => {
    await writeBenchmark("small", 0.02);
    const { status, output, ran } = await reports();
    expect(status, output).toBe(0);
    expect(ran).toEqual(stages("small-pixels", "evaluate", "report", "train"));
  });

  it("reports again, and nothing else, after an edited comment in packages/report", async () => {
    const file = "packages/report/src/report.ts";
    await workspace.writeText(file, `// An edited comment.\n${await workspace.readText(file)}`);
    const { status, output, ran } = await reports();
    expect(status, output).toBe(0);
    expect(ran).toEqual(["other-pixels:report", "small-pixels:report"]);
  });

  it("runs a data set's whole chain after a changed seed, and not the other set's", async () => {
    await writeManifest(3);
    const { status, output, ran } = await reports();
    expect(status, output).toBe(0);
    expect(ran).toEqual(chainOf("small"));
  });

  it("takes a result that was deleted from the cache, whole", async () => {
    const page = "artifacts/benchmarks/small-pixels/report/index.html";
    const before = await workspace.readText(page);
    await workspace.removeFolder("artifacts");
    const { status, ran } = await reports();
    expect({ status, ran }).toEqual({ status: 0, ran: [] });
    expect(await workspace.readText(page)).toBe(before);
  });

  it("exports what is finished, and copies it into a folder beside what is there", async () => {
    const { status, output, ran } = await workspace.nx("run", "small-pixels:export");
    expect(status, output).toBe(0);
    expect(ran).toEqual(["small-pixels:export"]);
    expect(output).toMatch(/small-pixels\.onnx +7 of 7 answers the same/);

    await workspace.writeText("models/kept.txt", "Somebody else's.");
    const node = ["--conditions=@fer-bench/source", "--import", "tsx", "packages/cli/src/main.ts"];
    const flags = ["--out", "models", "--half", "--formats", "onnx", "--json", "--quiet"];
    const copied = spawnSync(process.execPath, [...node, "export", "small-pixels", ...flags], {
      cwd: workspace.root,
      encoding: "utf8",
    });
    expect(copied.status, copied.stderr).toBe(0);
    expect(JSON.parse(copied.stdout)).toMatchObject({
      folder: join(workspace.root, "models"),
      half: true,
      files: [{ path: "small-pixels.onnx", sameDecisions: 7 }],
    });
    const found = await readdir(join(workspace.root, "models"));
    expect(found.sort()).toEqual(["kept.txt", "small-pixels.md", "small-pixels.onnx"]);
  });

  it("runs nothing after a test or a README has changed", async () => {
    await workspace.writeText("packages/train/src/new.test.ts", "// A test.\n");
    await workspace.writeText("packages/datasets/README.md", "Words.\n");
    expect(await reports()).toMatchObject({ status: 0, ran: [] });
  });
});

describe("a benchmark's file of weights", { timeout: 300_000 }, () => {
  const file = "weights of mine/b0.safetensors";
  const features = () => workspace.nx("run", "small-weights:features");
  const writeWeights = async (seed: number) => {
    const graph = efficientnet({ variant: "b0", input: { height: 48, width: 48, channels: 3 } });
    const tensors = [...randomWeights(graph, seed)].map(([name, tensor]) => [
      name,
      { dtype: "F32", ...tensor },
    ]);
    const bytes = encodeSafetensors(new Map(tensors as [string, Tensor][]));
    await mkdir(join(workspace.root, file, ".."), { recursive: true });
    await writeFile(join(workspace.root, file), bytes);
    return sha256(bytes);
  };
  const recorded = async () =>
    JSON.parse(await workspace.readText("artifacts/benchmarks/small-weights/features/features.json"))
      .backbone;

  it("reruns the features when its contents change, and not when its time does", async () => {
    await workspace.writeJson("benchmarks/small-weights/benchmark.json", {
      ...smallBenchmark("small", 0.1),
      backbone: "efficientnet-b0.imagenet",
      weights: file,
    });
    const absent = await features();
    expect(absent.status).not.toBe(0);
    expect(absent.output).toMatch(
      /the weights file cannot be read\n.*file: +.*weights of mine.b0\.safetensors/,
    );

    const first = await writeWeights(1);
    const { status, output } = await features();
    expect(status, output).toBe(0);
    expect(await recorded()).toMatchObject({
      name: "efficientnet-b0.imagenet",
      note: expect.stringContaining("the user's file b0.safetensors"),
      weights: { name: "b0.safetensors", sha256: first, framework: "keras", published: false },
    });

    await utimes(join(workspace.root, file), 1, 1);
    expect(await features()).toMatchObject({ status: 0, ran: [] });

    const second = await writeWeights(2);
    expect((await features()).ran).toEqual(["small-weights:features"]);
    expect((await recorded()).weights.sha256).toBe(second);
  });
});

describe("what Nx says of a mistake", { timeout: 120_000 }, () => {
  const broken = "benchmarks/small-pixels/benchmark.json";
  const run = () => workspace.nx("run", "small-pixels:report");

  it("names the file, the field and the remedy of an unknown data set, and other benchmarks still run", async () => {
    await workspace.writeJson(broken, smallBenchmark("smal", 0.02));
    const { status, output } = await run();
    expect(status).not.toBe(0);
    expect(output).toContain('there is no data set "smal"');
    expect(output).toMatch(/file:\s+benchmarks\/small-pixels\/benchmark\.json/);
    expect(output).toMatch(/field:\s+source/);
    expect(output).toMatch(/remedy:\s+name one of small, other/);
    expect(output).not.toMatch(/^\s+at /m);
    expect(await workspace.nx("run", "other-pixels:report")).toMatchObject({ status: 0, ran: [] });
  });

  it("names the file that is not JSON", async () => {
    await workspace.writeText(broken, '{ "title": ');
    const { status, output } = await run();
    expect(status).not.toBe(0);
    expect(output).toMatch(/error: not JSON: .*\n.*file:\s+benchmarks\/small-pixels\/benchmark\.json/);
    expect(output).not.toMatch(/^\s+at /m);
  });

  it("does not let the cache hide a misspelt field", async () => {
    await workspace.writeJson(broken, { ...smallBenchmark("small", 0.02), beest: [] });
    const { status, output } = await run();
    expect(status).not.toBe(0);
    expect(output).toContain("beest");
    expect(output).not.toMatch(/^\s+at /m);
  });

  it("names the manifest where that is not JSON", async () => {
    await workspace.writeText("datasets.manifest.json", "{");
    const { status, output } = await run();
    expect(status).not.toBe(0);
    expect(output).toMatch(/not JSON: [^\n]*\n\s*file:\s+datasets\.manifest\.json/);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
