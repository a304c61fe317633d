/* Reads what the tasks are inferred from. Full validation is the command line's; here is what the order needs. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { combinations } from "./grid.mjs";
import { BENCHMARK_STAGES, OPTIONAL_STAGES } from "./stages.mjs";

/**
 * The data sets of the manifest, and the benchmarks, those that are grids with their `cells`. A benchmark that cannot
 * be read or names what is not there has a `problem`; the others go on. Throws where the manifest cannot be read.
 */
export function readWorkspace(workspaceRoot, manifestFile, benchmarkFiles) {
  const manifest = readJsonObject(workspaceRoot, manifestFile);
  if (manifest.problem) throw withoutStack(manifest.problem);
  const datasets = readDatasets(workspaceRoot, manifestFile, manifest.value);
  const names = {
    datasets: datasets.map(({ name }) => name),
    benchmarks: benchmarkFiles.map(benchmarkName),
  };
  const benchmarks = benchmarkFiles.map((file) => readBenchmark(workspaceRoot, file, names));
  const tested = benchmarks.filter(({ optional }) => optional.includes("robustness"));
  return {
    datasets,
    benchmarks: benchmarks.map((one) => ({
      ...one,
      besides: besidesOf(one, benchmarks),
      testedBesides: besidesOf(one, tested),
    })),
  };
}

/** The projects of these benchmarks that are beside one: of a grid, its cells. */
function besidesOf({ name, beside }, benchmarks) {
  return beside
    .filter((other) => other !== name)
    .flatMap((other) => benchmarks.find((benchmark) => benchmark.name === other) ?? [])
    .flatMap((other) => other.cells?.map((cell) => cell.name) ?? [other.name]);
}

/** What a user sees: the words and the layout of every error of fer-bench. */
export function describeProblem({ message, file, field, remedy }) {
  const lines = [message, `  file:   ${file}`];
  if (field !== undefined) lines.push(`  field:  ${field}`);
  lines.push(`  remedy: ${remedy}`);
  return lines.join("\n");
}

function readDatasets(workspaceRoot, file, manifest) {
  if (!isObject(manifest.datasets)) {
    throw withoutStack({
      message: "the manifest has no data sets",
      file,
      field: "datasets",
      remedy: 'give it { "datasets": { "<name>": { ... } } }',
    });
  }
  return Object.entries(manifest.datasets).map(([name, entry]) => {
    const field = `datasets.${name}`;
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
      throw withoutStack({
        message: `"${name}" cannot name a data set`,
        file,
        field,
        remedy: "use lower-case letters, digits and hyphens",
      });
    }
    if (!isObject(entry) || typeof entry.package !== "string") {
      throw withoutStack({
        message: `data set ${name} does not say which package reads it`,
        file,
        field: `${field}.package`,
        remedy: 'name one, such as "@fer-bench/dataset-synthetic"',
      });
    }
    return {
      workspaceRoot,
      name,
      package: entry.package,
      generated: entry.generated === true,
      redistributable: entry.licence?.redistributable === true,
      howToGet: entry.source?.howToGet,
      rawSets: rawSetsOf(name, entry, manifest.datasets),
      reads: readSetsOf(entry, manifest.datasets),
      landmarks: typeof entry.face?.landmarks === "string" ? entry.face.landmarks : undefined,
    };
  });
}

/** The sets whose imports a set reads: its own or that of `raw`, and those of `reads`. */
function rawSetsOf(name, entry, entries) {
  const own = entry.generated === true ? [] : [typeof entry.raw === "string" ? entry.raw : name];
  const others = readSetsOf(entry, entries).filter((other) => !other.generated);
  return [...own, ...others.map((other) => other.name)];
}

/** The sets whose samples a set reads. */
function readSetsOf({ reads }, entries) {
  if (!isListOfNames(reads)) return [];
  return reads
    .filter((other) => isObject(entries[other]))
    .map((other) => ({
      name: other,
      package: entries[other].package,
      generated: entries[other].generated === true,
    }));
}

function readBenchmark(workspaceRoot, file, names) {
  const name = benchmarkName(file);
  const read = readJsonObject(workspaceRoot, file);
  const problem = read.problem ?? findProblem(file, name, read.value, names);
  if (problem) return { workspaceRoot, file, name, problem, datasets: [], beside: [], optional: [] };
  const { source, targets, weights, engine, train, beside = [], grid } = read.value;
  const datasets = [...new Set([source, ...targets])];
  const trainsBackbone = train?.mode === "finetune";
  const optional = OPTIONAL_STAGES.filter((stage) => isAsked(read.value[BENCHMARK_STAGES[stage].askedBy]));
  const benchmark = {
    workspaceRoot,
    file,
    name,
    datasets,
    weights,
    engine,
    trainsBackbone,
    beside,
    optional,
  };
  return grid === undefined ? benchmark : { ...benchmark, cells: cellsOf(name, grid, train?.mode) };
}

/** Each cell's project, the project that its features are of, and what it varies. */
function cellsOf(benchmark, grid, mode) {
  return combinations(grid, mode)?.map(({ name, features, values }) => ({
    name: `${benchmark}/${name}`,
    features: `${benchmark}/${features}`,
    values,
    trainsBackbone: (values["train.mode"] ?? mode) === "finetune",
  }));
}

function findProblem(file, name, { source, targets, weights, beside = [], grid }, names) {
  const problem = (message, field, remedy) => ({ message, file, field, remedy });
  if (names.datasets.includes(name)) {
    return problem(
      `benchmark ${name} has the name of a data set`,
      undefined,
      "rename its folder: both are Nx projects, and a project's name is unique",
    );
  }
  if (typeof source !== "string") {
    return problem("the data set to train on is missing", "source", `name one of ${list(names.datasets)}`);
  }
  if (!isListOfNames(targets)) {
    return problem("the data sets to test on are missing", "targets", 'give a list, such as ["synthetic"]');
  }
  if (weights !== undefined && typeof weights !== "string") {
    return problem("weights is not a file's name", "weights", "give its path, relative to the workspace");
  }
  if (!isListOfNames(beside)) {
    return problem(
      "beside is not a list of benchmarks",
      "beside",
      'give a list, such as ["synthetic-pixels"]',
    );
  }
  const named = [["source", source], ...targets.map((target, index) => [`targets[${index}]`, target])];
  const unknown = named.find(([, dataset]) => !names.datasets.includes(dataset));
  if (unknown) {
    const remedy = `name one of ${list(names.datasets)}, or add it to datasets.manifest.json`;
    return problem(`there is no data set "${unknown[1]}"`, unknown[0], remedy);
  }
  const stranger = beside.findIndex((other) => !names.benchmarks.includes(other));
  if (stranger >= 0) {
    const remedy = `name one of ${list(names.benchmarks.filter((other) => other !== name))}`;
    return problem(`there is no benchmark "${beside[stranger]}"`, `beside[${stranger}]`, remedy);
  }
  if (grid !== undefined && combinations(grid) === undefined) {
    const remedy = `see what is wrong with it: npx fer-bench report ${name}`;
    return problem("the grid makes no cells", "grid", remedy);
  }
  return undefined;
}

function readJsonObject(workspaceRoot, file) {
  const path = join(workspaceRoot, file);
  if (!existsSync(path)) {
    return { problem: { message: `there is no ${file}`, file, remedy: "restore it from version control" } };
  }
  try {
    const value = JSON.parse(readFileSync(path, "utf8"));
    if (isObject(value)) return { value };
    return { problem: { message: "an object was expected", file, remedy: "put { ... } around its fields" } };
  } catch (error) {
    return { problem: { message: `not JSON: ${error.message}`, file, remedy: "correct its syntax" } };
  }
}

const isAsked = (setting) => setting !== undefined && setting !== null && setting !== false;
const benchmarkName = (file) => file.split("/").at(-2);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isListOfNames = (value) => Array.isArray(value) && value.every((name) => typeof name === "string");
const list = (names) => names.join(", ") || "none yet";

/** Nx prints the stack of what a plugin throws; the reader's mistake is in a file, not in this code. */
function withoutStack(problem) {
  const error = new Error(describeProblem(problem));
  error.stack = error.message;
  return error;
}
