import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openArtifact, runStage } from "@fer-bench/artifacts";
import type { Injected, Trial } from "./fault.ts";
import { filesIn } from "./small-workspaces.ts";
import { type Ending, isClearError, startStage } from "./stage-process.ts";

/** What came of a trial. */
export interface Verdict {
  /** How the processes ended that met the fault: the last of these words that is true of any. */
  readonly met: "finished" | "ended by it" | "clear error";
  /** What must not be; none where all is right. */
  readonly problems: readonly string[];
}

/** Puts the whole result of an earlier run, of another configuration, where the stage's result will be. */
export async function putEarlierResult({ stage, workspace }: Trial): Promise<string> {
  const dir = join(workspace.root, stage.output);
  const { identity } = await runStage({ stage: stage.stage, dir, config: {} }, async (out) => {
    await writeFile(join(out, "earlier.txt"), "of another configuration");
  });
  return identity;
}

/**
 * Judges a trial after its fault: what is there is whole or not there, every process finished, was ended by the fault or
 * said clearly what was wrong, the next run gives the bytes of an undisturbed one, and nothing else stays.
 */
export async function judge(trial: Trial, injected: Injected, earlier: string | undefined): Promise<Verdict> {
  const { stage, workspace, undisturbed } = trial;
  const problems = [...(injected.problems ?? [])];
  const whole = new Set([undisturbed.identity, ...(earlier === undefined ? [] : [earlier])]);
  const after = await resultOf(trial);
  if (after !== "none" && !whole.has(after)) problems.push(`after the fault, its result is ${after}`);

  let met: Verdict["met"] = "finished";
  for (const ending of injected.endings) {
    if (ending.status === 0) {
      if (after !== undisturbed.identity) problems.push(`it finished, but its result is ${after}`);
    } else if (injected.explains?.(ending)) met = "ended by it";
    else if (isClearError(ending)) met = "clear error";
    else problems.push(`it ended without a clear error: ${describe(ending)}`);
  }

  const next = await startStage(stage, workspace).ended;
  if (next.status !== 0) problems.push(`the next run failed: ${describe(next)}`);
  const result = await resultOf(trial);
  if (result !== undisturbed.identity) problems.push(`after the next run, its result is ${result}`);
  const expected = new Set(undisturbed.files);
  for (const file of await filesIn(workspace.root)) {
    if (!expected.has(file)) problems.push(`${file} was left behind`);
  }
  problems.push(...(await resultsOf(workspace.root)));
  return { met, problems };
}

/** The identity of the stage's result as its files really are, "none", or what is wrong with it. */
async function resultOf({ stage, workspace }: Trial): Promise<string> {
  const dir = join(workspace.root, stage.output);
  if (!existsSync(dir)) return "none";
  return openArtifact(dir, stage.stage).then(
    ({ identity }) => identity,
    (error: Error) => `not whole: ${error.message}`,
  );
}

/** Of one run there is one result, however often it was made; processes that did so at once may have said it each. */
async function resultsOf(root: string): Promise<string[]> {
  const file = join(root, "runs", "results.jsonl");
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  const hashes = new Set(lines.map((line) => (JSON.parse(line) as { hash: string }).hash));
  return hashes.size === 1 ? [] : [`results.jsonl has lines of ${hashes.size} runs`];
}

function describe({ status, signal, output }: Ending): string {
  return `${signal ?? `exit status ${status}`}\n${output.trim()}`;
}
