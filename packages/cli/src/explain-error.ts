import { describeError, EXIT_STATUS, FerBenchError } from "@fer-bench/artifacts";

/**
 * Says on stderr what went wrong, and gives the exit status that says so, too.
 * @param interrupted the status of the signal that came, if one did
 */
export function explain(error: unknown, interrupted?: number): number {
  if (error instanceof FerBenchError) {
    process.stderr.write(`error: ${describeError(error)}\n`);
    return interrupted ?? EXIT_STATUS[error.code];
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error: a fault of fer-bench itself; please report it with these lines\n${text}\n`);
  return EXIT_STATUS.internal;
}
