import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { z } from "zod";
import { runNx } from "./nx.ts";

/** A task that Nx would run. */
export interface PlannedTask {
  /** Nx's name of it, `<project>:<stage>`. */
  readonly id: string;
  readonly project: string;
  readonly stage: string;
  /** Where it writes, relative to the workspace. */
  readonly outputs: readonly string[];
  /** The planned tasks that it waits for, those alone that no other of these waits for already. */
  readonly after: readonly string[];
}

/** Set to 1, lets no stage run: one that is not in the cache fails. The command line heeds it. */
const ONLY_CACHED = "FER_BENCH_ONLY_CACHED";

const graphSchema = z.object({
  graph: z.object({
    nodes: z.record(
      z.string(),
      z.object({
        data: z.object({ targets: z.record(z.string(), z.object({ executor: z.string().optional() })) }),
      }),
    ),
  }),
  tasks: z.object({
    tasks: z.record(
      z.string(),
      z.object({
        id: z.string(),
        target: z.object({ project: z.string(), target: z.string() }),
        outputs: z.array(z.string()),
      }),
    ),
    dependencies: z.record(z.string(), z.array(z.string())),
  }),
});

const recordSchema = z.object({
  run: z.object({ startTime: z.string() }),
  tasks: z.array(z.object({ taskId: z.string(), cacheStatus: z.string() })),
});

/**
 * The tasks that Nx would run for a target of some projects, each after those that it waits for. What the cache has, the
 * shared one, too, is restored on the way: only then can Nx tell what comes behind.
 */
export async function planTasks(
  root: string,
  target: string,
  projects: readonly string[],
): Promise<PlannedTask[]> {
  const what = ["run-many", "-t", target, "-p", projects.join(",")];
  const { graph, tasks } = await readGraph(root, what);
  const cached = await tasksOfCache(root, what);
  const isDone = (id: string) => cached.has(id);
  const isTask = (id: string) => {
    const { project, target: stage } = tasks.tasks[id]!.target;
    return graph.nodes[project]?.data.targets[stage]?.executor !== "nx:noop";
  };
  /** The planned tasks behind a task, through those that are none themselves. */
  const behind = (id: string): string[] =>
    (tasks.dependencies[id] ?? []).flatMap((other) =>
      isDone(other) ? [] : isTask(other) ? [other] : behind(other),
    );
  const planned = Object.keys(tasks.tasks).filter((id) => isTask(id) && !isDone(id));
  const direct = new Map(planned.map((id) => [id, [...new Set(behind(id))].sort()]));
  const reached = reachable(direct);
  return inOrder(planned, direct).map((id) => {
    const after = direct.get(id)!;
    const { target: of, outputs } = tasks.tasks[id]!;
    return {
      id,
      project: of.project,
      stage: of.target,
      outputs,
      after: after.filter((one) => !after.some((other) => reached.get(other)!.has(one))),
    };
  });
}

async function readGraph(root: string, what: readonly string[]): Promise<z.output<typeof graphSchema>> {
  const { status, stdout, output } = await runNx(root, [...what, "--graph=stdout"]);
  const json = stdout.slice(stdout.indexOf("{"));
  if (status !== 0 || json === "") throw notPlanned(output);
  return parseConfig(graphSchema, JSON.parse(json), "nx --graph=stdout");
}

/** Lets Nx restore what it can, and run nothing; its record of the run says which tasks it had. */
async function tasksOfCache(root: string, what: readonly string[]): Promise<Set<string>> {
  const started = new Date().toISOString();
  const { output } = await runNx(root, [...what, "--nxBail=false", "--outputStyle=stream"], {
    [ONLY_CACHED]: "1",
  });
  const folder = process.env.NX_CACHE_DIRECTORY ?? join(root, ".nx", "cache");
  const file = join(folder, "run.json");
  const text = await readFile(file, "utf8").catch(() => {
    throw notPlanned(output);
  });
  const record = parseConfig(recordSchema, JSON.parse(text), file);
  if (record.run.startTime < started) throw notPlanned(output);
  return new Set(
    record.tasks.filter(({ cacheStatus }) => cacheStatus !== "cache-miss").map(({ taskId }) => taskId),
  );
}

function notPlanned(output: string): FerBenchError {
  return new FerBenchError("bad-config", `Nx cannot say what it would run:\n${output.trim()}`, {
    remedy: "run the same with npx nx, and mend what it names",
  });
}

/** Of each task, all that come before it. */
function reachable(direct: ReadonlyMap<string, readonly string[]>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const visit = (id: string): Set<string> => {
    const known = found.get(id);
    if (known) return known;
    const before = new Set(direct.get(id)!.flatMap((other) => [other, ...visit(other)]));
    found.set(id, before);
    return before;
  };
  for (const id of direct.keys()) visit(id);
  return found;
}

/** Each task after those it waits for, else by name. */
function inOrder(ids: readonly string[], direct: ReadonlyMap<string, readonly string[]>): string[] {
  const order = new Set<string>();
  const visit = (id: string) => {
    if (order.has(id)) return;
    for (const other of direct.get(id)!) visit(other);
    order.add(id);
  };
  for (const id of [...ids].sort()) visit(id);
  return [...order];
}
