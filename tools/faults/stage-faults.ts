import { createRandom } from "@fer-bench/artifacts";
import type { Fault, Trial } from "./fault.ts";
import { FAULTS } from "./faults/index.ts";
import { judge, putEarlierResult, type Verdict } from "./judge.ts";
import { mountDisk, unmountDisk, whyNoDisk } from "./own-disk.ts";
import type { Part, PartOptions, PartResult } from "./part.ts";
import { createSmallWorkspaces, type SmallWorkspaces } from "./small-workspaces.ts";
import { BUILD, SOURCES } from "./stage-process.ts";
import { STAGES, type StageUnderTest } from "./stages.ts";

/** Of each other fault there are so many for every kill, and at least one a stage. */
const SHARE_OF_OTHERS = 0.05;
const KILLS = 1000;

/** Every fault in every stage. `runs` is the number of kills; of the others there are a twentieth each, or one a stage. */
export const stageFaults: Part = { name: "faults", run: injectFaults };

interface PlannedTrial {
  readonly fault: Fault;
  readonly stage: StageUnderTest;
  /** Counts the trials of this fault in this stage. */
  readonly number: number;
}

interface FinishedTrial extends PlannedTrial, Verdict {}

async function injectFaults(options: PartOptions): Promise<PartResult> {
  const started = performance.now();
  const noDisk = await whyNoDisk();
  if (noDisk !== undefined) options.print(`faults of the disk are skipped: ${noDisk}`);
  const faults = named(FAULTS, options.only, "--only").filter(
    ({ ownDisk }) => !ownDisk || noDisk === undefined,
  );
  const stages = named(STAGES, options.stage, "--stage");
  const planned = planTrials(faults, stages, options.runs ?? KILLS);
  options.print(`${planned.length} trials; first the undisturbed runs`);
  const workspaces = await createSmallWorkspaces(upTo(stages), options.built ? BUILD : SOURCES);
  const finished: FinishedTrial[] = [];
  const wrong: string[] = [];
  try {
    const isLate = () => performance.now() - started > (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < planned.length && !isLate()) {
        const trial = planned[next++]!;
        const { verdict, how } = await runTrial(workspaces, trial, options.seed);
        finished.push({ ...trial, ...verdict });
        const name = `${trial.fault.name}, ${trial.stage.name}, ${trial.number} of seed ${options.seed}`;
        for (const problem of verdict.problems) wrong.push(`${name} (${how}): ${problem}`);
        if (verdict.problems.length > 0) options.print(`${name} (${how}): ${verdict.problems.join("; ")}`);
        if (finished.length % 20 === 0) options.print(`${finished.length} of ${planned.length} trials`);
      }
    };
    await Promise.all(Array.from({ length: options.jobs }, lane));
    if (finished.length < planned.length)
      options.print(`time is up after ${finished.length} of ${planned.length} trials`);
  } finally {
    await workspaces.remove();
  }
  return {
    title: `Faults injected, seed ${options.seed}`,
    rows: tally(finished, faults, stages),
    wrong,
  };
}

/** Those of the names, which semicolons part: a stage's may have a comma; all where there are none. */
function named<T extends { name: string }>(all: readonly T[], names: string | undefined, flag: string): T[] {
  if (names === undefined) return [...all];
  return names.split(";").map((name) => {
    const found = all.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new Error(`${flag} ${name} is none of ${all.map((one) => one.name).join("; ")}`);
  });
}

/** The stages, and what has to run before them. */
function upTo(stages: readonly StageUnderTest[]): StageUnderTest[] {
  const needed = new Set(stages.flatMap(({ output, before }) => [output, ...before]));
  return STAGES.filter(({ output }) => needed.has(output));
}

/** The stages take turns, so that each has as many trials of a fault as the others, give or take one. */
function planTrials(
  faults: readonly Fault[],
  stages: readonly StageUnderTest[],
  kills: number,
): PlannedTrial[] {
  const ofEach = faults.map((fault) => {
    const concerned = stages.filter((stage) => fault.concerns?.(stage) ?? true);
    const others = Math.max(concerned.length, Math.ceil(kills * SHARE_OF_OTHERS));
    const count = fault.name === "kill" ? kills : others;
    if (concerned.length === 0) return [];
    return Array.from({ length: count }, (_, i) => ({
      fault,
      stage: concerned[i % concerned.length]!,
      number: Math.floor(i / concerned.length),
    }));
  });
  // Faults take turns, too: where time is up, each was met.
  const longest = Math.max(...ofEach.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => ofEach.flatMap((trials) => trials[i] ?? [])).flat();
}

async function runTrial(
  workspaces: SmallWorkspaces,
  { fault, stage, number }: PlannedTrial,
  seed: number,
): Promise<{ verdict: Verdict; how: string }> {
  const folder = await workspaces.folder();
  if (fault.ownDisk) mountDisk(folder);
  try {
    const workspace = await workspaces.before(stage, folder);
    const random = createRandom("faults", seed, fault.name, stage.name, number);
    const trial: Trial = { stage, workspace, undisturbed: workspaces.undisturbed(stage), random };
    const earlier = random.next() < 0.4 ? await putEarlierResult(trial) : undefined;
    const injected = await fault.inject(trial);
    const how = `${injected.how}${earlier === undefined ? "" : ", over an earlier result"}`;
    return { verdict: await judge(trial, injected, earlier), how };
  } finally {
    if (fault.ownDisk) unmountDisk(folder);
    await workspaces.discard(folder);
  }
}

function tally(
  finished: readonly FinishedTrial[],
  faults: readonly Fault[],
  stages: readonly StageUnderTest[],
): PartResult["rows"] {
  const rows: Record<string, string | number>[] = [];
  for (const stage of stages) {
    for (const fault of faults) {
      const trials = finished.filter((trial) => trial.stage === stage && trial.fault === fault);
      if (trials.length === 0) continue;
      const met = (word: Verdict["met"]) => trials.filter((trial) => trial.met === word).length;
      const wrong = trials.filter(({ problems }) => problems.length > 0).length;
      rows.push({
        stage: stage.name,
        fault: fault.title,
        runs: trials.length,
        "ended by it": met("ended by it"),
        "clear error": met("clear error"),
        "finished nevertheless": met("finished"),
        "right bytes in the end": trials.length - wrong,
        WRONG: wrong,
      });
    }
  }
  return rows;
}
