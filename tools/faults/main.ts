/*
 * npm run test:faults -- [--part faults|nx|fuzz] [--runs 1000] [--seed 1] [--stage train] [--only "kill;twice"] [--jobs 2]
 *   [--minutes 60] [--out folder]
 *
 * Injects faults into every stage and says what came of them. Each part's table goes to the terminal and, as
 * <part>.md and <part>.json, to the folder `--out`. Exit status 1 where anything came out wrong.
 */
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { markdownTable } from "./markdown-table.ts";
import { nxKills } from "./nx-kills.ts";
import type { Part } from "./part.ts";
import { stageFaults } from "./stage-faults.ts";

const parts: readonly Part[] = [stageFaults, nxKills, fuzz];

const { values } = parseArgs({
  options: {
    part: { type: "string" },
    runs: { type: "string" },
    seed: { type: "string", default: "1" },
    stage: { type: "string" },
    only: { type: "string" },
    jobs: { type: "string" },
    minutes: { type: "string" },
    out: { type: "string", default: join("dist", "faults") },
  },
});

const chosen = parts.filter(({ name }) => values.part === undefined || values.part === name);
if (chosen.length === 0) {
  throw new Error(`--part ${values.part} is none of ${parts.map(({ name }) => name).join(", ")}`);
}
const { status } = spawnSync("npx", ["tsc", "-b"], { stdio: "inherit" });
if (status !== 0) throw new Error("the packages could not be built");
await mkdir(values.out, { recursive: true });
for (const part of chosen) {
  const result = await part.run({
    runs: values.runs === undefined ? undefined : wholeNumber("--runs", values.runs),
    seed: wholeNumber("--seed", values.seed),
    stage: values.stage,
    only: values.only,
    built: true,
    minutes: values.minutes === undefined ? undefined : wholeNumber("--minutes", values.minutes),
    jobs: values.jobs === undefined ? availableParallelism() : wholeNumber("--jobs", values.jobs),
    print: (line) => process.stderr.write(`${line}\n`),
  });
  const table = `${result.title}\n\n${markdownTable(result.rows)}`;
  process.stdout.write(`${table}\n`);
  await writeFile(join(values.out, `${part.name}.md`), table);
  await writeFile(join(values.out, `${part.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  for (const line of result.wrong) process.stderr.write(`WRONG: ${line}\n`);
  if (result.wrong.length > 0) process.exitCode = 1;
}

function wholeNumber(flag: string, value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`${flag} ${value}: a whole number expected`);
  return number;
}
