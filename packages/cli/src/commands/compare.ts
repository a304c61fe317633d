import { basename, join, relative } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import { compareRuns, comparisonText } from "@fer-bench/report";
import type { CommandContext } from "../context.ts";
import { findRuns, type KeptResult, type KeptRun, keepRun, readResults, readRun } from "../kept-runs.ts";
import { loadRun } from "../load-benchmark.ts";
import type { Workspace } from "../workspace.ts";

/** The word for the run that a benchmark's present one replaced. */
const PREVIOUS = "previous";
/** A word is taken for a run's hash where it looks like the beginning of one. */
const HASH = /^[0-9a-f]{4,12}$/;

/** Compares the first run with each of the others; one alone with the run before it. */
export async function compare(context: CommandContext, given: readonly string[]): Promise<void> {
  const { workspace, json, print } = context;
  const words = given.length === 1 ? [PREVIOUS, given[0]!] : given;
  const named = words.filter((word) => word !== PREVIOUS);
  const runs = new Map<string, KeptRun>();
  for (const word of new Set(named)) runs.set(word, await findRun(workspace, word));
  const [base, ...others] = await Promise.all(
    words.map(async (word) => runs.get(word) ?? previousOf(workspace, [...runs.values()][0])),
  );
  const comparisons = await compareRuns(comparable(base!), others.map(comparable));
  if (json) {
    print(JSON.stringify(comparisons, undefined, 2));
    return;
  }
  print(comparisons.map(comparisonText).join("\n\n"));
}

function comparable({ benchmark, hash, dir, facts }: KeptRun) {
  return { name: `${benchmark} ${hash}`, dir, facts };
}

/** A benchmark's present run, or a kept one by the beginning of its hash. */
async function findRun(workspace: Workspace, word: string): Promise<KeptRun> {
  const dirs = HASH.test(word) ? await findRuns(workspace, word) : [];
  if (dirs.length === 1) return readRun(dirs[0]!);
  if (dirs.length > 1) {
    throw new FerBenchError("bad-config", `"${word}" begins the hashes of ${dirs.length} runs`, {
      file: workspace.runsDir,
      remedy: `name one of ${dirs.map((dir) => basename(dir)).join(", ")}`,
    });
  }
  return keepRun(workspace, await loadRun(workspace, word));
}

/** The run of the same benchmark that came before this one. */
async function previousOf(workspace: Workspace, of: KeptRun | undefined): Promise<KeptRun> {
  const kept = of === undefined ? [] : await readResults(workspace);
  const results = kept.filter(({ benchmark }) => benchmark === of?.benchmark);
  const isOther = ({ hash }: KeptResult) => hash !== of?.hash;
  const before = results
    .slice(
      0,
      results.findLastIndex((result) => !isOther(result)),
    )
    .findLast(isOther);
  if (before !== undefined) return readRun(join(workspace.runsDir, before.benchmark, before.hash));
  throw new FerBenchError("missing", whyNone(of, results.some(isOther)), {
    file: relative(process.cwd(), workspace.runsDir) || workspace.runsDir,
    remedy: `name a benchmark beside "${PREVIOUS}", and run it at least twice: each report keeps its run`,
  });
}

function whyNone(of: KeptRun | undefined, hasLater: boolean): string {
  if (of === undefined) return "there is no run that one could be previous to";
  const { benchmark, hash } = of;
  return hasLater
    ? `no run of ${benchmark} is kept from before ${hash}`
    : `no run of ${benchmark} is kept but ${hash}`;
}
