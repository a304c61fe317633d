import type { Fault } from "../fault.ts";
import { drawMoment } from "../moments.ts";
import { startStage } from "../stage-process.ts";

/** SIGKILL, at any moment. */
export const kill: Fault = {
  name: "kill",
  title: "SIGKILL",
  async inject(trial) {
    const moment = drawMoment(trial);
    const { started, reached } = await moment.reach(() => startStage(trial.stage, trial.workspace));
    await Promise.race([reached, started.ended]);
    started.signal("SIGKILL");
    return {
      how: `SIGKILL ${moment.how}`,
      endings: [await started.ended],
      explains: ({ signal }) => signal === "SIGKILL",
    };
  },
};
