import { describe, expect, it } from "vitest";
import { groupIntoJobs, type SizedTask } from "./jobs.ts";

const resources = { cpus: 1, memoryMB: 1000, minutes: 10, gpus: 0 };
const task = (id: string, ...after: string[]): SizedTask => {
  const [project, stage] = id.split(":") as [string, string];
  return { id, project, stage, outputs: [], after, resources };
};
const describeJobs = (tasks: readonly SizedTask[]) =>
  groupIntoJobs(tasks).map(({ tasks: members, after }) => {
    const names = after.map(({ job, element }) => (element === undefined ? `${job}` : `${job}_${element}`));
    return `${members.map(({ id }) => id).join(" ")} after ${names.join(" ") || "nothing"}`;
  });

describe("tasks as jobs", () => {
  it("makes arrays of what is alike, and waits for elements or for all of one", () => {
    const cells = ["a", "b", "c"];
    const jobs = describeJobs([
      task("set:prepare"),
      task("grid:features", "set:prepare"),
      ...cells.map((cell) => task(`grid/${cell}:train`, "grid:features")),
      ...cells.map((cell) => task(`grid/${cell}:evaluate`, `grid/${cell}:train`)),
      task("grid:report", ...cells.map((cell) => `grid/${cell}:evaluate`)),
      task("grid:merge", ...cells.map((cell) => `grid/${cell}:train`)),
    ]);
    expect(jobs).toEqual([
      "set:prepare after nothing",
      "grid:features after 0",
      "grid/a:train grid/b:train grid/c:train after 1",
      "grid/a:evaluate after 2_0",
      "grid/b:evaluate after 2_1",
      "grid/c:evaluate after 2_2",
      "grid:report after 3 4 5",
      "grid:merge after 2",
    ]);
  });

  it("keeps apart what asks for different resources", () => {
    const larger = { ...task("b:train"), resources: { ...resources, memoryMB: 2000 } };
    expect(describeJobs([task("a:train"), larger])).toEqual([
      "a:train after nothing",
      "b:train after nothing",
    ]);
  });

  it("makes no array that is longer than Slurm takes", () => {
    const many = Array.from({ length: 1001 }, (_, i) => task(`cell-${i}:train`));
    const jobs = groupIntoJobs([...many, task("all:report", ...many.map(({ id }) => id))]);
    expect(jobs.map(({ tasks }) => tasks.length)).toEqual([1000, 1, 1]);
    expect(jobs[2]!.after).toEqual([{ job: 0 }, { job: 1 }]);
  });
});
