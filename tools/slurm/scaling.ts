/**
 * How the time of a finished submission falls with the nodes: what it took, and what its tasks, each as long as it was
 * measured, take on other numbers of nodes.
 *
 *   node --conditions=@fer-bench/source --import tsx tools/slurm/scaling.ts [--nodes 1,2,4,8,16] <workspace>/jobs/<submission>...
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { criticalPath, makespan, type TimedTask } from "./schedule.ts";

interface Submission {
  id: string;
  tasks: { task: string; after: string[]; stateFile: string | null }[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: "string", default: "1,2,4,8,16" } },
});
const counts = values.nodes.split(",").map(Number);

/** When a task began and ended, in ms, and where; of one that began more than once, the last time. */
async function measured(file: string): Promise<{ start: number; end: number; node: string }> {
  const lines = (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const [at, node, word] = lines.at(-1)!;
  const start = lines.findLast(([, , said]) => said === "started");
  if (word !== "done" || start === undefined) throw new Error(`${file}: this task did not come to its end`);
  return { start: Date.parse(start[0]!), end: Date.parse(at!), node: node! };
}

for (const dir of positionals) {
  const { id, tasks } = JSON.parse(await readFile(join(dir, "submission.json"), "utf8")) as Submission;
  const times = await Promise.all(
    tasks.map(({ task, stateFile }) => {
      if (stateFile === null) throw new Error(`${task} was run where nobody here sees how long`);
      return measured(stateFile);
    }),
  );
  const timed: TimedTask[] = tasks.map(({ task, after }, i) => ({
    id: task,
    after,
    seconds: (times[i]!.end - times[i]!.start) / 1000,
  }));
  const nodes = new Set(times.map(({ node }) => node)).size;
  const took =
    (Math.max(...times.map(({ end }) => end)) - Math.min(...times.map(({ start }) => start))) / 1000;
  const one = makespan(timed, 1);
  const rows = counts.map((count) => {
    const seconds = makespan(timed, count);
    return `| ${count} | ${count === nodes ? took.toFixed(0) : ""} | ${seconds.toFixed(0)} | ${(one / seconds).toFixed(2)} |`;
  });
  process.stdout.write(`${id}: ${tasks.length} tasks, the longest chain ${criticalPath(timed).toFixed(0)} s

| nodes | measured, s | worked out, s | times as fast as one |
| ----: | ----------: | ------------: | -------------------: |
${rows.join("\n")}
`);
}
