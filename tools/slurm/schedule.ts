/** A task, how long it takes, and the tasks that it waits for. */
export interface TimedTask {
  readonly id: string;
  readonly seconds: number;
  readonly after: readonly string[];
}

/**
 * How long tasks take on so many nodes that each run one at a time, in the order in which they are given among those that
 * could run: what Slurm does with jobs of one priority (R. L. Graham, "Bounds on multiprocessing timing anomalies", SIAM
 * Journal on Applied Mathematics 17 (1969) 416-429). `between` seconds go by on a node from one task to the next.
 *
 * @throws RangeError where a task waits for one that is not there, or for itself
 */
export function makespan(tasks: readonly TimedTask[], nodes: number, between = 0): number {
  const ends = new Map<string, number>();
  const free = Array<number>(nodes).fill(0);
  let open = [...tasks];
  while (open.length > 0) {
    const node = free.indexOf(Math.min(...free));
    const readyAt = ({ after }: TimedTask) =>
      Math.max(0, ...after.map((id) => ends.get(id) ?? Number.POSITIVE_INFINITY));
    const soonest = Math.min(...open.map(readyAt));
    if (soonest === Number.POSITIVE_INFINITY)
      throw new RangeError(`${open[0]!.id} waits for what never ends`);
    const now = Math.max(free[node]!, soonest);
    const next = open.find((task) => readyAt(task) <= now)!;
    ends.set(next.id, now + next.seconds);
    free[node] = now + next.seconds + between;
    open = open.filter((task) => task !== next);
  }
  return Math.max(0, ...ends.values());
}

/** What no number of nodes goes below: the longest chain. */
export function criticalPath(tasks: readonly TimedTask[]): number {
  return makespan(tasks, Math.max(1, tasks.length));
}
