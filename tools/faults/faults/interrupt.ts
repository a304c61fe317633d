import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { startToMoment } from "../moments.ts";
import { filesIn } from "../small-workspaces.ts";

/** Signals this close to one another are one keypress, passed on by several. */
const APART_MS = 700;
/** A second signal ends it by then on a quiet machine; on a busy one, where its whole run takes long, later. */
const AT_ONCE_MS = 2000;
const INTERRUPTED = 130;

/** SIGINT, at any moment: nothing unfinished stays. */
export const interrupt: Fault = {
  name: "interrupt",
  title: "SIGINT",
  async inject(trial) {
    const { how, started } = await startToMoment(trial);
    started.signal("SIGINT");
    const ending = await started.ended;
    const left = (await filesIn(trial.workspace.root)).filter((file) => file.includes(".partial-"));
    return {
      how: `SIGINT ${how}`,
      endings: [ending],
      // Before fer-bench has begun, Node ends by the signal itself.
      explains: ({ status, signal }) => status === INTERRUPTED || signal === "SIGINT",
      problems: left.map((file) => `${file} stayed after SIGINT`),
    };
  },
};

/** SIGINT twice: the second one does not wait for anything. */
export const interruptTwice: Fault = {
  name: "interrupt-twice",
  title: "SIGINT, then another",
  async inject(trial) {
    const { how, started } = await startToMoment(trial);
    started.signal("SIGINT");
    await Promise.race([wait(APART_MS), started.ended]);
    const sent = performance.now();
    started.signal("SIGINT");
    const ending = await started.ended;
    const took = performance.now() - sent;
    const most = AT_ONCE_MS + trial.undisturbed.milliseconds / 2;
    return {
      how: `SIGINT ${how}, and again`,
      endings: [ending],
      explains: ({ status, signal }) => status === INTERRUPTED || signal === "SIGINT",
      problems: took > most ? [`it took ${Math.round(took)} ms to end after the second SIGINT`] : [],
    };
  },
};
