import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { randomInt } from "@fer-bench/artifacts";
import type { Fault } from "../fault.ts";
import { filesIn } from "../small-workspaces.ts";
import { startStage } from "../stage-process.ts";

const YEAR_SECONDS = 31_556_952;

/** A clock that jumps forth and back by years, and files from the past and the future. */
export const clock: Fault = {
  name: "clock",
  title: "clock jumps",
  async inject({ stage, workspace, random }) {
    const seed = randomInt(random, 2 ** 31);
    for (const file of await filesIn(workspace.root)) {
      const time = Date.now() / 1000 + (random.next() - 0.5) * 20 * YEAR_SECONDS;
      await utimes(join(workspace.root, file), time, time);
    }
    const preload = `${new URL("jumping-clock.mjs", import.meta.url).href}?seed=${seed}`;
    const ending = await startStage(stage, workspace, preload).ended;
    return {
      how: `clock of seed ${seed}`,
      endings: [ending],
      problems: ending.status === 0 ? [] : [`it failed:\n${ending.output}`],
    };
  },
};
