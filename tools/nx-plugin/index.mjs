/*
 * The Nx plugin: every data set of datasets.manifest.json and every benchmarks/<name>/benchmark.json becomes a
 * project, every stage of it a cached task. Plain JavaScript: Nx loads it without a TypeScript loader.
 */
import { benchmarkTargets, datasetTargets } from "./targets.mjs";
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
        { projects: Object.fromEntries([benchmarkProject(benchmark)]) },
      ]),
    ];
  },
];

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

function benchmarkProject(benchmark) {
  const root = `benchmarks/${benchmark.name}`;
  return [
    root,
    {
      name: benchmark.name,
      root,
      projectType: "application",
      tags: ["type:benchmark"],
      implicitDependencies: ["@fer-bench/cli", ...benchmark.datasets, ...benchmark.beside],
      targets: benchmarkTargets(benchmark),
    },
  ];
}
