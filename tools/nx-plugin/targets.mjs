/* The tasks of a data set and of a benchmark: command, order, inputs, outputs. */
import { sourceInputs } from "./source-inputs.mjs";
import {
  BACKBONE_FIELDS,
  BENCHMARK_FIELDS,
  BENCHMARK_STAGES,
  BESIDE_FIELDS,
  DATASET_STAGES,
  OPTIONAL_STAGES,
} from "./stages.mjs";

/** The stages of a data set; `generate` only where it is made by code. */
export function datasetTargets(dataset) {
  const raw = dataset.rawSets.map((set) => ({ runtime: `node tools/nx-plugin/raw-state.mjs ${set}` }));
  const { reads } = dataset;
  const made = reads.filter(({ generated }) => generated).map(({ name }) => name);
  const generated = [
    ...(dataset.generated ? ["generate"] : []),
    ...(made.length > 0 ? [{ projects: made, target: "generate" }] : []),
  ];
  const after = {
    generate: [],
    prepare: generated,
    preprocess: [...generated, "prepare"],
    describe: ["prepare", "preprocess"],
  };
  const stages = Object.entries(DATASET_STAGES).filter(
    ([stage]) => stage !== "generate" || dataset.generated,
  );
  return Object.fromEntries(
    stages.map(([stage, { packages, fields, excludeFields, raw: readsRaw }]) => [
      stage,
      stageTarget({
        stage,
        name: dataset.name,
        output: `artifacts/datasets/${dataset.name}/${stage}`,
        dependsOn: after[stage],
        inputs: [
          ...sourceInputs(dataset.workspaceRoot, stage, [
            ...packages,
            dataset.package,
            ...reads.map((other) => other.package),
          ]),
          manifestInput(dataset.name, fields, excludeFields),
          ...(readsRaw
            ? reads.map((other) => manifestInput(other.name, ["package", "generated", "options"]))
            : []),
          ...(readsRaw ? raw : []),
          ...(stage === "preprocess" ? fileInput(dataset.landmarks) : []),
        ],
      }),
    ]),
  );
}

/** The stages of a benchmark. One that cannot be read has the same tasks; each says what is wrong, and fails. */
export function benchmarkTargets(benchmark) {
  if (benchmark.problem) {
    const stages = Object.keys(BENCHMARK_STAGES).filter((stage) => !OPTIONAL_STAGES.includes(stage));
    return Object.fromEntries(stages.map((stage) => [stage, refusal(benchmark)]));
  }
  const { name, cells } = benchmark;
  const target = stageTargets(benchmark);
  const report = target("report", name, reportDependencies(benchmark));
  if (cells) {
    const stages = ["features", "train", "evaluate", ...benchmark.optional, "export"];
    return { ...Object.fromEntries(stages.map((stage) => [stage, together(ofCells(cells, stage))])), report };
  }
  const after = stageOrder(benchmark, "features");
  return {
    ...Object.fromEntries(
      Object.keys(after).map((stage) => [stage, target(stage, name, after[stage], benchmark.trainsBackbone)]),
    ),
    report,
  };
}

/**
 * What each stage but the report waits for, given the task that makes the features: before training, or of the backbone
 * that was trained.
 */
function stageOrder(benchmark, features, { trainsBackbone } = benchmark) {
  const datasets = readyDatasets(benchmark);
  const again = [features, "train", "evaluate", { projects: benchmark.datasets, target: "preprocess" }];
  return {
    features: trainsBackbone ? [...datasets, "train"] : datasets,
    train: trainsBackbone ? datasets : [features],
    evaluate: [features, "train"],
    ...Object.fromEntries(benchmark.optional.map((stage) => [stage, again])),
    export: [features, "train", "evaluate", ...datasets],
  };
}

/**
 * The projects of a grid's cells, { name, values, targets } each. Cells that differ in their training alone share
 * features, which are then a project of their own.
 */
export function cellProjects(benchmark) {
  const target = stageTargets(benchmark);
  const projects = new Map();
  const add = (name, values, targets) => {
    projects.set(name, { name, values, targets: { ...projects.get(name)?.targets, ...targets } });
  };
  for (const cell of benchmark.cells ?? []) {
    const { name, features, values, trainsBackbone } = cell;
    const isShared = features !== name;
    const before = isShared ? { projects: [features], target: "features" } : "features";
    const after = stageOrder(benchmark, before, cell);
    add(features, isShared ? withoutTraining(values) : values, {
      features: target("features", features, after.features, trainsBackbone),
    });
    const own = ["train", "evaluate", ...benchmark.optional, "export"].map((stage) => [
      stage,
      target(stage, name, after[stage], trainsBackbone),
    ]);
    add(name, values, Object.fromEntries(own));
  }
  return [...projects.values()];
}

function withoutTraining(values) {
  return Object.fromEntries(Object.entries(values).filter(([field]) => !field.startsWith("train.")));
}

/** Makes the tasks of a benchmark, and of its cells by their names. */
function stageTargets(benchmark) {
  const sources = Object.fromEntries(
    Object.entries(BENCHMARK_STAGES).map(([stage, { packages, files, fields }]) => [
      stage,
      sourceInputs(benchmark.workspaceRoot, stage, packages, {
        files,
        // All that TensorFlow.js computes with is an optional peer.
        peers: benchmark.engine === "tfjs" && fields.includes("engine"),
      }),
    ]),
  );
  return (stage, name, dependsOn, trainsBackbone = false) => {
    const json =
      name === benchmark.name ? "{projectRoot}/benchmark.json" : `{workspaceRoot}/${benchmark.file}`;
    const makesBackbone = stage === (trainsBackbone ? "train" : "features");
    const fields = BENCHMARK_STAGES[stage].fields;
    return stageTarget({
      stage,
      name,
      output: `artifacts/benchmarks/${name}/${stage}`,
      dependsOn,
      inputs: [
        ...sources[stage],
        { json, fields: trainsBackbone && stage === "train" ? [...fields, ...BACKBONE_FIELDS] : fields },
        // A misspelt field reruns the first stage, which refuses it; else every task would come from the cache.
        ...(makesBackbone
          ? [{ json, excludeFields: BENCHMARK_FIELDS }, ...fileInput(benchmark.weights)]
          : []),
        ...(stage === "report" ? besideInputs(benchmark) : []),
      ],
    });
  };
}

/** A task that is done when others are. */
function together(tasks) {
  return { executor: "nx:noop", inputs: [], dependsOn: [tasks] };
}

function stageTarget({ stage, name, output, dependsOn, inputs }) {
  return {
    executor: "nx:run-commands",
    options: {
      command: `node --conditions=@fer-bench/source --import tsx packages/cli/src/main.ts ${stage} ${name}`,
      cwd: "{workspaceRoot}",
    },
    cache: true,
    dependsOn,
    inputs: [...inputs, ...(dependsOn.length > 0 ? [upstreamArtifacts] : [])],
    outputs: [`{workspaceRoot}/${output}`],
  };
}

/**
 * Upstream artifacts count by their data: artifact.json lists every file's checksum. provenance.json does not
 * count, though reports print parts of it. It carries times, so a stage that ran again to the same bytes would
 * otherwise rerun everything behind it; its settings, seeds and library versions reach a stage's hash on their own,
 * as the inputs of the task that wrote it, and change the data if they matter.
 */
const upstreamArtifacts = { dependentTasksOutputFiles: "**/artifact.json" };

/**
 * Weights or landmarks that a user has put in a file of the workspace, or anywhere. Published ones count by their
 * checksum, which is in the sources.
 */
function fileInput(path) {
  return path === undefined ? [] : [{ runtime: `node tools/nx-plugin/file-state.mjs ${asOneWord(path)}` }];
}

/** As one word to any shell. */
function asOneWord(path) {
  return encodeURIComponent(path).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

function manifestInput(name, fields, excludeFields) {
  const entry = `datasets.${name}`;
  const inEntry = (field) => `${entry}.${field}`;
  return {
    json: "{workspaceRoot}/datasets.manifest.json",
    fields: fields?.map(inEntry) ?? [entry],
    ...(excludeFields && { excludeFields: excludeFields.map(inEntry) }),
  };
}

function readyDatasets({ datasets }) {
  return [
    { projects: datasets, target: "prepare" },
    { projects: datasets, target: "preprocess" },
  ];
}

/** A report reads its own stages, and of the benchmarks beside it what they came to. A grid's shows no optional stage. */
function reportDependencies(benchmark) {
  const { cells, besides, testedBesides } = benchmark;
  const optional = cells ? [] : benchmark.optional;
  const isTested = optional.includes("robustness");
  return [
    ...["features", "train", "evaluate", ...optional].map((stage) => (cells ? ofCells(cells, stage) : stage)),
    ...readyDatasets(benchmark),
    ...(besides.length > 0 ? [{ projects: besides, target: "evaluate" }] : []),
    ...(isTested && testedBesides.length > 0 ? [{ projects: testedBesides, target: "robustness" }] : []),
  ];
}

/** A stage of all cells. */
function ofCells(cells, stage) {
  const names = cells.map((cell) => (stage === "features" ? cell.features : cell.name));
  return { projects: [...new Set(names)], target: stage };
}

function besideInputs({ beside }) {
  return beside.map((name) => ({
    json: `{workspaceRoot}/benchmarks/${name}/benchmark.json`,
    fields: BESIDE_FIELDS,
  }));
}

function refusal({ name }) {
  return {
    executor: "nx:run-commands",
    options: { command: `node tools/nx-plugin/refuse.mjs ${name}`, cwd: "{workspaceRoot}" },
    cache: false,
  };
}
