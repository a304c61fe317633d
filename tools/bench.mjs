/* npm run bench: every benchmark whose data and weights are here, and one table of what they came to. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeProblem, readWorkspace } from "./nx-plugin/workspace.mjs";
import { root, runNx } from "./run-nx.mjs";

const HELP = `Runs the benchmarks whose data and files of weights are here, says which it skips and why, prints all accuracies, and
writes the page over all benchmarks and their history: artifacts/benchmarks/index.html.

usage: npm run bench -- [--json] [--finetune] [--list] [<benchmark>...]

  <benchmark>  only these (folders of benchmarks/); all where none is named
  --finetune   also those that train their backbones, which takes hours and goes on where it was interrupted
  --list       run nothing: with --json, \`done\` are those that could run
  --json       the results on stdout as JSON; everything else on stderr
  --help       this

Exit status: 0 all that could run did, 1 one failed, 64 wrong usage.
`;

const MANIFEST = "datasets.manifest.json";

function main() {
  const { json, finetune, list, names } = readArguments();
  const { datasets, benchmarks } = readAll();
  const known = benchmarks.map(({ name }) => name);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger) fail(64, `there is no benchmark "${stranger}"; known: ${known.join(", ")}`);
  const asked = benchmarks.filter(({ name }) => names.length === 0 || names.includes(name));
  const isPutOff = (benchmark) => trainsBackbone(benchmark) && !finetune && !names.includes(benchmark.name);
  const chosen = asked.filter((benchmark) => !isPutOff(benchmark));

  const broken = chosen.filter(({ problem }) => problem);
  const skipped = chosen
    .filter(({ problem }) => !problem)
    .map((benchmark) => ({
      name: benchmark.name,
      missing: missingDatasets(benchmark, benchmarks, datasets),
      missingWeights: missingWeights(benchmark, benchmarks),
    }))
    .filter(({ missing, missingWeights }) => missing.length + missingWeights.length > 0);
  const ready = chosen.filter(
    ({ name, problem }) => !problem && !skipped.some((other) => other.name === name),
  );

  const readyNames = ready.map(({ name }) => name);
  const done = list ? new Set(readyNames) : runReports(readyNames, json);
  const failed = readyNames.filter((name) => !done.has(name));
  const hasIndex = list || writeIndex(json);
  const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`);
  for (const { name, missing, missingWeights } of skipped) {
    const data = missing.length > 0 ? [`data for ${missing.map((one) => one.name).join(" and ")}`] : [];
    say(`\nskipped ${name}: no ${[...data, ...missingWeights].join(" and no ")}`);
    for (const dataset of missing) say(`  ${dataset.name}: ${dataset.howToGet}`);
  }
  for (const { name } of asked.filter(isPutOff)) {
    say(`\nskipped ${name}: it trains its backbone, which takes hours; name it, or give --finetune`);
  }
  for (const { name, problem } of broken) say(`\nskipped ${name}: ${describeProblem(problem)}`);
  for (const name of failed) say(`\nfailed ${name}: its rows are left out; what went wrong stands above`);

  const rows = list ? [] : distinctRows(ready.filter(({ name }) => done.has(name)).flatMap(accuracyRows));
  if (json) {
    const withoutData = skipped.map(({ name, missing, missingWeights }) => ({
      name,
      missing: [...missing.map((one) => one.name), ...missingWeights],
    }));
    const refused = broken.map(({ name, problem }) => ({ name, problem }));
    process.stdout.write(
      `${JSON.stringify({ done: [...done], rows, skipped: withoutData, refused, failed }, undefined, 2)}\n`,
    );
  } else if (list) {
    say(`\ncould run: ${readyNames.join(", ") || "none"}`);
  } else if (rows.length > 0) {
    say(`\n${tableText(rows)}`);
  }
  process.exitCode = failed.length + broken.length > 0 || !hasIndex ? 1 : 0;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        finetune: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    return { json: values.json, finetune: values.finetune, list: values.list, names: positionals };
  } catch (error) {
    return fail(64, `${error.message}\n\n${HELP}`);
  }
}

function readAll() {
  const files = readdirSync(join(root, "benchmarks"))
    .map((name) => `benchmarks/${name}/benchmark.json`)
    .filter((file) => existsSync(join(root, file)));
  try {
    return readWorkspace(root, MANIFEST, files);
  } catch (error) {
    return fail(78, error.message);
  }
}

function trainsBackbone({ trainsBackbone: all, cells = [] }) {
  return all || cells.some((cell) => cell.trainsBackbone);
}

/** The data sets that a benchmark and those beside it need, and that are not here. */
function missingDatasets(benchmark, benchmarks, datasets) {
  const beside = benchmarks.filter(({ name }) => benchmark.beside.includes(name));
  const used = new Set([benchmark, ...beside].flatMap((one) => one.datasets));
  const raw = new Set(datasets.filter(({ name }) => used.has(name)).flatMap(({ rawSets }) => rawSets));
  return datasets.filter(
    ({ name }) => raw.has(name) && !existsSync(join(root, "data", "raw", name, "import.json")),
  );
}

/** The files of weights that a benchmark and those beside it name, and that are not here. */
function missingWeights(benchmark, benchmarks) {
  const beside = benchmarks.filter(({ name }) => benchmark.beside.includes(name));
  const files = [benchmark, ...beside].flatMap(({ weights }) => weights ?? []);
  return files.filter((file) => !existsSync(resolve(root, file)));
}

/** Runs the reports; the names of those that were made or stood in the cache. One failure does not stop the others. */
function runReports(names, json) {
  if (names.length === 0) return new Set();
  const status = runNx(
    ["run-many", "-t", "report", "-p", names.join(","), "--outputStyle=stream-without-prefixes"],
    json ? 2 : "inherit",
  );
  if (status === 0) return new Set(names);
  return new Set(reportsDone());
}

/** The page over all benchmarks, which depends on every run that was ever kept: no task of Nx's, but seconds. */
function writeIndex(json) {
  const command = ["--conditions=@fer-bench/source", "--import", "tsx", "packages/cli/src/main.ts", "index"];
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ["inherit", json ? 2 : "inherit", "inherit"],
  });
  return status === 0;
}

/** Nx's record of its last run says which tasks came to an end. */
function reportsDone() {
  const cache = process.env.NX_CACHE_DIRECTORY ?? join(root, ".nx", "cache");
  const { tasks } = JSON.parse(readFileSync(join(cache, "run.json"), "utf8"));
  return tasks
    .filter(({ target, status }) => target === "report" && status === 0)
    .map((task) => task.projectName);
}

/** A benchmark's rows: its own result, which stands first, or those of its cells, then baselines and published ones. */
function accuracyRows({ name, datasets, cells }) {
  const tables = join(root, "artifacts", "benchmarks", name, "report", "tables");
  return datasets.flatMap((dataset) => {
    const file = join(tables, `accuracy-${dataset}.json`);
    if (!existsSync(file)) return [];
    const { rows } = JSON.parse(readFileSync(file, "utf8"));
    const measured = rows.filter(({ kind }) => kind === "measured");
    const own = cells ? measured.filter(({ cell }) => cell !== null) : measured.slice(0, 1);
    const others = rows.filter(({ kind }) => kind !== "measured");
    return [
      ...own.map((row) => ({ benchmark: cells ? `${name}/${row.cell}` : name, tested_on: dataset, ...row })),
      ...others.map((row) => ({ benchmark: null, tested_on: dataset, ...row })),
    ];
  });
}

/**
 * Baselines and published rows stand in several benchmarks' tables, where grids have columns that say nothing of them;
 * here once. By data set, best first.
 */
function distinctRows(rows) {
  const byText = new Map(rows.map((row) => [JSON.stringify(row, (_, value) => value ?? undefined), row]));
  return [...byText.values()].sort(
    (a, b) => compare(a.tested_on, b.tested_on) || b.accuracy - a.accuracy || compare(a.method, b.method),
  );
}

function tableText(rows) {
  const lines = [
    ["Tested on", "Benchmark", "Method", "Backbone, weights", "n", "Accuracy, %", "95% interval", "Kind"],
    ...rows.map((row) => [
      row.tested_on,
      row.benchmark,
      row.method,
      row.backbone,
      row.n,
      percent(row.accuracy),
      row.accuracy_low === null ? null : `${percent(row.accuracy_low)}-${percent(row.accuracy_high)}`,
      row.kind,
    ]),
  ].map((cells) => cells.map((cell) => String(cell ?? "")));
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const caveats = [...new Set(rows.map(({ caveat }) => caveat).filter(Boolean))];
  const text = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
  return [text[0], "-".repeat(text[0].length), ...text.slice(1), ...caveats.map((one) => `\n${one}`)].join(
    "\n",
  );
}

function fail(status, message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(status);
}

const percent = (share) => (100 * share).toFixed(2);
const compare = (a, b) => Number(a > b) - Number(a < b);

main();
