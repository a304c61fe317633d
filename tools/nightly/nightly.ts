/**
 * npm run nightly: runs what has changed, keeps it in the results' history, and says what got worse since the last night in
 * which nothing did.
 */
import { execFile } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { FerBenchError } from "@fer-bench/artifacts";
import { planTasks } from "@fer-bench/cluster";
import { compareRuns } from "@fer-bench/report";
import { type KeptRun, keepRun, readRun } from "../../packages/cli/src/kept-runs.ts";
import { loadBenchmark, runsOf } from "../../packages/cli/src/load-benchmark.ts";
import { findWorkspace, type Workspace } from "../../packages/cli/src/workspace.ts";
import { addNight, type Night, readNights } from "./history.ts";
import { type AccuracyChange, judgeAccuracy, judgeSpeed, type Line, type Speed } from "./verdict.ts";

const HELP = `Runs the benchmarks that are affected, and compares them with the last green night.

usage: npm run nightly -- [--no-speed] [--accept] [--list] [<benchmark>...]

  <benchmark>  only these; all whose data and weights are here, and that take no hours, where none is named
  --no-speed   do not measure speed
  --accept     what got worse did so on purpose: the next night is compared with this one
  --list       print as JSON which benchmarks Nx would run something for, and run nothing
  --help       this

Each night is a line of runs/nightly.jsonl. Exit status: 0 green, 1 something got worse or failed, 64 wrong usage.
`;

interface BenchResult {
  readonly done: readonly string[];
  readonly failed: readonly string[];
  readonly refused: readonly { name: string }[];
}

async function main(): Promise<void> {
  const { speed: measuresSpeed, accept, list, names } = readArguments();
  const workspace = findWorkspace(process.cwd());
  if (list) {
    process.stdout.write(`${JSON.stringify(await affected(workspace, names))}\n`);
    return;
  }
  const { done, failed, refused } = await bench(workspace, names);
  const runs = await keepAll(workspace, done);
  const file = join(workspace.runsDir, "nightly.jsonl");
  const nights = await readNights(file);
  const last = nights.findLast(({ green }) => green);
  const speed = measuresSpeed ? await measureSpeed(workspace) : undefined;

  const missed: Line[] = [...failed, ...refused.map(({ name }) => name)].map((name) => ({
    kind: "worse",
    text: `${name} failed: what went wrong stands above`,
  }));
  const gone: Line[] = Object.keys(last?.runs ?? {})
    .filter((name) => !runs.has(name) && !missed.some(({ text }) => text.startsWith(name.split("/")[0]!)))
    .map((name) => ({ kind: "not compared", text: `${name} was there, and is not tonight` }));
  const { changes, same, others } = await changesSince(workspace, last, runs);
  const lines = [
    ...missed,
    ...judgeAccuracy(changes),
    ...(speed ? [judgeSpeed(last?.speed, speed)] : []),
    ...others,
    ...gone,
  ];
  const isGreen = accept || lines.every(({ kind }) => kind !== "worse");
  const summary = [
    `${isGreen ? "green" : "RED"}: ${runs.size} runs, ${same} of them the same as ${last ? `on ${last.at}` : "before"}`,
    ...lines
      .toSorted((a, b) => RANK[a.kind] - RANK[b.kind])
      .map(({ kind, text }) => `${kind === "worse" ? "REGRESSION" : kind}: ${text}`),
  ];
  const [one] = runs.values();
  await addNight(file, {
    at: new Date().toISOString(),
    commit: one?.facts.code.commit ?? null,
    green: isGreen,
    runs: Object.fromEntries([...runs].map(([name, { hash }]) => [name, hash])),
    ...(speed && { speed: { ...speed, shares: [...speed.shares] } }),
    summary,
  });
  process.stdout.write(`\n${summary.join("\n")}\n`);
  const { GITHUB_STEP_SUMMARY: page } = process.env;
  if (page) await appendFile(page, `${summary.map((line) => `- ${line}`).join("\n")}\n`);
  process.exitCode = isGreen ? 0 : 1;
}

const RANK: Readonly<Record<Line["kind"], number>> = { worse: 0, better: 1, "not compared": 2, same: 3 };

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        "no-speed": { type: "boolean", default: false },
        accept: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    return { speed: !values["no-speed"], accept: values.accept, list: values.list, names: positionals };
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n\n${HELP}`);
    process.exit(64);
  }
}

/** Lets `npm run bench` say what can run here, and run it: Nx does what has changed. */
async function bench(
  { root }: Workspace,
  names: readonly string[],
  flags: readonly string[] = [],
): Promise<BenchResult> {
  const args = ["tools/bench.mjs", "--json", ...flags, ...names];
  const run = promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1e9 });
  run.child.stderr?.pipe(process.stderr);
  // It fails where a benchmark does, and says which.
  const { stdout } = await run.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }));
  if (stdout.trim() !== "") return JSON.parse(stdout);
  throw new FerBenchError("bad-config", "the benchmarks cannot be run: why stands above");
}

/** Of the benchmarks that can run here, those of which Nx has something to run. */
async function affected(workspace: Workspace, names: readonly string[]): Promise<string[]> {
  const { done } = await bench(workspace, names, ["--list"]);
  if (done.length === 0) return [];
  const plan = await planTasks(workspace.root, "report", done);
  return plan.filter(({ stage }) => stage === "report").map(({ project }) => project);
}

/** Each finished run, kept, by its name. */
async function keepAll(workspace: Workspace, benchmarks: readonly string[]): Promise<Map<string, KeptRun>> {
  const kept = new Map<string, KeptRun>();
  for (const name of benchmarks) {
    for (const run of runsOf(name, await loadBenchmark(workspace, name))) {
      kept.set(run.name, await keepRun(workspace, run));
    }
  }
  return kept;
}

async function measureSpeed({ root }: Workspace): Promise<Speed> {
  const flags = ["--conditions=@fer-bench/source", "--import", "tsx", "tools/nightly/speed.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  return JSON.parse(stdout);
}

/** What tonight's runs came to next to those of the last green night; equal ones need no comparison. */
async function changesSince(
  workspace: Workspace,
  last: Night | undefined,
  runs: ReadonlyMap<string, KeptRun>,
): Promise<{ changes: AccuracyChange[]; same: number; others: Line[] }> {
  const changes: AccuracyChange[] = [];
  const others: Line[] = [];
  let same = 0;
  for (const [name, now] of runs) {
    const hash = last?.runs[name];
    if (hash === undefined) {
      others.push({ kind: "not compared", text: `${name} ran for the first time` });
      continue;
    }
    if (hash === now.hash) {
      same += 1;
      continue;
    }
    try {
      const before = await readRun(join(workspace.runsDir, name, hash));
      const [compared] = await compareRuns(comparable(before), [comparable(now)]);
      changes.push(...compared!.targets.map((target) => accuracyChange(name, target)));
    } catch (error) {
      if (!(error instanceof FerBenchError)) throw error;
      others.push({ kind: "not compared", text: `${name}: ${error.message}` });
    }
  }
  return { changes, same, others };
}

function comparable({ benchmark, hash, dir, facts }: KeptRun) {
  return { name: `${benchmark} ${hash}`, dir, facts };
}

type Target = Awaited<ReturnType<typeof compareRuns>>[number]["targets"][number];

function accuracyChange(run: string, { target, n, metrics, mcnemar }: Target): AccuracyChange {
  const { first, second } = metrics.find(({ metric }) => metric === "accuracy")!;
  const { onlyFirst, onlySecond } = mcnemar;
  return { run, target, n, before: first, now: second, onlyBefore: onlyFirst, onlyNow: onlySecond };
}

await main();
