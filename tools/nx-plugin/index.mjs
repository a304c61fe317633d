/*
 * The Nx plugin: every data set of datasets.manifest.json, every benchmarks/<name>/benchmark.json and every cell of one
 * that is a grid becomes a project, every stage of it a cached task. Plain JavaScript: Nx loads it without a TypeScript
 * loader.
 */
import { closeSharedCache, openSharedCache } from "./shared-cache.mjs";
import { benchmarkTargets, cellProjects, datasetTargets } from "./targets.mjs";
import { readWorkspace } from "./workspace.mjs";

const MANIFEST = "datasets.manifest.json";

/** Called by Nx with the files that match; returns the projects each of them makes. */
export const createNodes = [
  `{${MANIFEST},benchmarks/*/benchmark.json}`,
  async (files, _options, { workspaceRoot }) => {
    const benchmarkFiles = files.filter((file) => file !== MANIFEST);
    const { datasets, benchmarks } = readWorkspace(workspaceRoot, MANIFEST, benchmarkFiles);
    return [
      [MANIFEST, { projects: Object.fromEntries(datasets.map(datasetProject)) }],
      ...benchmarks.map((benchmark) => [
        benchmark.file,
        { projects: Object.fromEntries(benchmarkProjects(benchmark)) },
      ]),
    ];
  },
];

/** Called by Nx before it runs tasks, and after. */
export const preTasksExecution = (_options, { workspaceRoot }) => openSharedCache(workspaceRoot, MANIFEST);
export const postTasksExecution = () => closeSharedCache();

/** The name that Nx before 21 asks for. */
export const createNodesV2 = createNodes;

/** A data set has no folder of sources; its project stands where its raw data is put. */
function datasetProject(dataset) {
  const root = `data/raw/${dataset.name}`;
  return [
    root,
    {
      name: dataset.name,
      root,
      projectType: "application",
      tags: ["type:data-set"],
      implicitDependencies: ["@fer-bench/cli"],
      targets: datasetTargets(dataset),
    },
  ];
}

function benchmarkProjects(benchmark) {
  const { name, datasets, beside } = benchmark;
  const cells = cellProjects(benchmark);
  const whole = {
    name,
    root: `benchmarks/${name}`,
    projectType: "application",
    tags: ["type:benchmark"],
    implicitDependencies: ["@fer-bench/cli", ...datasets, ...beside, ...cells.map((cell) => cell.name)],
    targets: benchmarkTargets(benchmark),
  };
  return [whole, ...cells.map((cell) => cellProject(cell, datasets))].map((project) => [
    project.root,
    project,
  ]);
}

/**
 * Nx hashes a project's commands with each of its tasks, so every cell is a project, lest one more reruns the others.
 * What a cell varies is in its tags: they are hashed, too, and `-p tag:backbone=pixels` selects by them.
 */
function cellProject({ name, values, targets }, datasets) {
  return {
    name,
    root: `benchmarks/${name}`,
    projectType: "application",
    tags: ["type:cell", ...Object.entries(values).map(([field, value]) => `${field}=${value}`)],
    implicitDependencies: ["@fer-bench/cli", ...datasets],
    targets,
  };
}
