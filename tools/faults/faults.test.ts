import { expect, test } from "vitest";
import { stageFaults } from "./stage-faults.ts";

/* A few of the faults that `npm run test:faults` injects by the thousand. */

test("after a fault the next run gives the bytes of an undisturbed one, and nothing stays", async () => {
  const said: string[] = [];
  const { rows, wrong } = await stageFaults.run({
    runs: 2,
    seed: 1,
    stage: "prepare",
    only: "kill;interrupt;disk-full;flip;twice",
    built: false,
    jobs: 2,
    print: (line) => said.push(line),
  });
  expect(wrong).toEqual([]);
  const skipped = said.filter((line) => line.includes("skipped"));
  if (skipped.length > 0) process.stderr.write(`${skipped.join("\n")}\n`);
  if (process.env.FER_BENCH_REQUIRE === "1") expect(skipped).toEqual([]);
  expect(rows).toHaveLength(skipped.length > 0 ? 4 : 5);
  // None of the damage went unnoticed.
  expect(rows.find(({ fault }) => String(fault).includes("flipped"))).toMatchObject({ "clear error": 1 });
}, 180_000);
