import { FerBenchError, type Progress, removeUnfinished } from "@fer-bench/artifacts";

/** A terminal, Nx and the launcher each pass a keypress on: signals so close to one another are one. */
const ONE_KEYPRESS_MS = 500;
/** How long work may take to come to a place where it can stop; then it is stopped where it is. */
const PATIENCE_MS = 5000;

const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** What a signal asked for; undefined while there was none. */
export interface Interrupts {
  /** Of the signal that came: 128 and its number. */
  readonly status: number | undefined;
  /** The same progress; where a signal has come, the next thing to be told of ends the work. */
  interruptible(progress: Progress): Progress;
}

/**
 * From now on SIGINT and SIGTERM let the work stop at its next step, remove what is not finished, and end the process; a
 * second one ends it at once.
 */
export function watchForInterrupts(): Interrupts {
  let status: number | undefined;
  let first = Number.NEGATIVE_INFINITY;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (status === undefined) {
        first = now;
        status = STATUS[signal];
        process.stderr.write("stopping: what is not finished is removed; once more stops at once\n");
        setTimeout(() => stopHere(status!), PATIENCE_MS).unref();
      } else if (now - first > ONE_KEYPRESS_MS) stopHere(STATUS[signal]);
    });
  }
  const check = (): void => {
    if (status === undefined) return;
    throw new FerBenchError("interrupted", "stopped before it was finished", {
      remedy: "run the same command to begin again; training goes on where it was",
    });
  };
  return {
    get status() {
      return status;
    },
    interruptible: ({ start, note }) => ({
      start(...args) {
        check();
        const task = start(...args);
        return {
          update(...given) {
            task.update(...given);
            check();
          },
          end: task.end,
        };
      },
      note,
    }),
  };
}

function stopHere(status: number): never {
  removeUnfinished();
  process.exit(status);
}
