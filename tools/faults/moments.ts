import { type FSWatcher, watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ARTIFACT_FILE, randomInt } from "@fer-bench/artifacts";
import type { Trial } from "./fault.ts";
import { type StageProcess, startStage } from "./stage-process.ts";

/** A moment of a stage's run. */
interface Moment {
  readonly how: string;
  /** Comes to pass at the moment, or never. `start` begins the run, once its folder is watched. */
  reach<T>(start: () => T): Promise<{ started: T; reached: Promise<void> }>;
}

/** Starts the trial's stage; comes back at a moment drawn for it, or when it has ended before. */
export async function startToMoment(trial: Trial): Promise<{ how: string; started: StageProcess }> {
  const moment = drawMoment(trial);
  const { started, reached } = await moment.reach(() => startStage(trial.stage, trial.workspace));
  await Promise.race([reached, started.ended]);
  return { how: moment.how, started };
}

/** Draws a moment: any of the whole run, of its end, or one at which it writes or renames. */
function drawMoment(trial: Trial): Moment {
  const { random, undisturbed } = trial;
  const kind = randomInt(random, 4);
  if (kind === 0) return after(random.next() * undisturbed.milliseconds);
  if (kind === 1) return after((0.7 + 0.4 * random.next()) * undisturbed.milliseconds);
  const delay = random.next() < 0.5 ? 0 : 10 * random.next() ** 2;
  if (kind === 2) {
    const count = 1 + randomInt(random, 16);
    return atChange(trial, `at change ${count} of what it writes`, delay, () => {
      let seen = 0;
      return () => ++seen === count;
    });
  }
  const sign = [ARTIFACT_FILE, "provenance.json", basename(trial.stage.output)][randomInt(random, 3)]!;
  return atChange(trial, `as ${sign} comes`, delay, () => (name) => name === sign);
}

function after(milliseconds: number): Moment {
  return {
    how: `after ${Math.round(milliseconds)} ms`,
    reach: async (start) => ({ started: start(), reached: wait(milliseconds) }),
  };
}

/** When something changes in the folder that the stage is writing, or beside it. */
function atChange(
  { stage, workspace }: Trial,
  sign: string,
  delay: number,
  createTest: () => (name: string) => boolean,
): Moment {
  return {
    how: `${sign}${delay > 0 ? `, ${delay.toFixed(1)} ms later` : ""}`,
    async reach(start) {
      const parent = dirname(join(workspace.root, stage.output));
      const unfinished = `.${basename(stage.output)}.partial-`;
      await mkdir(parent, { recursive: true });
      const watchers: FSWatcher[] = [];
      const isIt = createTest();
      const reached = new Promise<void>((done) => {
        const look = (name: string | null): void => {
          if (!isIt(name ?? "")) return;
          for (const watcher of watchers) watcher.close();
          setTimeout(done, delay);
        };
        const watched = new Set<string>();
        watchers.push(
          watch(parent, (_, name) => {
            if (name?.startsWith(unfinished) && !watched.has(name)) {
              watched.add(name);
              try {
                watchers.push(watch(join(parent, name), (_, file) => look(file)));
              } catch {
                // It is gone again.
              }
            }
            look(name);
          }),
        );
        for (const watcher of watchers) watcher.unref();
      });
      return { started: start(), reached };
    },
  };
}
