/* The tasks of a data set and of a benchmark: command, order, inputs, outputs. */
import { sourceInputs } from "./source-inputs.mjs";
import { BENCHMARK_FIELDS, BENCHMARK_STAGES, BESIDE_FIELDS, DATASET_STAGES } from "./stages.mjs";

/** The stages of a data set; `generate` only where it is made by code. */
export function datasetTargets(dataset) {
  const raw = dataset.generated ? [] : [{ runtime: `node tools/nx-plugin/raw-state.mjs ${dataset.name}` }];
  const after = {
    generate: [],
    prepare: dataset.generated ? ["generate"] : [],
    preprocess: dataset.generated ? ["generate", "prepare"] : ["prepare"],
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
          ...sourceInputs(dataset.workspaceRoot, stage, [...packages, dataset.package]),
          manifestInput(dataset.name, fields, excludeFields),
          ...(readsRaw ? raw : []),
        ],
      }),
    ]),
  );
}

/** The stages of a benchmark. One that cannot be read has the same tasks; each says what is wrong, and fails. */
export function benchmarkTargets(benchmark) {
  const stages = Object.entries(BENCHMARK_STAGES);
  if (benchmark.problem) {
    return Object.fromEntries(stages.map(([stage]) => [stage, refusal(benchmark)]));
  }
  const after = {
    features: readyDatasets(benchmark),
    train: ["features"],
    evaluate: ["features", "train"],
    export: ["features", "train", "evaluate", ...readyDatasets(benchmark)],
    report: reportDependencies(benchmark),
  };
  return Object.fromEntries(
    stages.map(([stage, { packages, files, fields }]) => [
      stage,
      stageTarget({
        stage,
        name: benchmark.name,
        output: `artifacts/benchmarks/${benchmark.name}/${stage}`,
        dependsOn: after[stage],
        inputs: [
          ...sourceInputs(benchmark.workspaceRoot, stage, packages, {
            files,
            // All that TensorFlow.js computes with is an optional peer.
            peers: benchmark.engine === "tfjs" && fields.includes("engine"),
          }),
          { json: "{projectRoot}/benchmark.json", fields },
          ...(stage === "features" ? [unknownFields, ...weightsInput(benchmark)] : []),
          ...(stage === "report" ? besideInputs(benchmark) : []),
        ],
      }),
    ]),
  );
}

/** A misspelt field reruns the first stage, which refuses it; else every task would come from the cache. */
const unknownFields = { json: "{projectRoot}/benchmark.json", excludeFields: BENCHMARK_FIELDS };

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
 * The weights that a user has put in a file of the workspace, or anywhere. Published ones count by their checksum, which
 * is in the sources.
 */
function weightsInput({ weights }) {
  return weights === undefined
    ? []
    : [{ runtime: `node tools/nx-plugin/weights-state.mjs ${asOneWord(weights)}` }];
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

/** A report reads its own stages, and of the benchmarks beside it what they came to. */
function reportDependencies(benchmark) {
  const beside = benchmark.beside.filter((name) => name !== benchmark.name);
  return [
    "features",
    "train",
    "evaluate",
    ...readyDatasets(benchmark),
    ...(beside.length > 0 ? [{ projects: beside, target: "evaluate" }] : []),
  ];
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
