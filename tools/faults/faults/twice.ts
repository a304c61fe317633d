import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { startStage } from "../stage-process.ts";

/** Two processes run the stage at once. */
export const twice: Fault = {
  name: "twice",
  title: "two processes at once",
  async inject({ stage, workspace, undisturbed, random }) {
    const apart = random.next() ** 2 * undisturbed.milliseconds;
    const first = startStage(stage, workspace);
    await wait(apart);
    const second = startStage(stage, workspace);
    return {
      how: `the second ${Math.round(apart)} ms after the first`,
      endings: [await first.ended, await second.ended],
    };
  },
};
