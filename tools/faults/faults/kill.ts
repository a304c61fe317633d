import type { Fault } from "../fault.ts";
import { startToMoment } from "../moments.ts";

/** SIGKILL, at any moment. */
export const kill: Fault = {
  name: "kill",
  title: "SIGKILL",
  async inject(trial) {
    const { how, started } = await startToMoment(trial);
    started.signal("SIGKILL");
    return {
      how: `SIGKILL ${how}`,
      endings: [await started.ended],
      explains: ({ signal }) => signal === "SIGKILL",
    };
  },
};
