import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { benchmarkSchema } from "@fer-bench/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createSmallWorkspace,
  type SmallWorkspace,
  smallBenchmark,
  smallGrid,
  smallSyntheticSet,
} from "../test-support/small-workspace.ts";

const load = (file: string) => import(new URL(file, import.meta.url).href);
const { createNodes, createNodesV2 } = await load("./index.mjs");
const { commandFiles, packageFolder } = await load("./source-inputs.mjs");
const { BENCHMARK_FIELDS, BENCHMARK_STAGES, DATASET_STAGES } = await load("./stages.mjs");

const repository = fileURLToPath(new URL("../..", import.meta.url));

interface Project {
  name: string;
  root: string;
  tags: string[];
  implicitDependencies: string[];
  targets: Record<string, Target>;
}

const withoutDatasets = (targets: Map<string, Target>) =>
  new Map([...targets].filter(([task]) => !/^(small|imported):/.test(task)));

interface Target {
  options: { command: string };
  cache: boolean;
  dependsOn?: (string | { projects: string[]; target: string })[];
  inputs?: (string | Record<string, unknown>)[];
  outputs?: string[];
}

describe("what is inferred", () => {
  let workspace: SmallWorkspace;
  beforeAll(async () => {
    workspace = await createSmallWorkspace();
    const imported = {
      ...smallSyntheticSet(1),
      generated: false,
      package: "@fer-bench/dataset-fer2013",
      face: { kind: "dlib", landmarks: "my points.dat", ifNone: "drop" },
    };
    await workspace.writeJson("datasets.manifest.json", {
      datasets: { small: smallSyntheticSet(1), imported },
    });
    await workspace.writeJson("benchmarks/inner/benchmark.json", smallBenchmark("small", 0.1));
    const cross = {
      ...smallBenchmark("small", 0.1),
      targets: ["small", "imported"],
      weights: "my weights/b0 (1).h5",
      beside: ["inner"],
    };
    await workspace.writeJson("benchmarks/cross/benchmark.json", cross);
    await workspace.writeJson("benchmarks/grid/benchmark.json", {
      ...smallGrid("small", { backbone: ["pixels"], "train.seed": [1, 2] }),
      beside: ["inner"],
    });
    await workspace.writeJson("benchmarks/besides/benchmark.json", {
      ...smallBenchmark("small", 0.1),
      beside: ["grid"],
    });
  });
  afterAll(() => workspace.remove());

  async function inferProjects(...benchmarks: string[]): Promise<Project[]> {
    const files = [
      "datasets.manifest.json",
      ...benchmarks.map((name) => `benchmarks/${name}/benchmark.json`),
    ];
    const results = await createNodes[1](files, undefined, { workspaceRoot: workspace.root });
    return results.flatMap(([, { projects }]: [string, { projects: Record<string, Project> }]) =>
      Object.values(projects),
    );
  }

  async function infer(...benchmarks: string[]): Promise<Map<string, Target>> {
    const projects = await inferProjects(...(benchmarks.length > 0 ? benchmarks : ["inner", "cross"]));
    const targets = new Map<string, Target>();
    for (const { name, targets: ofProject } of projects) {
      for (const [stage, target] of Object.entries(ofProject)) targets.set(`${name}:${stage}`, target);
    }
    return targets;
  }

  function describeOrder(targets: Map<string, Target>): string {
    const lines = [...targets].map(([task, { dependsOn = [], outputs = [], cache }]) => {
      const before = dependsOn.map((one) =>
        typeof one === "string" ? one : one.projects.map((project) => `${project}:${one.target}`).join(" "),
      );
      return `${task} -> ${outputs.join(" ")}${cache ? "" : " (not cached)"}\n  after ${before.join(" ") || "nothing"}`;
    });
    return `\n${lines.join("\n")}\n`;
  }

  function describeInputs(targets: Map<string, Target>): string {
    const lines = [...targets].flatMap(([task, { inputs = [] }]) => [
      task,
      ...inputs
        .filter((input) => typeof input === "object" && !("externalDependencies" in input))
        .map((input) => `  ${JSON.stringify(input)}`),
    ]);
    return `\n${lines.join("\n")}\n`;
  }

  it("orders the stages, each with a folder of its own", async () => {
    expect(describeOrder(await infer())).toMatchInlineSnapshot(`
      "
      small:generate -> {workspaceRoot}/artifacts/datasets/small/generate
        after nothing
      small:prepare -> {workspaceRoot}/artifacts/datasets/small/prepare
        after generate
      small:preprocess -> {workspaceRoot}/artifacts/datasets/small/preprocess
        after generate prepare
      small:describe -> {workspaceRoot}/artifacts/datasets/small/describe
        after prepare preprocess
      imported:prepare -> {workspaceRoot}/artifacts/datasets/imported/prepare
        after nothing
      imported:preprocess -> {workspaceRoot}/artifacts/datasets/imported/preprocess
        after prepare
      imported:describe -> {workspaceRoot}/artifacts/datasets/imported/describe
        after prepare preprocess
      inner:features -> {workspaceRoot}/artifacts/benchmarks/inner/features
        after small:prepare small:preprocess
      inner:train -> {workspaceRoot}/artifacts/benchmarks/inner/train
        after features
      inner:evaluate -> {workspaceRoot}/artifacts/benchmarks/inner/evaluate
        after features train
      inner:export -> {workspaceRoot}/artifacts/benchmarks/inner/export
        after features train evaluate small:prepare small:preprocess
      inner:report -> {workspaceRoot}/artifacts/benchmarks/inner/report
        after features train evaluate small:prepare small:preprocess
      cross:features -> {workspaceRoot}/artifacts/benchmarks/cross/features
        after small:prepare imported:prepare small:preprocess imported:preprocess
      cross:train -> {workspaceRoot}/artifacts/benchmarks/cross/train
        after features
      cross:evaluate -> {workspaceRoot}/artifacts/benchmarks/cross/evaluate
        after features train
      cross:export -> {workspaceRoot}/artifacts/benchmarks/cross/export
        after features train evaluate small:prepare imported:prepare small:preprocess imported:preprocess
      cross:report -> {workspaceRoot}/artifacts/benchmarks/cross/report
        after features train evaluate small:prepare imported:prepare small:preprocess imported:preprocess inner:evaluate
      "
    `);
  });

  it("gives each stage its configuration and upstream data", async () => {
    const targets = [...(await infer())].filter(([task]) => !task.startsWith("inner"));
    expect(describeInputs(new Map(targets))).toMatchInlineSnapshot(`
      "
      small:generate
        {"json":"{workspaceRoot}/datasets.manifest.json","fields":["datasets.small.package","datasets.small.generated","datasets.small.options"]}
      small:prepare
        {"json":"{workspaceRoot}/datasets.manifest.json","fields":["datasets.small"],"excludeFields":["datasets.small.face","datasets.small.notes","datasets.small.source","datasets.small.description","datasets.small.creators","datasets.small.published"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      small:preprocess
        {"json":"{workspaceRoot}/datasets.manifest.json","fields":["datasets.small.package","datasets.small.generated","datasets.small.raw","datasets.small.reads","datasets.small.options","datasets.small.channels","datasets.small.face"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      small:describe
        {"json":"{workspaceRoot}/datasets.manifest.json","fields":["datasets.small.title","datasets.small.licence","datasets.small.citation","datasets.small.description","datasets.small.creators","datasets.small.published","datasets.small.homepage","datasets.small.source","datasets.small.archives","datasets.small.classes","datasets.small.notes"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      imported:prepare
        {"json":"{workspaceRoot}/datasets.manifest.json","fields":["datasets.imported"],"excludeFields":["datasets.imported.face","datasets.imported.notes","datasets.imported.source","datasets.imported.description","datasets.imported.creators","datasets.imported.published"]}
        {"runtime":"node tools/nx-plugin/raw-state.mjs imported"}
      imported:preprocess
        {"json":"{workspaceRoot}/datasets.manifest.json","fields":["datasets.imported.package","datasets.imported.generated","datasets.imported.raw","datasets.imported.reads","datasets.imported.options","datasets.imported.channels","datasets.imported.face"]}
        {"runtime":"node tools/nx-plugin/raw-state.mjs imported"}
        {"runtime":"node tools/nx-plugin/file-state.mjs my%20points.dat"}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      imported:describe
        {"json":"{workspaceRoot}/datasets.manifest.json","fields":["datasets.imported.title","datasets.imported.licence","datasets.imported.citation","datasets.imported.description","datasets.imported.creators","datasets.imported.published","datasets.imported.homepage","datasets.imported.source","datasets.imported.archives","datasets.imported.classes","datasets.imported.notes"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      cross:features
        {"json":"{projectRoot}/benchmark.json","fields":["source","targets","backbone","weights","engine","device","input","features","evaluate"]}
        {"json":"{projectRoot}/benchmark.json","excludeFields":["activationMaps","backbone","beside","device","engine","evaluate","features","grid","input","notes","published","report","robustness","source","targets","title","train","weights"]}
        {"runtime":"node tools/nx-plugin/file-state.mjs my%20weights%2Fb0%20%281%29.h5"}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      cross:train
        {"json":"{projectRoot}/benchmark.json","fields":["source","train"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      cross:evaluate
        {"json":"{projectRoot}/benchmark.json","fields":["source","targets","engine","device","evaluate"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      cross:export
        {"json":"{projectRoot}/benchmark.json","fields":["title","source","targets","notes"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      cross:report
        {"json":"{projectRoot}/benchmark.json","fields":["title","source","targets","backbone","train","grid","beside","report","published","notes"]}
        {"json":"{workspaceRoot}/benchmarks/inner/benchmark.json","fields":["source","backbone","train","grid"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      "
    `);
  });

  it("has a task for each optional stage that a benchmark asks for, and its report after them", async () => {
    const asked = { ...smallBenchmark("small", 0.1), robustness: { blur: [1] }, activationMaps: true };
    await workspace.writeJson("benchmarks/asked/benchmark.json", {
      ...asked,
      beside: ["askedbeside", "unasked"],
    });
    await workspace.writeJson("benchmarks/askedbeside/benchmark.json", {
      ...smallGrid("small", { "train.seed": [1, 2] }),
      robustness: true,
    });
    await workspace.writeJson("benchmarks/unasked/benchmark.json", {
      ...smallBenchmark("small", 0.1),
      robustness: false,
      activationMaps: false,
      beside: ["asked"],
    });
    const targets = withoutDatasets(await infer("asked", "askedbeside", "unasked"));
    const optional = [...targets].filter(([task]) => /:(robustness|activation-maps|report)$/.test(task));
    expect(describeOrder(new Map(optional))).toMatchInlineSnapshot(`
      "
      asked:robustness -> {workspaceRoot}/artifacts/benchmarks/asked/robustness
        after features train evaluate small:preprocess
      asked:activation-maps -> {workspaceRoot}/artifacts/benchmarks/asked/activation-maps
        after features train evaluate small:preprocess
      asked:report -> {workspaceRoot}/artifacts/benchmarks/asked/report
        after features train evaluate robustness activation-maps small:prepare small:preprocess askedbeside/seed-1:evaluate askedbeside/seed-2:evaluate unasked:evaluate askedbeside/seed-1:robustness askedbeside/seed-2:robustness
      askedbeside:robustness ->  (not cached)
        after askedbeside/seed-1:robustness askedbeside/seed-2:robustness
      askedbeside:report -> {workspaceRoot}/artifacts/benchmarks/askedbeside/report
        after askedbeside/shared:features askedbeside/seed-1:train askedbeside/seed-2:train askedbeside/seed-1:evaluate askedbeside/seed-2:evaluate small:prepare small:preprocess
      askedbeside/seed-1:robustness -> {workspaceRoot}/artifacts/benchmarks/askedbeside/seed-1/robustness
        after askedbeside/shared:features train evaluate small:preprocess
      askedbeside/seed-2:robustness -> {workspaceRoot}/artifacts/benchmarks/askedbeside/seed-2/robustness
        after askedbeside/shared:features train evaluate small:preprocess
      unasked:report -> {workspaceRoot}/artifacts/benchmarks/unasked/report
        after features train evaluate small:prepare small:preprocess asked:evaluate
      "
    `);
    expect(describeInputs(new Map(optional.filter(([task]) => /^asked:/.test(task))))).toMatchInlineSnapshot(`
      "
      asked:robustness
        {"json":"{projectRoot}/benchmark.json","fields":["source","targets","engine","device","robustness"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      asked:activation-maps
        {"json":"{projectRoot}/benchmark.json","fields":["source","targets","activationMaps"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      asked:report
        {"json":"{projectRoot}/benchmark.json","fields":["title","source","targets","backbone","train","grid","beside","report","published","notes"]}
        {"json":"{workspaceRoot}/benchmarks/askedbeside/benchmark.json","fields":["source","backbone","train","grid"]}
        {"json":"{workspaceRoot}/benchmarks/unasked/benchmark.json","fields":["source","backbone","train","grid"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      "
    `);
  });

  it("has the features of a fine-tuned backbone made after its training", async () => {
    const tuned = { ...smallBenchmark("small", 0.1), train: { mode: "finetune" }, weights: "b0.h5" };
    await workspace.writeJson("benchmarks/tuned/benchmark.json", tuned);
    await workspace.writeJson("benchmarks/tunedgrid/benchmark.json", {
      ...smallGrid("small", { "train.mode": ["frozen", "finetune"] }),
    });
    const targets = withoutDatasets(await infer("tuned", "tunedgrid"));
    expect(describeOrder(targets)).toMatchInlineSnapshot(`
      "
      tuned:features -> {workspaceRoot}/artifacts/benchmarks/tuned/features
        after small:prepare small:preprocess train
      tuned:train -> {workspaceRoot}/artifacts/benchmarks/tuned/train
        after small:prepare small:preprocess
      tuned:evaluate -> {workspaceRoot}/artifacts/benchmarks/tuned/evaluate
        after features train
      tuned:export -> {workspaceRoot}/artifacts/benchmarks/tuned/export
        after features train evaluate small:prepare small:preprocess
      tuned:report -> {workspaceRoot}/artifacts/benchmarks/tuned/report
        after features train evaluate small:prepare small:preprocess
      tunedgrid:features ->  (not cached)
        after tunedgrid/shared:features tunedgrid/mode-finetune:features
      tunedgrid:train ->  (not cached)
        after tunedgrid/mode-frozen:train tunedgrid/mode-finetune:train
      tunedgrid:evaluate ->  (not cached)
        after tunedgrid/mode-frozen:evaluate tunedgrid/mode-finetune:evaluate
      tunedgrid:export ->  (not cached)
        after tunedgrid/mode-frozen:export tunedgrid/mode-finetune:export
      tunedgrid:report -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/report
        after tunedgrid/shared:features tunedgrid/mode-finetune:features tunedgrid/mode-frozen:train tunedgrid/mode-finetune:train tunedgrid/mode-frozen:evaluate tunedgrid/mode-finetune:evaluate small:prepare small:preprocess
      tunedgrid/shared:features -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/shared/features
        after small:prepare small:preprocess
      tunedgrid/mode-frozen:train -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/mode-frozen/train
        after tunedgrid/shared:features
      tunedgrid/mode-frozen:evaluate -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/mode-frozen/evaluate
        after tunedgrid/shared:features train
      tunedgrid/mode-frozen:export -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/mode-frozen/export
        after tunedgrid/shared:features train evaluate small:prepare small:preprocess
      tunedgrid/mode-finetune:features -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/mode-finetune/features
        after small:prepare small:preprocess train
      tunedgrid/mode-finetune:train -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/mode-finetune/train
        after small:prepare small:preprocess
      tunedgrid/mode-finetune:evaluate -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/mode-finetune/evaluate
        after features train
      tunedgrid/mode-finetune:export -> {workspaceRoot}/artifacts/benchmarks/tunedgrid/mode-finetune/export
        after features train evaluate small:prepare small:preprocess
      "
    `);
    const ofTuned = [...targets].filter(([task]) => /^tuned:(features|train)$/.test(task));
    expect(describeInputs(new Map(ofTuned))).toMatchInlineSnapshot(`
      "
      tuned:features
        {"json":"{projectRoot}/benchmark.json","fields":["source","targets","backbone","weights","engine","device","input","features","evaluate"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      tuned:train
        {"json":"{projectRoot}/benchmark.json","fields":["source","train","backbone","weights","engine","device","input"]}
        {"json":"{projectRoot}/benchmark.json","excludeFields":["activationMaps","backbone","beside","device","engine","evaluate","features","grid","input","notes","published","report","robustness","source","targets","title","train","weights"]}
        {"runtime":"node tools/nx-plugin/file-state.mjs b0.h5"}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      "
    `);
  });

  it("makes every cell of a grid a project, and shares features where only the training differs", async () => {
    expect(
      describeOrder(await infer("grid", "besides", "inner").then(withoutDatasets)),
    ).toMatchInlineSnapshot(`
      "
      grid:features ->  (not cached)
        after grid/pixels:features
      grid:train ->  (not cached)
        after grid/pixels_seed-1:train grid/pixels_seed-2:train
      grid:evaluate ->  (not cached)
        after grid/pixels_seed-1:evaluate grid/pixels_seed-2:evaluate
      grid:export ->  (not cached)
        after grid/pixels_seed-1:export grid/pixels_seed-2:export
      grid:report -> {workspaceRoot}/artifacts/benchmarks/grid/report
        after grid/pixels:features grid/pixels_seed-1:train grid/pixels_seed-2:train grid/pixels_seed-1:evaluate grid/pixels_seed-2:evaluate small:prepare small:preprocess inner:evaluate
      grid/pixels:features -> {workspaceRoot}/artifacts/benchmarks/grid/pixels/features
        after small:prepare small:preprocess
      grid/pixels_seed-1:train -> {workspaceRoot}/artifacts/benchmarks/grid/pixels_seed-1/train
        after grid/pixels:features
      grid/pixels_seed-1:evaluate -> {workspaceRoot}/artifacts/benchmarks/grid/pixels_seed-1/evaluate
        after grid/pixels:features train
      grid/pixels_seed-1:export -> {workspaceRoot}/artifacts/benchmarks/grid/pixels_seed-1/export
        after grid/pixels:features train evaluate small:prepare small:preprocess
      grid/pixels_seed-2:train -> {workspaceRoot}/artifacts/benchmarks/grid/pixels_seed-2/train
        after grid/pixels:features
      grid/pixels_seed-2:evaluate -> {workspaceRoot}/artifacts/benchmarks/grid/pixels_seed-2/evaluate
        after grid/pixels:features train
      grid/pixels_seed-2:export -> {workspaceRoot}/artifacts/benchmarks/grid/pixels_seed-2/export
        after grid/pixels:features train evaluate small:prepare small:preprocess
      besides:features -> {workspaceRoot}/artifacts/benchmarks/besides/features
        after small:prepare small:preprocess
      besides:train -> {workspaceRoot}/artifacts/benchmarks/besides/train
        after features
      besides:evaluate -> {workspaceRoot}/artifacts/benchmarks/besides/evaluate
        after features train
      besides:export -> {workspaceRoot}/artifacts/benchmarks/besides/export
        after features train evaluate small:prepare small:preprocess
      besides:report -> {workspaceRoot}/artifacts/benchmarks/besides/report
        after features train evaluate small:prepare small:preprocess grid/pixels_seed-1:evaluate grid/pixels_seed-2:evaluate
      inner:features -> {workspaceRoot}/artifacts/benchmarks/inner/features
        after small:prepare small:preprocess
      inner:train -> {workspaceRoot}/artifacts/benchmarks/inner/train
        after features
      inner:evaluate -> {workspaceRoot}/artifacts/benchmarks/inner/evaluate
        after features train
      inner:export -> {workspaceRoot}/artifacts/benchmarks/inner/export
        after features train evaluate small:prepare small:preprocess
      inner:report -> {workspaceRoot}/artifacts/benchmarks/inner/report
        after features train evaluate small:prepare small:preprocess
      "
    `);
  });

  it("hashes of a grid what a cell shares by field, and what it varies by its project's tags", async () => {
    expect(describeInputs(await infer("grid", "inner").then(withoutDatasets))).toMatchInlineSnapshot(`
      "
      grid:features
      grid:train
      grid:evaluate
      grid:export
      grid:report
        {"json":"{projectRoot}/benchmark.json","fields":["title","source","targets","backbone","train","grid","beside","report","published","notes"]}
        {"json":"{workspaceRoot}/benchmarks/inner/benchmark.json","fields":["source","backbone","train","grid"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      grid/pixels:features
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","fields":["source","targets","backbone","weights","engine","device","input","features","evaluate"]}
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","excludeFields":["activationMaps","backbone","beside","device","engine","evaluate","features","grid","input","notes","published","report","robustness","source","targets","title","train","weights"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      grid/pixels_seed-1:train
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","fields":["source","train"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      grid/pixels_seed-1:evaluate
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","fields":["source","targets","engine","device","evaluate"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      grid/pixels_seed-1:export
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","fields":["title","source","targets","notes"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      grid/pixels_seed-2:train
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","fields":["source","train"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      grid/pixels_seed-2:evaluate
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","fields":["source","targets","engine","device","evaluate"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      grid/pixels_seed-2:export
        {"json":"{workspaceRoot}/benchmarks/grid/benchmark.json","fields":["title","source","targets","notes"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      inner:features
        {"json":"{projectRoot}/benchmark.json","fields":["source","targets","backbone","weights","engine","device","input","features","evaluate"]}
        {"json":"{projectRoot}/benchmark.json","excludeFields":["activationMaps","backbone","beside","device","engine","evaluate","features","grid","input","notes","published","report","robustness","source","targets","title","train","weights"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      inner:train
        {"json":"{projectRoot}/benchmark.json","fields":["source","train"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      inner:evaluate
        {"json":"{projectRoot}/benchmark.json","fields":["source","targets","engine","device","evaluate"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      inner:export
        {"json":"{projectRoot}/benchmark.json","fields":["title","source","targets","notes"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      inner:report
        {"json":"{projectRoot}/benchmark.json","fields":["title","source","targets","backbone","train","grid","beside","report","published","notes"]}
        {"dependentTasksOutputFiles":"**/artifact.json"}
      "
    `);
    const projects = await inferProjects("grid", "inner");
    const ofGrid = projects.filter(({ root }) => root.startsWith("benchmarks/grid"));
    expect(ofGrid.map(({ name, root, tags }) => [name, root, ...tags])).toMatchInlineSnapshot(`
      [
        [
          "grid",
          "benchmarks/grid",
          "type:benchmark",
        ],
        [
          "grid/pixels",
          "benchmarks/grid/pixels",
          "type:cell",
          "backbone=pixels",
        ],
        [
          "grid/pixels_seed-1",
          "benchmarks/grid/pixels_seed-1",
          "type:cell",
          "backbone=pixels",
          "train.seed=1",
        ],
        [
          "grid/pixels_seed-2",
          "benchmarks/grid/pixels_seed-2",
          "type:cell",
          "backbone=pixels",
          "train.seed=2",
        ],
      ]
    `);
    expect(ofGrid[0]!.implicitDependencies).toEqual([
      "@fer-bench/cli",
      "small",
      "inner",
      ...ofGrid.slice(1).map(({ name }) => name),
    ]);
  });

  it("leaves a cell as it is when the grid has one more", async () => {
    const before = await inferProjects("grid", "inner");
    await workspace.writeJson(
      "benchmarks/grid/benchmark.json",
      smallGrid("small", { backbone: ["efficientnet-b0.random", "pixels"], "train.seed": [3, 2, 1] }),
    );
    const after = new Map((await inferProjects("grid", "inner")).map((project) => [project.name, project]));
    const cells = before.filter(({ tags }) => tags.includes("type:cell"));
    expect(cells).toHaveLength(3);
    for (const cell of cells) expect(after.get(cell.name)).toEqual(cell);
    expect([...after.values()].filter(({ tags }) => tags.includes("type:cell"))).toHaveLength(8);
  });

  it("gives a grid that makes no cells the tasks of a benchmark, which refuse", async () => {
    await workspace.writeJson("benchmarks/bad/benchmark.json", smallGrid("small", { backbone: [] }));
    const targets = [...(await infer("bad"))].filter(([task]) => task.startsWith("bad"));
    expect(targets.map(([task, { options }]) => [task, options.command])).toEqual(
      ["features", "train", "evaluate", "export", "report"].map((stage) => [
        `bad:${stage}`,
        "node tools/nx-plugin/refuse.mjs bad",
      ]),
    );
  });

  it("takes the sources of a stage's packages and their libraries", async () => {
    const { inputs = [] } = (await infer()).get("imported:prepare")!;
    const sources = inputs.filter((input) => typeof input === "string" || "externalDependencies" in input);
    expect(sources).toMatchInlineSnapshot(`
      [
        "{workspaceRoot}/packages/artifacts/**/*",
        "{workspaceRoot}/packages/datasets/**/*",
        "{workspaceRoot}/packages/dataset-fer2013/**/*",
        "!{workspaceRoot}/packages/artifacts/**/*.test.*",
        "!{workspaceRoot}/packages/artifacts/test/**/*",
        "!{workspaceRoot}/packages/artifacts/*.md",
        "!{workspaceRoot}/packages/artifacts/package.json",
        "!{workspaceRoot}/packages/artifacts/tsconfig.json",
        "!{workspaceRoot}/packages/datasets/**/*.test.*",
        "!{workspaceRoot}/packages/datasets/test/**/*",
        "!{workspaceRoot}/packages/datasets/*.md",
        "!{workspaceRoot}/packages/datasets/package.json",
        "!{workspaceRoot}/packages/datasets/tsconfig.json",
        "!{workspaceRoot}/packages/dataset-fer2013/**/*.test.*",
        "!{workspaceRoot}/packages/dataset-fer2013/test/**/*",
        "!{workspaceRoot}/packages/dataset-fer2013/*.md",
        "!{workspaceRoot}/packages/dataset-fer2013/package.json",
        "!{workspaceRoot}/packages/dataset-fer2013/tsconfig.json",
        "{workspaceRoot}/packages/cli/src/commands/prepare.ts",
        "{workspaceRoot}/packages/cli/src/load-dataset.ts",
        {
          "externalDependencies": [
            "csv-parse",
            "hyparquet",
            "hyparquet-writer",
            "sharp",
            "tar-stream",
            "undici",
            "yauzl",
            "zod",
          ],
        },
      ]
    `);
  });

  it("takes TensorFlow.js's packages, as far as they are installed, where it is the engine", async () => {
    const librariesOf = async (stage: string) => {
      const { inputs = [] } = (await infer()).get(`inner:${stage}`)!;
      return inputs.flatMap((input) =>
        typeof input === "object" && "externalDependencies" in input
          ? (input.externalDependencies as string[])
          : [],
      );
    };
    expect((await librariesOf("features")).filter((name) => name.includes("tfjs"))).toEqual([]);
    const benchmark = smallBenchmark("small", 0.1);
    await workspace.writeJson("benchmarks/inner/benchmark.json", { ...benchmark, engine: "tfjs" });
    for (const stage of ["features", "evaluate"]) {
      const libraries = await librariesOf(stage);
      expect(libraries).toContain("@tensorflow/tfjs-backend-wasm");
      expect(libraries).not.toContain("@tensorflow/tfjs-node-gpu");
    }
    expect((await librariesOf("train")).filter((name) => name.includes("tfjs"))).toEqual([]);
    await workspace.writeJson("benchmarks/inner/benchmark.json", benchmark);
  });

  it("runs a stage of the command line by its project's name", async () => {
    expect((await infer()).get("cross:train")!.options.command).toBe(
      "node --conditions=@fer-bench/source --import tsx packages/cli/src/main.ts train cross",
    );
  });

  it("is found by old and new names", () => {
    expect(createNodesV2).toBe(createNodes);
  });
});

describe("the lists of stages", () => {
  it("have every field of benchmark.json", () => {
    expect(BENCHMARK_FIELDS).toEqual([...Object.keys(benchmarkSchema.shape), "grid"].sort());
  });

  it("name packages and commands that exist", () => {
    for (const [stage, { packages }] of Object.entries({ ...DATASET_STAGES, ...BENCHMARK_STAGES }) as [
      string,
      { packages: string[] },
    ][]) {
      for (const name of packages) expect(packageFolder(repository, name)).toBe(`packages/${name}`);
      expect(commandFiles(repository, stage)).toContain(`packages/cli/src/commands/${stage}.ts`);
    }
  });
});

describe("the files of a command", () => {
  let workspace: SmallWorkspace;
  beforeAll(async () => {
    workspace = await createSmallWorkspace();
  });
  afterAll(() => workspace.remove());

  it("are those it imports, and they in turn, but for types", async () => {
    const folder = join(workspace.root, "packages/cli/src");
    await mkdir(join(folder, "commands"), { recursive: true });
    const write = (file: string, text: string) => writeFile(join(folder, file), text);
    await write(
      "commands/probe.ts",
      'import {\n  one,\n  type Two,\n} from "../one.ts";\nimport type { T } from "../types.ts";\n',
    );
    await write(
      "one.ts",
      'import { join } from "node:path";\nexport { deep } from "./deep.ts";\nimport "./effect.ts";\n',
    );
    for (const file of ["deep.ts", "effect.ts", "types.ts", "unrelated.ts"]) await write(file, "");
    expect(commandFiles(workspace.root, "probe")).toEqual(
      ["commands/probe.ts", "deep.ts", "effect.ts", "one.ts"].map((file) => `packages/cli/src/${file}`),
    );
  });
});
